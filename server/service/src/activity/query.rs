//! What is asked for, as the database takes it.

use domain::access::Actor;
use domain::clock::Timestamp;
use domain::service::{ActivityQuery, OUTCOME_REFUSED, ServiceError};
use domain::violation::{Field, Rule, Violations};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::AuditFilter;

/// Of the places that the actor sees; a day that is none is refused by its field.
pub(super) fn filter(actor: &Actor, query: &ActivityQuery) -> Result<AuditFilter, ServiceError> {
    let ActivityQuery { filter, outcome, from, to, before } = query;
    let mut violations = Violations::default();
    let from = violations.keep(Field::ActivityFrom, begin(from, 0)).flatten();
    let until = violations.keep(Field::ActivityTo, begin(to, 1)).flatten();
    if !violations.is_empty() {
        return Err(ServiceError::Invalid { violations });
    }
    Ok(AuditFilter {
        visible: actor.visible(),
        user: (!actor.is_narrowed()).then_some(actor.user),
        text: filter.trim().to_owned(),
        refused: outcome == OUTCOME_REFUSED,
        from,
        until,
        before: *before,
    })
}

/// When a day begins in UTC, or the one so many days later; `None` for no day.
fn begin(day: &str, later: i64) -> Result<Option<Timestamp>, Rule> {
    let day = day.trim();
    if day.is_empty() {
        return Ok(None);
    }
    let written = day.len() == "2026-11-23".len();
    let day: Date = day.parse().ok().filter(|_| written).ok_or(Rule::Date)?;
    let begin = day.checked_add(later.days()).and_then(|day| day.to_zoned(TimeZone::UTC));
    begin.map(|begin| Some(Timestamp(begin.timestamp().as_millisecond()))).map_err(|_| Rule::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_from_midnight_to_midnight_in_utc() {
        // 2026-11-23T00:00:00Z
        let midnight = 1_795_392_000_000;
        assert_eq!(begin("2026-11-23", 0), Ok(Some(Timestamp(midnight))));
        assert_eq!(begin(" 2026-11-23 ", 1), Ok(Some(Timestamp(midnight + 24 * 3600 * 1000))));
        assert_eq!(begin("", 1), Ok(None));
        for wrong in ["yesterday", "2026-02-30", "23.11.2026", "2026-11-23T12:00", "20261123", "9999-12-31"] {
            let later = begin(wrong, 1);
            assert_eq!(later, Err(Rule::Date), "{wrong}");
        }
    }
}
