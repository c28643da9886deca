//! A secret that can be recognised, and every spelling in which it may have been written down.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// Bits of a character of base64.
const BITS: usize = 6;
/// What is shorter may stand anywhere by chance.
const SHORTEST: usize = 8;

/// Bytes before a canary that an error shows.
const AROUND: usize = 300;
/// What an address may hold as it is, besides letters and digits.
const UNRESERVED: &[u8] = b"-._~";

/// A secret with what it is for.
#[derive(Clone, Debug)]
pub(crate) struct Canary {
    pub(crate) name: &'static str,
    secret: Vec<u8>,
}

impl Canary {
    pub(crate) fn new(name: &'static str, secret: impl Into<Vec<u8>>) -> Self {
        let secret = secret.into();
        assert!(secret.len() >= SHORTEST, "{name} is too short to be recognised");
        Self { name, secret }
    }

    /// Raw, in base64 at each offset, percent-encoded, in hexadecimal, as numbers, escaped for JSON, HTML and Rust.
    pub(crate) fn spellings(&self) -> BTreeSet<Vec<u8>> {
        let secret = &self.secret;
        let mut found = BTreeSet::from([secret.clone()]);
        for offset in 0..3 {
            found
                .extend([inside_base64(&STANDARD, offset, secret), inside_base64(&URL_SAFE, offset, secret)]);
        }
        let digits = |digit: fn(&u8) -> String| secret.iter().map(digit).collect::<Vec<_>>();
        let hexadecimal = digits(|byte| format!("{byte:02x}")).concat();
        let form: String = url::form_urlencoded::byte_serialize(secret).collect();
        let numbers = digits(u8::to_string);
        found.extend([hexadecimal.to_uppercase().into_bytes(), hexadecimal.into_bytes()]);
        found.extend([percent(secret, b"", true), percent(secret, UNRESERVED, true)].map(String::into_bytes));
        found.extend([percent(secret, UNRESERVED, false), form].map(String::into_bytes));
        found.extend([numbers.join(", ").into_bytes(), numbers.join(",").into_bytes()]);
        found.extend(std::str::from_utf8(secret).into_iter().flat_map(escaped).map(String::into_bytes));
        found
    }
}

/// Those characters of a text in base64 that depend on the secret alone, when so many bytes are before it.
fn inside_base64(engine: &impl Engine, offset: usize, secret: &[u8]) -> Vec<u8> {
    let encoded = engine.encode([&b"xx"[..offset], secret].concat());
    let (first, end) = ((offset * 8).div_ceil(BITS), (offset + secret.len()) * 8 / BITS);
    encoded.as_bytes()[first..end].to_vec()
}

fn percent(secret: &[u8], kept: &[u8], upper: bool) -> String {
    let spell = |byte: &u8| match byte {
        byte if byte.is_ascii_alphanumeric() || kept.contains(byte) => char::from(*byte).to_string(),
        byte if upper => format!("%{byte:02X}"),
        byte => format!("%{byte:02x}"),
    };
    secret.iter().map(spell).collect()
}

fn escaped(secret: &str) -> [String; 4] {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let rust = format!("{secret:?}");
    [json.replace('/', "\\/"), json, html.replace('\'', "&#x27;"), rust[1..rust.len() - 1].to_owned()]
}

/// All spellings of all canaries, to look for in one go.
pub(crate) struct Net {
    search: AhoCorasick,
    /// Whose the spellings are, in their order.
    names: Vec<&'static str>,
}

impl Net {
    pub(crate) fn of(canaries: &[Canary]) -> Self {
        let named = |canary: &Canary| {
            canary.spellings().into_iter().map(|spelling| (canary.name, spelling)).collect()
        };
        let (names, spellings): (Vec<_>, Vec<_>) =
            canaries.iter().flat_map(|canary| -> Vec<_> { named(canary) }).unzip();
        Self { search: AhoCorasick::new(spellings).unwrap(), names }
    }

    /// The canaries that are in there, each with the first place where it is.
    pub(crate) fn caught(&self, content: &[u8]) -> BTreeMap<&'static str, String> {
        let mut caught = BTreeMap::new();
        for found in self.search.find_overlapping_iter(content) {
            let around = found.start().saturating_sub(AROUND)..found.end();
            caught
                .entry(self.names[found.pattern().as_usize()])
                .or_insert_with(|| String::from_utf8_lossy(&content[around]).into_owned());
        }
        caught
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "k3y/+=&\"<'% 7c2d\\";

    #[test]
    fn a_canary_is_recognised_in_every_spelling_and_wherever_it_stands() {
        let net = Net::of(&[Canary::new("key", SECRET)]);
        for before in ["", "a", "ab", "abc", "abcd"] {
            let around = format!("{before}{SECRET}{before}");
            let hexadecimal: String =
                around.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat();
            for text in [
                around.clone(),
                STANDARD.encode(&around),
                URL_SAFE.encode(&around),
                hexadecimal,
                percent(around.as_bytes(), UNRESERVED, false),
                url::form_urlencoded::Serializer::new(String::new()).append_pair("k", &around).finish(),
                serde_json::json!({ "key": around }).to_string(),
                format!("{around:?}"),
                format!("{:?}", around.as_bytes()),
            ] {
                assert_eq!(net.caught(text.as_bytes()).len(), 1, "{text}");
            }
        }
        assert!(net.caught(b"k3y/+=&\"<'% 7c2e and much else").is_empty());
    }
}
