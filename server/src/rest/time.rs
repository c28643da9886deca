//! Times as ARM writes them.

use domain::clock::Timestamp;

/// What ARM says of a time that has not come: the first moment of its calendar.
pub const NEVER: &str = "0001-01-01T00:00:00+00:00";

/// `2020-09-08T05:10:57.027Z`
pub fn iso(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| NEVER.to_owned(), |timestamp| format!("{timestamp:.3}"))
}

/// The same, or [`NEVER`].
pub fn iso_or_never(at: Option<Timestamp>) -> String {
    at.map_or_else(|| NEVER.to_owned(), iso)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_its_milliseconds() {
        assert_eq!(iso(Timestamp(1_599_541_857_027)), "2020-09-08T05:10:57.027Z");
        assert_eq!(iso(Timestamp(1_599_541_857_000)), "2020-09-08T05:10:57.000Z");
        assert_eq!(iso_or_never(None), "0001-01-01T00:00:00+00:00");
    }
}
