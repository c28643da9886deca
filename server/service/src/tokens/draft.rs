//! What a token is made of.

use domain::access::Grant;
use domain::clock::Timestamp;
use domain::id::UserId;
use domain::service::{ServiceError, TOKEN_DAYS, TOKEN_DAYS_MAX, TOKEN_NAME_MAX, TOKEN_PREFIX, TokenDraft};
use domain::violation::{Field, Rule, Violations};

use crate::bearer::{new_token_text, stored_hash};
use crate::error::random;

/// Characters of a token that stay to be seen: enough to tell one's own tokens apart, and useless to guess the rest.
const SHOWN: usize = 6;
/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A draft without a fault, but for its limit, which only the database can check.
pub(super) struct CheckedDraft {
    pub(super) name: String,
    pub(super) days: u32,
}

/// A token's secret and what is stored of it.
pub(crate) fn new_token(
    user: UserId,
    name: &str,
    expires_at: Timestamp,
    limit: Option<Grant>,
) -> Result<(String, storage::NewToken), ServiceError> {
    let token = new_token_text().map_err(random)?;
    let new = storage::NewToken {
        hash: stored_hash(&token),
        user,
        name: name.to_owned(),
        prefix: token.chars().take(TOKEN_PREFIX.len() + SHOWN).collect(),
        expires_at,
        limit,
    };
    Ok((token, new))
}

/// When a token of so many days ends.
pub(crate) fn end(now: Timestamp, days: u32) -> Timestamp {
    now.plus_milliseconds(i64::from(days) * DAY)
}

pub(super) fn check(draft: &TokenDraft) -> Result<CheckedDraft, Violations> {
    let mut violations = Violations::default();
    let name = violations.keep(Field::TokenName, check_name(draft.name.trim()));
    let days = violations.keep(Field::TokenDays, check_days(draft.days.trim()));
    match (name, days) {
        (Some(name), Some(days)) => Ok(CheckedDraft { name, days }),
        _ => Err(violations),
    }
}

fn check_name(name: &str) -> Result<String, Rule> {
    crate::text::single_line(name, TOKEN_NAME_MAX).map(|()| name.to_owned())
}

fn check_days(days: &str) -> Result<u32, Rule> {
    if days.is_empty() {
        return Ok(TOKEN_DAYS);
    }
    let days = days.parse().ok().filter(|days| (1..=TOKEN_DAYS_MAX).contains(days));
    days.ok_or(Rule::NumberRange { min: 1, max: TOKEN_DAYS_MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, days: &str) -> TokenDraft {
        TokenDraft { name: name.to_owned(), days: days.to_owned(), ..TokenDraft::default() }
    }

    #[test]
    fn a_token_lives_90_days_unless_another_number_up_to_a_year_is_asked_for() {
        let days = |days: &str| check(&draft("ci", days)).map(|checked| checked.days);
        assert_eq!(days(""), Ok(90));
        assert_eq!(days(" 7 "), Ok(7));
        for wrong in ["0", "367", "-1", "1.5", "a week"] {
            let violations = days(wrong).expect_err(wrong);
            let range = Rule::NumberRange { min: 1, max: 366 };
            assert_eq!(violations.of(Field::TokenDays).collect::<Vec<_>>(), [&range], "{wrong}");
        }
    }

    #[test]
    fn a_token_has_a_name_of_one_line() {
        for (name, rule) in [("", Rule::Required), ("a\nb", Rule::ControlCharacter)] {
            let violations = check(&draft(name, "")).map(drop).expect_err(name);
            assert_eq!(violations.of(Field::TokenName).collect::<Vec<_>>(), [&rule], "{name}");
        }
    }
}
