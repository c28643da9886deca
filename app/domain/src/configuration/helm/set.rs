//! The language of Helm's `--set`: `a.b=c,list={x,y},list[0].name=z`, with types and escapes as Helm has them.

use serde_json::{Map, Value};

/// Names in each other, as in Helm.
const DEPTH_MAX: usize = 30;
/// The highest index, as in Helm: without it one word could ask for any amount of memory.
const INDEX_MAX: usize = 65_536;
/// Places of lists that one line may make, filled or not.
const PLACES_MAX: usize = 65_536;

/// Why a word is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSet;

/// One step of the way to a value.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// Lays what a word says over `values`. `typed` gives numbers, truth and null their types; else everything is text
/// (`--set-string`).
pub fn set(values: &mut Map<String, Value>, word: &str, typed: bool) -> Result<(), NotSet> {
    let mut reader = Reader { rest: word, typed };
    let mut root = Value::Object(std::mem::take(values));
    loop {
        let path = reader.path()?;
        let value = reader.value()?;
        put(&mut root, &path, value)?;
        if reader.rest.is_empty() {
            break;
        }
    }
    if places(&root) > PLACES_MAX {
        return Err(NotSet);
    }
    if let Value::Object(fields) = root {
        *values = fields;
    }
    Ok(())
}

struct Reader<'word> {
    rest: &'word str,
    typed: bool,
}

impl Reader<'_> {
    /// Up to the `=`.
    fn path(&mut self) -> Result<Vec<Step>, NotSet> {
        let mut path = Vec::new();
        loop {
            let (name, end) = self.until(&['.', '[', '=', ','])?;
            let after_index = matches!(path.last(), Some(Step::Index(_)));
            if name.is_empty() && !(after_index && end != Some('.') || path.is_empty() && end == Some('[')) {
                // `a[0].b` has nothing between `]` and `.`
                if !(after_index && end == Some('.')) {
                    return Err(NotSet);
                }
            } else if !name.is_empty() {
                path.push(Step::Name(name));
            }
            match end {
                Some('=') if (1..=DEPTH_MAX).contains(&path.len()) => return Ok(path),
                Some('.') => {}
                Some('[') if !path.is_empty() => path.push(Step::Index(self.index()?)),
                _ => return Err(NotSet),
            }
            if path.len() > DEPTH_MAX {
                return Err(NotSet);
            }
        }
    }

    fn index(&mut self) -> Result<usize, NotSet> {
        let (number, rest) = self.rest.split_once(']').ok_or(NotSet)?;
        self.rest = rest;
        let index = number.parse().map_err(|_| NotSet)?;
        if index <= INDEX_MAX { Ok(index) } else { Err(NotSet) }
    }

    /// After the `=`, up to the next pair.
    fn value(&mut self) -> Result<Value, NotSet> {
        let Some(rest) = self.rest.strip_prefix('{') else {
            let (text, _) = self.until(&[','])?;
            return Ok(self.typed(text));
        };
        self.rest = rest;
        let mut items = Vec::new();
        loop {
            let (text, end) = self.until(&[',', '}'])?;
            match end {
                Some('}') => {
                    if !(items.is_empty() && text.is_empty()) {
                        items.push(self.typed(text));
                    }
                    break;
                }
                Some(_) => items.push(self.typed(text)),
                None => return Err(NotSet),
            }
            if items.len() > PLACES_MAX {
                return Err(NotSet);
            }
        }
        match self.rest.strip_prefix(',') {
            Some(rest) => self.rest = rest,
            None if self.rest.is_empty() => {}
            None => return Err(NotSet),
        }
        Ok(Value::Array(items))
    }

    /// Text up to one of the ends, which is taken too; a backslash takes the next character as it is.
    fn until(&mut self, ends: &[char]) -> Result<(String, Option<char>), NotSet> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, character)) = characters.next() {
            if character == '\\' {
                text.push(characters.next().ok_or(NotSet)?.1);
            } else if ends.contains(&character) {
                self.rest = &self.rest[at + character.len_utf8()..];
                return Ok((text, Some(character)));
            } else {
                text.push(character);
            }
        }
        self.rest = "";
        Ok((text, None))
    }

    /// Helm's types: numbers with a leading zero stay text, for they are codes more often than numbers.
    fn typed(&self, text: String) -> Value {
        if !self.typed {
            return Value::String(text);
        }
        match text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "0" => Value::from(0),
            number if !number.starts_with('0') => {
                number.parse::<i64>().map_or_else(|_| Value::String(text.clone()), Value::from)
            }
            _ => Value::String(text),
        }
    }
}

