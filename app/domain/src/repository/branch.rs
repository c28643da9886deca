//! Branch and tag names, by the rules of `git check-ref-format`.

use serde::{Deserialize, Serialize};

use crate::violation::Rule;

/// Longest branch name in bytes: Git keeps a branch as a file, whose name most file systems end at 255 bytes,
/// and puts `.lock` behind it while writing.
pub const BRANCH_MAX_BYTES: usize = 250;

/// A branch name that `git check-ref-format --branch` accepts and that names a branch and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Branch(String);

impl Branch {
    /// Checks the rules; breaks are [`Rule::Required`], [`Rule::TooLong`] or [`Rule::BranchName`].
    pub fn parse(text: &str) -> Result<Self, Rule> {
        check_length(text)?;
        // `HEAD` is refused by Git as a branch, `@` is another word for it.
        if reference_name(text) && text != "HEAD" { Ok(Self(text.to_owned())) } else { Err(Rule::BranchName) }
    }

    /// `master`, what Flux v1 reads when nothing is said.
    pub fn flux_default() -> Self {
        Self("master".to_owned())
    }

    /// Without `refs/heads/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::checked_text!(Branch);

/// Whether a text can name a tag, such as the tag that marks the synced commit; breaks are [`Rule::Required`],
/// [`Rule::TooLong`] or [`Rule::TagName`].
pub fn check_tag_name(text: &str) -> Result<(), Rule> {
    check_length(text)?;
    if reference_name(text) { Ok(()) } else { Err(Rule::TagName) }
}

fn check_length(text: &str) -> Result<(), Rule> {
    match text.len() {
        0 => Err(Rule::Required),
        length if length > BRANCH_MAX_BYTES => Err(Rule::TooLong { max: BRANCH_MAX_BYTES }),
        _ => Ok(()),
    }
}

fn reference_name(text: &str) -> bool {
    let forbidden = |character: char| {
        character.is_control() || character.is_whitespace() || r"~^:?*[\".contains(character)
    };
    let component =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none();
    !text.starts_with('-')
        && !text.ends_with('.')
        && text != "@"
        && !text.contains("..")
        && !text.contains("@{")
        && !text.contains(forbidden)
        && text.split('/').all(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_what_git_accepts_as_a_branch() {
        for good in [
            "main",
            "release/1.2",
            "feature-x",
            "a@",
            "@a",
            "a{b",
            "a./b",
            "a/-b",
            "x.LOCK",
            "é",
            "a]b",
            "head",
        ] {
            assert!(Branch::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "-a", ".a", "a.", "a..b", "a//b", "/a", "a/", "a.lock", "a.lock/b", "a/.b", "@", "HEAD", "a b",
            "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", r"a\b", "a\u{7f}b", "a\tb", "a\u{a0}b",
        ] {
            assert_eq!(Branch::parse(bad), Err(Rule::BranchName), "{bad}");
        }
    }

    #[test]
    fn a_branch_that_would_be_an_option_or_an_expression_is_refused() {
        for bad in ["--upload-pack=x", "-x", "refs/heads/../../x", "HEAD^{/x}", "a b", "@{-1}", "a\0b"] {
            assert_eq!(Branch::parse(bad), Err(Rule::BranchName), "{bad:?}");
        }
    }

    #[test]
    fn a_branch_of_250_bytes_is_the_longest() {
        assert!(Branch::parse(&"a".repeat(250)).is_ok());
        assert_eq!(Branch::parse(&"a".repeat(251)), Err(Rule::TooLong { max: 250 }));
        assert_eq!(Branch::parse(""), Err(Rule::Required));
    }

    #[test]
    fn a_branch_read_back_from_storage_is_checked_again() {
        assert!(serde_json::from_str::<Branch>(r#""main""#).is_ok());
        assert!(serde_json::from_str::<Branch>(r#""--upload-pack=x""#).is_err());
    }
}
