//! How much of one kind is kept of one sender in an hour. In memory alone: a restart forgets it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::clock::Timestamp;

const HOUR_MILLISECONDS: i64 = 3_600_000;
/// Senders that are remembered in an hour; those beyond share what one has.
const SENDERS_MAX: usize = 10_000;
/// Whoever comes when that many are remembered.
const OTHERS: &str = "";

/// What came of each sender in this hour.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Of one sender; more of the same tell nothing new, and each is a write that nobody had a right to.
    per_hour: u32,
    hour: Mutex<Hour>,
}

#[derive(Debug, Default)]
struct Hour {
    number: i64,
    came: HashMap<String, u32>,
}

impl Pace {
    pub(crate) fn new(per_hour: u32) -> Self {
        Self { per_hour, hour: Mutex::default() }
    }

    /// Whether one more of this sender is kept; it is taken for kept then.
    pub(crate) fn admits(&self, sender: &str, now: Timestamp) -> bool {
        let mut hour = self.hour.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.0.div_euclid(HOUR_MILLISECONDS);
        if hour.number != number {
            *hour = Hour { number, came: HashMap::new() };
        }
        let known = hour.came.contains_key(sender) || hour.came.len() < SENDERS_MAX;
        let came = hour.came.entry(if known { sender } else { OTHERS }.to_owned()).or_default();
        *came = came.saturating_add(1);
        *came <= self.per_hour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sender_has_so_many_an_hour() {
        let pace = Pace::new(2);
        let admitted = |sender: &str, now| pace.admits(sender, Timestamp(now));
        assert_eq!([1, 2, 3].map(|now| admitted("a", now)), [true, true, false]);
        assert!(admitted("b", 4));
        assert!(admitted("a", HOUR_MILLISECONDS), "another hour");
    }

    #[test]
    fn a_flood_of_senders_is_counted_as_one_and_costs_no_memory() {
        let pace = Pace::new(2);
        for number in 0..SENDERS_MAX {
            assert!(pace.admits(&number.to_string(), Timestamp(0)));
        }
        let more = ["x", "y", "z"].map(|sender| pace.admits(sender, Timestamp(0)));
        assert_eq!(more, [true, true, false]);
        assert!(pace.admits("7", Timestamp(0)), "who came before is still known");
        assert_eq!(pace.hour.lock().unwrap().came.len(), SENDERS_MAX + 1);
    }
}
