//! JSON bodies, read field by field so that all faults are told at once.

use std::collections::BTreeMap;

use domain::violation::Rule;
use serde_json::{Map, Value};

/// A field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// With the fields that it is in, for instance `properties.repositoryUrl`.
    pub field: String,
    /// What.
    pub wrong: Wrong,
}

/// What can be wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no text.
    Text,
    /// It is neither true nor false.
    Truth,
    /// It is no object.
    Object,
    /// It is no list of texts.
    List,
    /// It has no meaning here, and its author believes it has one.
    Unknown,
    /// It names something else than the address does.
    OtherName {
        /// What the address names.
        name: String,
    },
    /// It breaks a rule.
    Rule(Rule),
}

/// Why a body is no JSON object.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    /// It is another value.
    #[error("it is no object")]
    NoObject,
}

/// The fields of a body that is a JSON object.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    match serde_json::from_slice(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(Unreadable::NoObject),
    }
}

/// Takes the fields of one object and collects what is wrong with them.
#[derive(Debug)]
pub struct Reader<'faults> {
    object: Map<String, Value>,
    /// What the fields' names begin with in faults: empty, or `properties.`.
    prefix: &'static str,
    faults: &'faults mut Vec<Fault>,
}

impl<'faults> Reader<'faults> {
    /// Of a whole body.
    pub fn new(object: Map<String, Value>, faults: &'faults mut Vec<Fault>) -> Self {
        Self { object, prefix: "", faults }
    }

    /// A text; `None` when it is not there, or null.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(value)) => Some(value),
            Some(_) => self.fault(name, Wrong::Text),
        }
    }

    /// A text that keeps this rule, and must be there.
    pub fn checked(&mut self, name: &str, check: impl FnOnce(&str) -> Result<(), Rule>) -> Option<String> {
        let given = self.object.get(name).is_some_and(|value| !value.is_null());
        let text = self.text(name);
        let checked = match &text {
            None if given => return None, // told already
            None => Err(Rule::Required),
            Some(text) if text.is_empty() => Err(Rule::Required),
            Some(text) => check(text),
        };
        match checked {
            Ok(()) => text,
            Err(rule) => self.fault(name, Wrong::Rule(rule)),
        }
    }

    /// A list of at most so many texts; `None` when it is not there, or null.
    pub fn list(&mut self, name: &str, max: usize) -> Option<Vec<String>> {
        let items = match self.object.remove(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(items)) => items,
            Some(_) => return self.fault(name, Wrong::List),
        };
        if items.len() > max {
            return self.fault(name, Wrong::Rule(Rule::TooManyEntries { max }));
        }
        let text = |item| if let Value::String(text) = item { Some(text) } else { None };
        let texts: Option<Vec<String>> = items.into_iter().map(text).collect();
        if texts.is_none() {
            return self.fault(name, Wrong::List);
        }
        texts
    }

    /// True or false; `None` when it is not there, or null.
    pub fn truth(&mut self, name: &str) -> Option<bool> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(value)) => Some(value),
            Some(_) => self.fault(name, Wrong::Truth),
        }
    }

    /// A whole number between these, both included; `None` when it is not there, or null.
    pub fn number(&mut self, name: &str, min: u32, max: u32) -> Option<u32> {
        let value = match self.object.remove(name) {
            None | Some(Value::Null) => return None,
            Some(value) => value,
        };
        let number = value.as_u64().or_else(|| whole(&value)).and_then(|number| u32::try_from(number).ok());
        match number.filter(|number| (min..=max).contains(number)) {
            Some(number) => Some(number),
            None => self.fault(name, Wrong::Rule(Rule::NumberRange { min, max })),
        }
    }

    /// An object; empty when it is not there, or null. Whatever it is for has to [`Reader::finish`] it.
    pub fn object(&mut self, name: &'static str, prefix: &'static str) -> Reader<'_> {
        let object = match self.object.remove(name) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.fault::<()>(name, Wrong::Object);
                Map::new()
            }
        };
        Reader { object, prefix, faults: self.faults }
    }

    /// All that is left as texts, null for those that are null.
    pub fn texts(mut self) -> BTreeMap<String, Option<String>> {
        let names: Vec<String> = self.object.keys().cloned().collect();
        names.into_iter().map(|name| (name.clone(), self.text(&name))).collect()
    }

    /// A field that only answers have: whoever sends an answer back sends it too.
    pub fn skip(&mut self, names: &[&str]) {
        for name in names {
            self.object.remove(*name);
        }
    }

    /// What is left has no meaning, and its author believes it has one.
    pub fn finish(self) {
        let names: Vec<String> = self.object.keys().cloned().collect();
        for name in names {
            self.faults.push(Fault { field: format!("{}{name}", self.prefix), wrong: Wrong::Unknown });
        }
    }

    /// Notes a fault of a field.
    pub fn fault<T>(&mut self, name: &str, wrong: Wrong) -> Option<T> {
        self.faults.push(Fault { field: format!("{}{name}", self.prefix), wrong });
        None
    }
}

