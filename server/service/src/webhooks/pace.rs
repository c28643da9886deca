//! How often webhooks of a configuration may do something. Kept in memory alone: forgotten, it costs a look more.

use std::collections::HashMap;

use domain::clock::Timestamp;
use domain::id::ConfigurationId;

/// Between two looks that webhooks lead to: who pushes twice in a moment waits this long for the second, and a flood is
/// no more than this to the Git host.
pub(super) const LOOK_SPACING_MILLISECONDS: i64 = 10_000;
/// Between two webhooks that are read, in the long run.
const EVERY_MILLISECONDS: i64 = 1_000;
/// How many may come at once: a push of many branches is one webhook for each.
const BURST: i64 = 30;
/// Between two notes of the same kind: what a page shows may be this old, and a flood writes nothing more.
const NOTE_SPACING_MILLISECONDS: i64 = 10_000;
/// Configurations that are remembered; far more than have a webhook that is busy at the same time.
const REMEMBERED_MAX: usize = 10_000;

/// What is noted for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    Taken,
    Refused,
}

/// Of all configurations whose webhooks came lately. Only those that exist are remembered: a sender cannot fill it.
#[derive(Debug, Default)]
pub(super) struct Paces(HashMap<ConfigurationId, Pace>);

/// Moments in milliseconds; 0 is long ago.
#[derive(Debug, Default)]
struct Pace {
    /// When as many would have been admitted if they had come evenly.
    even_until: i64,
    /// The last look that was planned; it may be to come.
    look: i64,
    taken: i64,
    refused: i64,
}

impl Paces {
    /// Whether one more may be read.
    pub(super) fn admits(&mut self, id: ConfigurationId, now: Timestamp) -> bool {
        let pace = self.of(id, now);
        // A clock that was set back does not lock anybody out for longer than a burst.
        let even_until = pace.even_until.clamp(now.0, now.0 + BURST * EVERY_MILLISECONDS);
        let admits = even_until + EVERY_MILLISECONDS <= now.0 + BURST * EVERY_MILLISECONDS;
        pace.even_until = if admits { even_until + EVERY_MILLISECONDS } else { even_until };
        admits
    }

    /// When the look is to be that a webhook of this moment leads to: now, or as soon as the last one is long enough ago.
    pub(super) fn next_look(&mut self, id: ConfigurationId, now: Timestamp) -> Timestamp {
        let pace = self.of(id, now);
        let planned = pace.look.min(now.0 + LOOK_SPACING_MILLISECONDS);
        pace.look = if planned > now.0 { planned } else { now.0.max(planned + LOOK_SPACING_MILLISECONDS) };
        Timestamp(pace.look)
    }

    /// Whether the last note of this kind is old enough for another; it is taken for written then.
    pub(super) fn is_to_be_noted(&mut self, id: ConfigurationId, noted: Noted, now: Timestamp) -> bool {
        let pace = self.of(id, now);
        let last = match noted {
            Noted::Taken => &mut pace.taken,
            Noted::Refused => &mut pace.refused,
        };
        let old = (now.0 - *last).abs() >= NOTE_SPACING_MILLISECONDS;
        if old {
            *last = now.0;
        }
        old
    }

    fn of(&mut self, id: ConfigurationId, now: Timestamp) -> &mut Pace {
        if self.0.len() >= REMEMBERED_MAX && !self.0.contains_key(&id) {
            self.0.retain(|_, pace| pace.is_busy(now));
            if self.0.len() >= REMEMBERED_MAX {
                self.0.clear();
            }
        }
        self.0.entry(id).or_default()
    }
}

impl Pace {
    /// Whether forgetting it would change anything.
    fn is_busy(&self, now: Timestamp) -> bool {
        let lately = now.0 - LOOK_SPACING_MILLISECONDS.max(NOTE_SPACING_MILLISECONDS);
        self.even_until > now.0 || [self.look, self.taken, self.refused].iter().any(|moment| *moment > lately)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const START: i64 = 1_790_000_000_000;

    fn id(number: u128) -> ConfigurationId {
        ConfigurationId(Uuid::from_u128(number))
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp(START + milliseconds)
    }

    // S-L3
    #[test]
    fn ten_thousand_webhooks_in_ten_seconds_plan_two_looks_and_most_are_too_many() {
        let mut paces = Paces::default();
        let (mut looks, mut admitted, mut notes) = (Vec::new(), 0, 0);
        for number in 0..10_000 {
            let now = at(number);
            admitted += i64::from(paces.admits(id(1), now));
            looks.push(paces.next_look(id(1), now));
            notes += i32::from(paces.is_to_be_noted(id(1), Noted::Taken, now));
        }
        looks.dedup();
        assert_eq!(looks, [at(0), at(LOOK_SPACING_MILLISECONDS)]);
        assert_eq!(admitted, BURST + 9);
        assert_eq!(notes, 1);
    }

    #[test]
    fn each_webhook_leads_to_a_look_that_is_not_before_it() {
        let mut paces = Paces::default();
        for now in [0, 1, 9_999, 10_000, 10_001, 19_000, 20_001, 45_000, 45_000, 1_000_000] {
            let look = paces.next_look(id(1), at(now));
            assert!(look >= at(now) && look <= at(now + LOOK_SPACING_MILLISECONDS), "{now}: {look:?}");
        }
    }

    #[test]
    fn a_quiet_configuration_is_looked_at_at_once_whatever_others_do() {
        let mut paces = Paces::default();
        for _ in 0..100 {
            paces.admits(id(1), at(0));
            paces.next_look(id(1), at(0));
        }
        assert!(!paces.admits(id(1), at(0)) && paces.admits(id(2), at(0)));
        assert_eq!(paces.next_look(id(2), at(0)), at(0));
        assert!(paces.admits(id(1), at(EVERY_MILLISECONDS)));
        assert_eq!(paces.next_look(id(1), at(60_000)), at(60_000));
    }

    #[test]
    fn a_clock_that_is_set_back_delays_nobody_for_long() {
        let mut paces = Paces::default();
        paces.next_look(id(1), at(3_600_000));
        for _ in 0..BURST {
            paces.admits(id(1), at(3_600_000));
        }
        assert!(paces.next_look(id(1), at(0)) <= at(LOOK_SPACING_MILLISECONDS));
        assert!(!paces.admits(id(1), at(0)));
        assert!(paces.admits(id(1), at(EVERY_MILLISECONDS)));
        assert!(paces.is_to_be_noted(id(1), Noted::Refused, at(0)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut paces = Paces::default();
        for number in 0..3 * REMEMBERED_MAX as u128 {
            paces.next_look(id(number), at(0));
            assert!(paces.0.len() <= REMEMBERED_MAX);
        }
        paces.next_look(id(u128::MAX), at(60_000));
        for number in 0..REMEMBERED_MAX as u128 {
            paces.next_look(id(number), at(120_000));
        }
        assert!(paces.0.len() <= REMEMBERED_MAX && !paces.0.contains_key(&id(u128::MAX)));
    }
}