/// What is on the way and is no mapping or list is replaced, as Helm does with a list of nothing.
fn put(at: &mut Value, path: &[Step], value: Value) -> Result<(), NotSet> {
    let Some((step, rest)) = path.split_first() else {
        *at = value;
        return Ok(());
    };
    match step {
        Step::Name(name) => {
            if !at.is_object() {
                if !at.is_null() {
                    return Err(NotSet);
                }
                *at = Value::Object(Map::new());
            }
            let Value::Object(fields) = at else { return Err(NotSet) };
            put(fields.entry(name.clone()).or_insert(Value::Null), rest, value)
        }
        Step::Index(index) => {
            if !at.is_array() {
                if !at.is_null() {
                    return Err(NotSet);
                }
                *at = Value::Array(Vec::new());
            }
            let Value::Array(items) = at else { return Err(NotSet) };
            if items.len() <= *index {
                items.resize(*index + 1, Value::Null);
            }
            put(items.get_mut(*index).ok_or(NotSet)?, rest, value)
        }
    }
}

fn places(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(places).sum(),
        Value::Array(items) => items.len() + items.iter().map(places).sum::<usize>(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(words: &[&str]) -> Result<Value, NotSet> {
        let mut values = Map::new();
        for word in words {
            set(&mut values, word, true)?;
        }
        Ok(Value::Object(values))
    }

    #[test]
    fn words_are_read_as_helm_reads_them() {
        let table = [
            ("a=b", json!({"a": "b"})),
            ("a=", json!({"a": ""})),
            ("a=b=c", json!({"a": "b=c"})),
            ("a=b,c=d", json!({"a": "b", "c": "d"})),
            ("a.b.c=d", json!({"a": {"b": {"c": "d"}}})),
            ("a.b=1,a.c=2", json!({"a": {"b": 1, "c": 2}})),
            ("a=1", json!({"a": 1})),
            ("a=-1", json!({"a": -1})),
            ("a=0", json!({"a": 0})),
            ("a=007", json!({"a": "007"})),
            ("a=1.5", json!({"a": "1.5"})),
            ("a=99999999999999999999", json!({"a": "99999999999999999999"})),
            ("a=true,b=false", json!({"a": true, "b": false})),
            ("a=null", json!({"a": null})),
            ("a={}", json!({"a": []})),
            ("a={b,1,true}", json!({"a": ["b", 1, true]})),
            ("a={b,c},d=e", json!({"a": ["b", "c"], "d": "e"})),
            ("a[0]=b", json!({"a": ["b"]})),
            ("a[1]=b", json!({"a": [null, "b"]})),
            ("a[0].b=c,a[0].d=e", json!({"a": [{"b": "c", "d": "e"}]})),
            ("a[0][1]=b", json!({"a": [[null, "b"]]})),
            (r"a=b\,c", json!({"a": "b,c"})),
            (r"a\.b=c", json!({"a.b": "c"})),
            (r"a\=b=c", json!({"a=b": "c"})),
            (
                r"nodeSelector.kubernetes\.io/role=master",
                json!({"nodeSelector": {"kubernetes.io/role": "master"}}),
            ),
            ("a=b c", json!({"a": "b c"})),
        ];
        for (word, expected) in table {
            assert_eq!(read(&[word]), Ok(expected), "{word}");
        }
    }

    #[test]
    fn later_words_are_laid_over_earlier_ones() {
        assert_eq!(read(&["a.b=1", "a.c=2", "a.b=3"]), Ok(json!({"a": {"b": 3, "c": 2}})));
        assert_eq!(read(&["a={x,y}", "a[0]=z"]), Ok(json!({"a": ["z", "y"]})));
    }

    #[test]
    fn what_helm_does_not_understand_is_refused() {
        for word in [
            "",
            "a",
            "=b",
            ".a=b",
            "a..b=c",
            "a.=b",
            "a,b=c",
            "a[=b",
            "a[x]=b",
            "a[-1]=b",
            "a={b",
            "a={b}c",
            r"a=b\",
            "[0]=a",
            "a=1,a.b=2",
        ] {
            assert_eq!(read(&[word]), Err(NotSet), "{word}");
        }
    }

    // S-F1
    #[test]
    fn a_word_cannot_ask_for_any_amount_of_memory() {
        assert_eq!(read(&["a[2147483647]=1"]), Err(NotSet));
        assert!(read(&["a[65535]=1"]).is_ok());
        assert_eq!(read(&["a[65535]=1,b[65535]=1"]), Err(NotSet));
        assert_eq!(read(&[&format!("{}=1", vec!["a"; 31].join("."))]), Err(NotSet));
        assert!(read(&[&format!("{}=1", vec!["a"; 30].join("."))]).is_ok());
    }

    #[test]
    fn set_string_leaves_everything_text() {
        let mut values = Map::new();
        set(&mut values, "a=1,b=true,c={2}", false).unwrap();
        assert_eq!(Value::Object(values), json!({"a": "1", "b": "true", "c": ["2"]}));
    }

    proptest! {
        #[test]
        fn no_word_is_too_odd(word in "[a-c0-9.\\[\\]{}=,\\\\]{0,40}") {
            let _ = read(&[&word]);
        }
    }
}