/// JSON knows one sort of number: `3.0` and `3e0` are 3, in a schema too.
fn whole(value: &Value) -> Option<u64> {
    let text = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0)?.to_string();
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_and_within_its_range() {
        for (value, expected) in [
            ("1", Some(1)),
            ("9", Some(9)),
            ("3.0", Some(3)),
            ("3e0", Some(3)),
            ("null", None),
            ("0", None),
            ("10", None),
            ("-1", None),
            ("1.5", None),
            ("1e300", None),
            ("18446744073709551616", None),
            ("\"1\"", None),
            ("true", None),
            ("[1]", None),
        ] {
            let mut faults = Vec::new();
            let body = object(format!("{{\"n\":{value}}}").as_bytes()).expect("an object");
            let mut reader = Reader::new(body, &mut faults);
            assert_eq!(reader.number("n", 1, 9), expected, "{value}");
            reader.finish();
            assert_eq!(faults.is_empty(), expected.is_some() || value == "null", "{value}: {faults:?}");
        }
    }

    #[test]
    fn every_fault_of_a_body_is_told_with_its_field() {
        let body = br#"{"a": 1, "b": "x", "properties": {"c": "yes", "d": null, "e": 1}}"#;
        let body = object(body).expect("an object");
        let mut faults = Vec::new();
        let mut reader = Reader::new(body, &mut faults);
        assert_eq!((reader.text("a"), reader.text("b")), (None, Some("x".to_owned())));
        let mut properties = reader.object("properties", "properties.");
        assert_eq!((properties.truth("c"), properties.text("d")), (None, None));
        properties.finish();
        reader.finish();
        let told: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), &fault.wrong)).collect();
        assert_eq!(
            told,
            [("a", &Wrong::Text), ("properties.c", &Wrong::Truth), ("properties.e", &Wrong::Unknown)]
        );
    }

    #[test]
    fn a_list_has_texts_alone_and_no_more_than_so_many() {
        let two = || Some(vec!["a".to_owned(), "b".to_owned()]);
        for (value, expected, wrong) in [
            ("[\"a\",\"b\"]", two(), None),
            ("[]", Some(Vec::new()), None),
            ("null", None, None),
            ("[\"a\",1]", None, Some(Wrong::List)),
            ("[null]", None, Some(Wrong::List)),
            ("\"a\"", None, Some(Wrong::List)),
            ("[\"a\",\"b\",\"c\"]", None, Some(Wrong::Rule(Rule::TooManyEntries { max: 2 }))),
        ] {
            let mut faults = Vec::new();
            let body = object(format!("{{\"n\":{value}}}").as_bytes()).expect("an object");
            assert_eq!(Reader::new(body, &mut faults).list("n", 2), expected, "{value}");
            assert_eq!(faults.first().map(|fault| &fault.wrong), wrong.as_ref(), "{value}");
        }
    }

    #[test]
    fn what_is_no_object_is_no_body() {
        for body in ["", "[]", "null", "1", "{", "{}{}", &"[".repeat(100_000)] {
            assert!(object(body.as_bytes()).is_err(), "{}", body.chars().take(9).collect::<String>());
        }
    }
}
