//! Lengths of time as Go writes them: `30s`, `1m30s`, `1.5h`, `300ms`.

/// Limits of a flag's duration, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The shortest.
    pub min_seconds: u64,
    /// The longest.
    pub max_seconds: u64,
}

impl Limits {
    /// For `--git-poll-interval` and `--sync-interval`: more often than every second would be a burden on Git hosts
    /// and clusters that a webhook saves, and less often than daily is no longer "continuously".
    pub const INTERVAL: Self = Self { min_seconds: 1, max_seconds: 24 * 60 * 60 };
    /// For `--git-timeout`: a worker is held meanwhile; what takes longer than 10 minutes will not come.
    pub const GIT_TIMEOUT: Self = Self { min_seconds: 1, max_seconds: 10 * 60 };
    /// For `--sync-timeout`: the longest generation and apply known to be useful; a worker is held meanwhile.
    pub const SYNC_TIMEOUT: Self = Self { min_seconds: 1, max_seconds: 60 * 60 };
    /// For flags without effect: the spelling is checked as Flux v1 does, the length is nobody's concern.
    pub const ANY: Self = Self { min_seconds: 0, max_seconds: u64::MAX };

    /// Whether a duration lies within.
    pub fn contain(self, nanoseconds: u128) -> bool {
        let second = u128::from(NANOSECONDS_PER_SECOND);
        (u128::from(self.min_seconds) * second..=u128::from(self.max_seconds) * second).contains(&nanoseconds)
    }
}

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

/// Units by the length of their name, so that `ms` is not read as `m`.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", NANOSECONDS_PER_SECOND),
    ("m", 60 * NANOSECONDS_PER_SECOND),
    ("h", 3_600 * NANOSECONDS_PER_SECOND),
];

/// Nanoseconds of a duration in Go's spelling; `None` for any other text, also for a number without unit and for
/// negative ones. A bare `0` is a duration for Go.
pub fn parse(text: &str) -> Option<u128> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|character: char| !is_number(character))?);
        let (unit, nanoseconds) = UNITS.into_iter().find(|(unit, _)| after.starts_with(unit))?;
        total = total.checked_add(scale(number, nanoseconds)?)?;
        rest = &after[unit.len()..];
    }
    Some(total)
}

/// Whole seconds, rounded up, so that a timeout is never shorter than asked for.
pub fn whole_seconds(nanoseconds: u128) -> u64 {
    u64::try_from(nanoseconds.div_ceil(u128::from(NANOSECONDS_PER_SECOND))).unwrap_or(u64::MAX)
}

/// Seconds in the shortest of Go's spellings without empty parts: `5m`, `1h30m`, `90s` is `1m30s`.
pub fn format(seconds: u64) -> String {
    let parts = [(seconds / 3600, 'h'), (seconds % 3600 / 60, 'm'), (seconds % 60, 's')];
    let written = parts.into_iter().filter(|(value, _)| *value > 0);
    let text = written.map(|(value, unit)| format!("{value}{unit}")).collect::<Vec<_>>().concat();
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn is_number(character: char) -> bool {
    character.is_ascii_digit() || character == '.'
}

/// `1.5` times a unit; digits of the fraction below a nanosecond are cut.
fn scale(number: &str, unit: u64) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut part: u128 = 0;
    let mut worth = u128::from(unit);
    let mut divisor: u128 = 1;
    for digit in fraction.chars().take(12) {
        divisor *= 10;
        part = part * 10 + u128::from(digit.to_digit(10)?);
    }
    worth = worth * part / divisor;
    whole.checked_mul(u128::from(unit))?.checked_add(worth)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let milliseconds = |text| parse(text).map(|nanoseconds| nanoseconds / 1_000_000);
        for (text, expected) in [
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1.5h", 5_400_000),
            ("300ms", 300),
            ("0", 0),
            (".5s", 500),
            ("1.s", 1_000),
            ("+5m", 300_000),
            ("1h1m1s1ms", 3_661_001),
            ("2000us", 2),
            ("2000µs", 2),
            ("1000000ns", 1),
            ("1m1m", 120_000),
        ] {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
        for bad in [
            "",
            "5",
            "5 m",
            "m",
            ".s",
            "1..5s",
            "-5s",
            "5d",
            "5M",
            "1m30",
            "five",
            "1e3s",
            "٣s",
            "999999999999999999999999999999999999999999s",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_limit_belongs_to_what_is_allowed() {
        let allowed = |text| parse(text).is_some_and(|nanoseconds| Limits::INTERVAL.contain(nanoseconds));
        assert!(allowed("1s") && allowed("24h"));
        assert!(!allowed("999ms") && !allowed("24h1ns"));
    }

    proptest! {
        #[test]
        fn a_written_duration_is_read_back(seconds in 0_u64..1_000_000) {
            prop_assert_eq!(parse(&format(seconds)).map(whole_seconds), Some(seconds));
        }
    }
}
