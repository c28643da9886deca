//! The keys that wrap data keys, one of them active.

mod change;
mod file;
mod source;

pub use file::{KeyRingError, Loaded, NewKey};
pub use source::{FileSource, RingSource};

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY_LENGTH: usize = 32;

/// Use of the key that tells keys apart.
const KNOWN_LABEL: &str = "fairlead/known-key/v1";
/// Bytes of what tells keys apart.
const FINGERPRINT_LENGTH: usize = 8;

/// Longest key id: it stands in every record.
const ID_MAX: usize = 64;

/// A key that wipes itself.
pub(crate) type Key = Zeroizing<[u8; KEY_LENGTH]>;

/// All keys, by id.
pub struct KeyRing {
    active: String,
    keys: BTreeMap<String, Key>,
}

/// Why a ring's text is none. Names lines, never what they say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingTextError {
    /// Not of the form `id:base64` or `id:base64:active`.
    #[error("line {line} is not of the form id:base64 or id:base64:active")]
    Shape {
        /// From 1.
        line: usize,
    },
    /// The id has characters that are not allowed.
    #[error("line {line}: a key id has 1 to 64 letters, digits, '-', '_' or '.'")]
    Id {
        /// From 1.
        line: usize,
    },
    /// The key is no base64 of 32 bytes.
    #[error("line {line}: the key is not the base64 text of exactly 32 bytes")]
    Length {
        /// From 1.
        line: usize,
    },
    /// One id twice.
    #[error("line {line}: the key id {id:?} stands there twice")]
    Duplicate {
        /// From 1.
        line: usize,
        /// Which.
        id: String,
    },
    /// Several active keys.
    #[error("line {line}: a second key is marked active, only one can be")]
    SecondActive {
        /// From 1.
        line: usize,
    },
    /// No active key.
    #[error("no key is marked active: add :active to the line of the key that new secrets shall use")]
    NoActive,
}

impl KeyRing {
    /// Reads lines `id:base64(32 bytes)[:active]`. Empty lines and lines that begin with `#` are skipped.
    pub fn parse(text: &str) -> Result<Self, RingTextError> {
        let mut keys = BTreeMap::new();
        let mut active = None;
        for (index, content) in text.lines().enumerate() {
            let (line, content) = (index + 1, content.trim());
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (id, key, is_active) = parse_line(line, content)?;
            if is_active && active.replace(id.clone()).is_some() {
                return Err(RingTextError::SecondActive { line });
            }
            if keys.insert(id.clone(), key).is_some() {
                return Err(RingTextError::Duplicate { line, id });
            }
        }
        active.map(|active| Self { active, keys }).ok_or(RingTextError::NoActive)
    }

    /// Id of the key that new secrets use.
    pub fn active_id(&self) -> &str {
        &self.active
    }

    /// Ids of all keys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// Whether it has a key of this id.
    pub fn has(&self, id: &str) -> bool {
        self.keys.contains_key(id)
    }

    /// The key of this id.
    pub(crate) fn key(&self, id: &str) -> Option<&Key> {
        self.keys.get(id)
    }

    /// By what a key is known again: derived from it for nothing else, so that it tells nothing of it.
    pub fn fingerprint(&self, id: &str) -> Option<Vec<u8>> {
        let derived = Self::derive(self.key(id)?, KNOWN_LABEL, &[id]);
        Some(derived.iter().take(FINGERPRINT_LENGTH).copied().collect())
    }

    /// A key for one other use, bound to `parts`: never one key for two uses.
    pub(crate) fn derive(key: &Key, label: &str, parts: &[&str]) -> Key {
        let mut derived = Key::default();
        let mut info = Vec::new();
        for part in [label].iter().chain(parts) {
            crate::seal::push_part(&mut info, part.as_bytes());
        }
        let expanded = Hkdf::<Sha256>::new(None, key.as_slice()).expand(&info, derived.as_mut_slice());
        debug_assert!(expanded.is_ok(), "32 bytes are within what HKDF-SHA256 gives");
        derived
    }
}

