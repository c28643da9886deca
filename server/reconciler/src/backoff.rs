//! When a failed sync is tried again: exponentially later, spread at random so that what failed together does
//! not come back together.

/// First retry comes after at most this.
const FIRST_MILLISECONDS: u64 = 5_000;
/// Later ones after at most this: a cause that is gone is noticed within a quarter of an hour.
const LAST_MILLISECONDS: u64 = 900_000;
/// Nobody waits less than this, so that full jitter never makes a tight loop.
const LEAST_MILLISECONDS: u64 = 1_000;

/// Milliseconds until the next try after so many failures in a row; `random` is between 0 and 1.
pub(crate) fn delay_milliseconds(failures: u32, random: f64) -> i64 {
    let doubled =
        FIRST_MILLISECONDS.saturating_mul(1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX));
    let ceiling = doubled.min(LAST_MILLISECONDS);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a quarter of an hour in milliseconds, times a number between 0 and 1"
    )]
    let spread = (ceiling as f64 * random.clamp(0.0, 1.0)) as u64;
    i64::try_from(spread.max(LEAST_MILLISECONDS)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_from_five_seconds_to_a_quarter_of_an_hour() {
        let ceilings: Vec<i64> =
            [1, 2, 3, 8, 9, 64, u32::MAX].map(|failures| delay_milliseconds(failures, 1.0)).to_vec();
        assert_eq!(ceilings, [5_000, 10_000, 20_000, 640_000, 900_000, 900_000, 900_000]);
    }

    #[test]
    fn nobody_waits_less_than_a_second() {
        assert_eq!(delay_milliseconds(1, 0.0), 1_000);
    }
}
