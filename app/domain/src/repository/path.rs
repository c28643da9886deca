//! Folders and files inside a repository.

use serde::{Deserialize, Serialize};

use super::percent;
use crate::violation::Rule;

/// Longest path in characters: far more than any real layout needs, less than what file systems refuse.
pub const REPOSITORY_PATH_MAX: usize = 1024;

/// A folder or file inside a repository: relative, without `..`, `.git`, empty parts or control characters.
/// The repository itself has no such path; it is the absence of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryPath(String);

impl RepositoryPath {
    /// Checks the rules. A leading `./` and a trailing `/` say nothing and are dropped. Breaks are
    /// [`Rule::Required`], [`Rule::TooLong`], [`Rule::ControlCharacter`] or [`Rule::RepositoryPath`].
    ///
    /// A leading `/` is refused, as Flux refuses it.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        if text.is_empty() {
            return Err(Rule::Required);
        }
        if text.chars().count() > REPOSITORY_PATH_MAX {
            return Err(Rule::TooLong { max: REPOSITORY_PATH_MAX });
        }
        if text.chars().any(char::is_control) {
            return Err(Rule::ControlCharacter);
        }
        let path = text.strip_prefix("./").unwrap_or(text);
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.split('/').all(allowed_part) {
            Ok(Self(path.to_owned()))
        } else {
            Err(Rule::RepositoryPath { path: text.to_owned() })
        }
    }

    /// Relative to the repository, without a trailing `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

super::checked_text!(RepositoryPath);

/// What a part stands for when something decodes it later must be allowed too: `%2e%2e` is nobody's folder.
fn allowed_part(part: &str) -> bool {
    let decoded = percent::decode(part);
    let meant = decoded.as_deref().unwrap_or(part.as_bytes());
    [part.as_bytes(), meant].into_iter().all(|bytes| {
        !bytes.is_empty()
            && bytes != b"."
            && bytes != b".."
            && !bytes.eq_ignore_ascii_case(b".git")
            && !bytes.contains(&b'\\')
            && !bytes.contains(&b'/')
            && !bytes.iter().any(u8::is_ascii_control)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_relative_folder_or_file() {
        for (written, kept) in [
            ("releases", "releases"),
            ("releases/prod/", "releases/prod"),
            ("./releases", "releases"),
            ("a b/c.yaml", "a b/c.yaml"),
            (".flux.yaml", ".flux.yaml"),
            (".github", ".github"),
            ("环境/生产", "环境/生产"),
            ("50%", "50%"),
            ("a..b", "a..b"),
        ] {
            assert_eq!(RepositoryPath::parse(written).map(String::from), Ok(kept.to_owned()), "{written}");
        }
    }

    #[test]
    fn a_path_that_leaves_the_repository_or_enters_its_git_folder_is_refused() {
        for bad in [
            "../..",
            "/etc",
            "a/../../b",
            "%2e%2e/",
            "%2E%2e/x",
            "a/%2e%2e%2fb",
            ".git",
            ".git/config",
            ".GIT",
            "a/.Git/b",
            "%2egit",
            "a//b",
            "/",
            "./",
            ".",
            "..",
            "./.",
            "././a",
            "a/./b",
            r"a\b",
            r"..\x",
            "a%00b",
            "a//",
        ] {
            assert_eq!(
                RepositoryPath::parse(bad),
                Err(Rule::RepositoryPath { path: bad.to_owned() }),
                "{bad}"
            );
        }
        for bad in ["a\0b", "a\nb"] {
            assert_eq!(RepositoryPath::parse(bad), Err(Rule::ControlCharacter), "{bad:?}");
        }
    }

    #[test]
    fn a_path_of_1024_characters_is_the_longest() {
        assert!(RepositoryPath::parse(&"ä".repeat(1024)).is_ok());
        assert_eq!(RepositoryPath::parse(&"a".repeat(4096)), Err(Rule::TooLong { max: 1024 }));
    }

    #[test]
    fn a_path_read_back_from_storage_is_checked_again() {
        assert!(serde_json::from_str::<RepositoryPath>(r#""a/../../b""#).is_err());
    }
}