fn parse_line(line: usize, content: &str) -> Result<(String, Key, bool), RingTextError> {
    let mut parts = content.split(':');
    let (Some(id), Some(encoded), mark, None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(RingTextError::Shape { line });
    };
    let is_active = match mark {
        None => false,
        Some("active") => true,
        Some(_) => return Err(RingTextError::Shape { line }),
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if id.is_empty() || id.len() > ID_MAX || !id.bytes().all(allowed) {
        return Err(RingTextError::Id { line });
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| RingTextError::Length { line })?);
    let key: [u8; KEY_LENGTH] = decoded.as_slice().try_into().map_err(|_| RingTextError::Length { line })?;
    Ok((id.to_owned(), Zeroizing::new(key), is_active))
}

/// Ids only.
impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { active, keys } = self;
        let keys: Vec<&String> = keys.keys().collect();
        formatter.debug_struct("KeyRing").field("active", active).field("keys", &keys).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn refusal(text: &str) -> RingTextError {
        KeyRing::parse(text).expect_err("the ring should be refused")
    }

    #[test]
    fn a_ring_has_one_active_key_and_any_number_of_others() {
        let text = format!("# keys of the portal\n\nold:{KEY}\nnew:{KEY}:active\n");
        let ring = KeyRing::parse(&text).unwrap();
        assert_eq!(ring.active_id(), "new");
        assert_eq!(ring.ids().collect::<Vec<_>>(), ["new", "old"]);
    }

    // V3
    #[test]
    fn a_ring_with_a_fault_is_refused_with_its_line() {
        let cases = [
            (format!("a:{KEY}:active\na:{KEY}"), RingTextError::Duplicate { line: 2, id: "a".into() }),
            (format!("a:{KEY}:active\nb:{KEY}:active"), RingTextError::SecondActive { line: 2 }),
            (format!("a:{KEY}"), RingTextError::NoActive),
            (String::new(), RingTextError::NoActive),
            (format!("a:{KEY}:Active"), RingTextError::Shape { line: 1 }),
            (format!("a:{KEY}:active:x"), RingTextError::Shape { line: 1 }),
            (KEY.to_owned(), RingTextError::Shape { line: 1 }),
            (format!("a b:{KEY}:active"), RingTextError::Id { line: 1 }),
            (format!(":{KEY}:active"), RingTextError::Id { line: 1 }),
            ("a:not base64:active".to_owned(), RingTextError::Length { line: 1 }),
        ];
        for (text, expected) in cases {
            assert_eq!(refusal(&text), expected, "{text}");
        }
    }

    // V3
    #[test]
    fn a_key_of_31_or_33_bytes_is_refused() {
        for length in [0, 31, 33] {
            let text = format!("a:{}:active", STANDARD.encode(vec![7; length]));
            assert_eq!(refusal(&text), RingTextError::Length { line: 1 }, "{length} bytes");
        }
    }

    #[test]
    fn neither_the_debug_form_nor_an_error_shows_a_key() {
        let ring = KeyRing::parse(&format!("a:{KEY}:active")).unwrap();
        assert_eq!(format!("{ring:?}"), r#"KeyRing { active: "a", keys: ["a"] }"#);
        let error = refusal(&format!("a:{KEY}:active\na:{KEY}"));
        assert!(!format!("{error} {error:?}").contains(&KEY[..8]));
    }

    #[test]
    fn derived_keys_differ_by_label_and_by_parts_and_their_borders() {
        let key = Zeroizing::new([7; KEY_LENGTH]);
        let derived = [
            KeyRing::derive(&key, "one", &["ab", "c"]),
            KeyRing::derive(&key, "one", &["a", "bc"]),
            KeyRing::derive(&key, "two", &["ab", "c"]),
            key.clone(),
        ];
        for (index, one) in derived.iter().enumerate() {
            assert!(derived[index + 1..].iter().all(|other| one != other), "{index}");
        }
    }
}
