//! Commit ids.

use serde::{Deserialize, Serialize};

/// A commit id in full: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Revision(String);

/// Something else stands where a commit id should be. Never a user's fault: commit ids come from Git.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no full commit id of 40 or 64 lower-case hexadecimal digits")]
pub struct InvalidRevision {
    /// What was there.
    pub text: String,
}

impl Revision {
    /// Checks length and digits.
    pub fn parse(text: &str) -> Result<Self, InvalidRevision> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && matches!(text.len(), 40 | 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRevision { text: text.to_owned() })
        }
    }

    /// In full.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as people read it.
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

super::checked_text!(Revision);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_full_commit_id_of_either_hash() {
        assert_eq!(
            Revision::parse(&"0a".repeat(20)).map(|revision| revision.short().to_owned()),
            Ok("0a0a0a0".to_owned())
        );
        assert!(Revision::parse(&"f".repeat(64)).is_ok());
        for bad in ["", "0a0a0a0", &"A".repeat(40), &"g".repeat(40), &"0".repeat(41), &"é".repeat(20)] {
            assert!(Revision::parse(bad).is_err(), "{bad}");
        }
    }
}
