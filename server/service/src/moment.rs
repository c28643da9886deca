//! Times as pages show them.

use domain::clock::{Moment, Timestamp};

/// The moment with its ISO 8601 text in UTC, to the second.
pub fn moment(at: Timestamp) -> Moment {
    let seconds = at.0.div_euclid(1000);
    let iso =
        jiff::Timestamp::from_second(seconds).map(|timestamp| timestamp.to_string()).unwrap_or_default();
    Moment { at, iso }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_to_the_second() {
        assert_eq!(moment(Timestamp(1_763_906_527_999)).iso, "2025-11-23T14:02:07Z");
    }
}
