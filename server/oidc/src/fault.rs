//! Why a provider's word is not taken.

/// Sentences for the audit: without code, token or secret, and with nothing of what the provider wrote but words that
/// were checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It answered, and the answer does not pass.
    #[error("{0}")]
    Refused(String),
    /// It did not answer.
    #[error("{0}")]
    Unreachable(String),
}

impl Fault {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// Longest error code that is repeated.
const CODE_MAX: usize = 64;

/// An error code as the standards write them (RFC 6749 4.1.2.1); anything else is not repeated.
pub(crate) fn error_code(code: &str) -> &str {
    let known = |character: char| character.is_ascii_lowercase() || character == '_';
    if !code.is_empty() && code.len() <= CODE_MAX && code.chars().all(known) { code } else { "unreadable" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_error_code_is_not_repeated() {
        assert_eq!(error_code("invalid_grant"), "invalid_grant");
        for other in ["", "<script>", "Invalid Grant", "a\nb", &"a".repeat(65)] {
            assert_eq!(error_code(other), "unreadable", "{other:?}");
        }
    }
}
