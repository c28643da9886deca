//! Texts of other people's servers, without the secrets that those were shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

/// Stands for a secret.
const HIDDEN: &str = "•••";
/// What is shorter is hidden only where it is all of a secret: a few letters may end any text.
const TAIL_MIN: usize = 4;
/// A shorter user name is nobody's token, and `git` or `x` would be hidden in the middle of words.
const USER_MIN: usize = 8;

/// Secrets that a text must not hold.
pub(super) struct Hidden(Vec<SecretString>);

impl Hidden {
    /// In the order in which they are looked for.
    pub(super) fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        Self(secrets.into_iter().filter(|secret| !secret.expose_secret().is_empty()).collect())
    }

    /// User and key as typed, in the address's spelling and as HTTP sends them together.
    pub(super) fn of_basic(user: &SecretString, key: &SecretString) -> Self {
        let (user, key) = (user.expose_secret(), key.expose_secret());
        let spelled = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let together = STANDARD.encode(format!("{user}:{key}"));
        let user = if user.len() < USER_MIN { "" } else { user };
        Self::new(
            [together, key.to_owned(), spelled(key), user.to_owned(), spelled(user)].map(SecretString::from),
        )
    }

    /// The text without them. A text may have been cut in the middle of one: what is left of it goes too.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut hidden = text.to_owned();
        for secret in self.0.iter().map(ExposeSecret::expose_secret) {
            hidden = hidden.replace(secret, HIDDEN);
        }
        for secret in self.0.iter().map(ExposeSecret::expose_secret) {
            let body = hidden.trim_end_matches('…');
            let mut beginnings = (TAIL_MIN..secret.len()).rev().filter_map(|end| secret.get(..end));
            if let Some(kept) = beginnings.find_map(|beginning| body.strip_suffix(beginning)) {
                hidden = format!("{kept}{HIDDEN}");
            }
        }
        hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_user_and_key_is_left() {
        let hidden = Hidden::of_basic(&"ada-lovelace".into(), &"s3cr/t key".into());
        for (said, shown) in [
            ("remote: no entry", "remote: no entry"),
            ("ada-lovelace may not with s3cr/t key!", "••• may not with •••!"),
            ("Basic YWRhLWxvdmVsYWNlOnMzY3IvdCBrZXk= is wrong", "Basic ••• is wrong"),
            ("http://host/?k=s3cr%2Ft+key", "http://host/?k=•••"),
            ("and so on until s3cr/…", "and so on until •••"),
            ("and so on until s3…", "and so on until s3…"),
        ] {
            assert_eq!(hidden.hide(said), shown);
        }
    }

    #[test]
    fn a_short_user_name_leaves_words_whole() {
        let hidden = Hidden::of_basic(&"git".into(), &"s3cr/t key".into());
        assert_eq!(hidden.hide("https://github.com: s3cr/t key"), "https://github.com: •••");
    }
}
