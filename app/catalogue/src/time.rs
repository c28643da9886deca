//! Ages and moments for people.

use crate::{Locale, text};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long ago something was, in the largest unit that fits: `12 s ago`.
pub fn age(locale: Locale, milliseconds: i64) -> String {
    let count = |unit: i64| u32::try_from(milliseconds.max(0) / unit).unwrap_or(u32::MAX);
    match milliseconds {
        ..MINUTE => text::age_seconds(locale, count(SECOND)),
        MINUTE..HOUR => text::age_minutes(locale, count(MINUTE)),
        HOUR..DAY => text::age_hours(locale, count(HOUR)),
        _ => text::age_days(locale, count(DAY)),
    }
}

/// How long something took: `420 ms`, `3.2 s`, `2 min`.
pub fn duration(locale: Locale, milliseconds: i64) -> String {
    let milliseconds = milliseconds.max(0);
    match milliseconds {
        ..SECOND => text::duration_milliseconds(locale, &milliseconds.to_string()),
        SECOND..MINUTE => {
            let tenths = milliseconds / 100;
            text::duration_seconds(locale, &format!("{}.{}", tenths / 10, tenths % 10))
        }
        _ => text::duration_minutes(locale, &(milliseconds / MINUTE).to_string()),
    }
}

/// An ISO 8601 moment in UTC as people read it: `2026-11-23 14:02:07 UTC`.
pub fn absolute(iso: &str) -> String {
    let without_fraction = iso.trim_end_matches('Z').split('.').next().unwrap_or_default();
    format!("{} UTC", without_fraction.replace('T', " "))
}
