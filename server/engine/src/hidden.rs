//! What must not be repeated to anybody, and texts of others without it.
//!
//! API servers and helm quote what they refuse. Where that may come from a Secret, it is taken out before anything is
//! shown, logged or stored.

use std::fmt;

use data_encoding::BASE64;
use serde_json::Value;

/// What stands where something hidden was.
const HIDDEN: &str = "***";

/// Shorter texts are hidden as whole words only: their letters are in every sentence.
const SHORT: usize = 4;

/// Texts and numbers that came from somewhere secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Longest first, so that none leaves the rest of a longer one behind.
    texts: Vec<String>,
}

impl Hidden {
    /// Every text and number in a value; switches tell nothing.
    pub fn of(value: &Value) -> Self {
        let mut hidden = Self::default();
        hidden.add(value);
        hidden
    }

    /// These too.
    pub fn add(&mut self, value: &Value) {
        collect(value, &mut self.texts);
        self.texts.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.texts.dedup();
    }

    /// A text without any of them, in whichever of the usual spellings.
    #[must_use]
    pub fn without(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |text, hidden| {
            if hidden.len() < SHORT {
                without_word(&text, hidden)
            } else {
                text.replace(hidden.as_str(), HIDDEN)
            }
        })
    }
}

/// Never what it holds.
impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hidden({} texts)", self.texts.len())
    }
}

/// Text without what stands in quotes or braces: that is where API servers repeat values.
pub fn without_quoted(text: &str) -> String {
    let mut kept = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        kept.push(character);
        let end = match character {
            '"' => '"',
            '`' => '`',
            '{' => '}',
            _ => continue,
        };
        kept.push_str(HIDDEN);
        let mut escaped = false;
        for inside in characters.by_ref() {
            if inside == end && !escaped {
                break;
            }
            escaped = inside == '\\' && !escaped;
        }
        kept.push(end);
    }
    kept
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => texts.push(number.to_string()),
        Value::String(text) => spellings(text, texts),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
    }
}

/// As it is, as Secrets hold it, as programs quote it, and each of its lines.
fn spellings(text: &str, texts: &mut Vec<String>) {
    if text.trim().is_empty() {
        return;
    }
    let quoted = Value::from(text).to_string();
    texts.extend([text.to_owned(), BASE64.encode(text.as_bytes()), quoted.trim_matches('"').to_owned()]);
    if text.lines().nth(1).is_some() {
        texts.extend(text.lines().map(str::trim).filter(|line| line.len() >= SHORT).map(str::to_owned));
    }
}

fn without_word(text: &str, word: &str) -> String {
    let ends_word = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric());
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let before_it = before.chars().next_back().or_else(|| kept.chars().next_back());
        let is_word = ends_word(before_it) && ends_word(after.chars().next());
        kept.push_str(before);
        kept.push_str(if is_word { HIDDEN } else { word });
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_numbers_are_hidden_in_every_usual_spelling() {
        let hidden = Hidden::of(&json!({
            "password": "hunter2", "port": 20_261_128, "on": true, "empty": "", "key": "BEGIN\nline one\n\nx",
            "list": [{"quoted": "say \"please\"\n"}],
        }));
        let table = [
            ("at '/password': 'hunter2' does not match", "at '/password': '***' does not match"),
            ("data[aHVudGVyMg==]", "data[***]"),
            ("postgres://me:hunter2@host:20261128", "postgres://me:***@host:***"),
            (r#"got "say \"please\"\n""#, r#"got "***""#),
            ("yaml: line one: bad", "yaml: ***: bad"),
            ("it is true that nothing is hidden here", "it is true that nothing is hidden here"),
        ];
        for (said, told) in table {
            assert_eq!(hidden.without(said), told);
        }
        assert_eq!(format!("{hidden:?}"), format!("Hidden({} texts)", hidden.texts.len()));
    }

    #[test]
    fn short_ones_are_hidden_as_whole_words() {
        let hidden = Hidden::of(&json!({ "replicas": 1, "name": "on" }));
        assert_eq!(hidden.without("got 1, not 11 or v1; on one"), "got ***, not 11 or v1; *** one");
        assert_eq!(hidden.without("11"), "11");
    }

    #[test]
    fn longer_ones_go_first() {
        let hidden = Hidden::of(&json!(["word", "word-and-more"]));
        assert_eq!(hidden.without("word-and-more, word"), "***, ***");
    }

    #[test]
    fn what_is_quoted_is_left_out() {
        let said = r#"data: Invalid value: "quoted \"inside\"": bad `so` {Value:1}"#;
        assert_eq!(without_quoted(said), r#"data: Invalid value: "***": bad `***` {***}"#);
    }
}
