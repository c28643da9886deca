//! What a password must be, after NIST SP 800-63B: long, not common, not made of the person's or the product's
//! name. Any characters, and no rule about which kinds of them.

use crate::violation::{Field, Rule, Violations};

mod common;

/// Shortest password in characters.
pub const PASSWORD_MIN: usize = 12;
/// Longest password in characters: a bound on what is hashed.
pub const PASSWORD_MAX: usize = 128;
/// What must be left of a password, in letters and digits, when names and common words are taken away; fewer are
/// tried in one go.
const OWN_CHARACTERS_MIN: usize = 6;
/// Shortest user name that is looked for inside a password: shorter ones are in every other word.
const CONTEXT_WORD_MIN: usize = 3;
/// How few different characters make a password guessable whatever its length.
const DIFFERENT_CHARACTERS_MIN: usize = 5;

/// Checks a new password and its repetition.
pub fn validate_password(user_name: &str, password: &str, password_again: &str) -> Result<(), Violations> {
    let mut violations = Violations::default();
    violations.keep(Field::Password, check_password(password, user_name));
    if password != password_again {
        violations.push(Field::PasswordAgain, Rule::PasswordsDiffer);
    }
    violations.or(|| ())
}

/// Checks a new password; breaks are [`Rule::Required`], [`Rule::TooShort`], [`Rule::TooLong`] or
/// [`Rule::PasswordCommon`].
pub fn check_password(password: &str, user_name: &str) -> Result<(), Rule> {
    match password.chars().count() {
        0 => Err(Rule::Required),
        length if length < PASSWORD_MIN => Err(Rule::TooShort { min: PASSWORD_MIN }),
        length if length > PASSWORD_MAX => Err(Rule::TooLong { max: PASSWORD_MAX }),
        _ if is_guessable(password, user_name) => Err(Rule::PasswordCommon),
        _ => Ok(()),
    }
}

fn is_guessable(password: &str, user_name: &str) -> bool {
    let lower = password.to_lowercase();
    let plain: String = lower.chars().map(common::without_disguise).collect();
    [lower, plain].into_iter().any(|password| {
        common::PASSWORDS.contains(&password.as_str())
            || different_characters(&password) < DIFFERENT_CHARACTERS_MIN
            || is_run(&password)
            || own_characters(&password, user_name) < OWN_CHARACTERS_MIN
    })
}

fn different_characters(text: &str) -> usize {
    let mut characters: Vec<char> = text.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    characters.len()
}

/// `abcdefghijkl`, `123456789012`, `qwertyuiop[]`, and the same backwards.
fn is_run(text: &str) -> bool {
    let backwards: String = text.chars().rev().collect();
    common::RUNS.iter().any(|run| run.contains(text) || run.contains(&backwards))
}

/// Letters and digits, of any script, that are left without names and common words.
fn own_characters(text: &str, user_name: &str) -> usize {
    let mut rest: String = text.chars().filter(|character| character.is_alphanumeric()).collect();
    let user_name = user_name.to_lowercase();
    let user_words = user_name.split(|character: char| !character.is_alphanumeric());
    let user_words = user_words.filter(|word| word.chars().count() >= CONTEXT_WORD_MIN);
    for word in user_words.chain(common::WORDS.iter().copied()) {
        rest = rest.replace(word, "");
    }
    let symbols = text.chars().filter(|character| !character.is_alphanumeric()).count();
    // A password of symbols alone has no words in it.
    if symbols > text.chars().count() / 2 { symbols } else { rest.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_password_of_any_characters_is_good() {
        for good in [
            "correct horse battery",
            "tr0ub4dor&3-xyz",
            "我的密码是很长很长的一句话",
            "~!@#$%^&*()_+",
            "ada loves engines",
            "k8Jv2mQx9LwZ",
            "password manager of my own",
            &"aB3$x".repeat(25),
        ] {
            assert_eq!(check_password(good, "ada"), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_password_has_12_to_128_characters() {
        assert_eq!(check_password("", "ada"), Err(Rule::Required));
        assert_eq!(check_password("k8Jv2mQx9Lw", "ada"), Err(Rule::TooShort { min: 12 }));
        assert_eq!(check_password(&"aB3$x".repeat(26), "ada"), Err(Rule::TooLong { max: 128 }));
        assert_eq!(check_password("密码是很长很长的一句话啊", "ada"), Ok(()));
    }

    #[test]
    fn common_passwords_are_refused() {
        for bad in [
            "password1234",
            "Password1234!",
            "P@ssw0rd1234",
            "passwordpassword",
            "123456789012",
            "abcdefghijkl",
            "qwertyuiopas",
            "aaaaaaaaaaaa",
            "121212121212",
            "abcabcabcabc",
            "iloveyou1234",
            "letmeinletmein",
            "admin1234admin",
            "welcome-2024!",
            "correcthorsebatterystaple",
            "lkjhgfdsapoiuytrewq",
            "changeme12345",
            "098765432109",
        ] {
            assert_eq!(check_password(bad, "ada"), Err(Rule::PasswordCommon), "{bad}");
        }
    }

    #[test]
    fn a_password_made_of_the_users_or_the_products_name_is_refused() {
        for bad in ["fairlead-2024", "Fairlead12345", "lovelace1234", "ada.lovelace.1", "FAIRLEADlovelace"] {
            assert_eq!(check_password(bad, "ada.lovelace"), Err(Rule::PasswordCommon), "{bad}");
        }
    }

    #[test]
    fn the_repetition_is_the_same() {
        assert_eq!(validate_password("ada", "k8Jv2mQx9LwZ", "k8Jv2mQx9LwZ"), Ok(()));
        let faults = validate_password("ada", "short", "other").expect_err("two faults");
        assert_eq!(faults.of(Field::Password).collect::<Vec<_>>(), [&Rule::TooShort { min: 12 }]);
        assert_eq!(faults.of(Field::PasswordAgain).collect::<Vec<_>>(), [&Rule::PasswordsDiffer]);
    }
}
