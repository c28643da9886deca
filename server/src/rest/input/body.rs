//! JSON bodies, read field by field so that all faults are told at once.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use catalogue::{Locale, rule_sentence, text};
use domain::violation::Rule;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use crate::rest::error::{ArmError, ErrorDetail};

/// A body that is a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBody(pub Map<String, Value>);

impl<State: Send + Sync> FromRequest<State> for JsonBody {
    type Rejection = ArmError;

    async fn from_request(request: Request, state: &State) -> Result<Self, ArmError> {
        let locale = Locale::English;
        if !is_json(request.headers()) {
            let message = text::rest_body_type(locale);
            return Err(ArmError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let limit = (crate::rest::BODY_MAX_BYTES / 1024).to_string();
            let message = text::rest_body_too_large(locale, &limit);
            let status = rejection.status();
            if status == StatusCode::PAYLOAD_TOO_LARGE {
                ArmError::new(status, "RequestEntityTooLarge", message)
            } else {
                unreadable(&rejection.body_text())
            }
        })?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(unreadable(text::rest_value_object(locale))),
            Err(error) => Err(unreadable(&error.to_string())),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn unreadable(detail: &str) -> ArmError {
    let message = text::rest_body_unreadable(Locale::English, detail);
    ArmError::new(StatusCode::BAD_REQUEST, "InvalidRequestContent", message)
}

/// Takes the fields of one object and collects what is wrong with them.
#[derive(Debug)]
pub struct Reader<'faults> {
    object: Map<String, Value>,
    /// What the fields' names begin with in errors: empty, or `properties.`.
    prefix: &'static str,
    faults: &'faults mut Vec<ErrorDetail>,
}

impl<'faults> Reader<'faults> {
    /// Of a whole body.
    pub fn new(object: Map<String, Value>, faults: &'faults mut Vec<ErrorDetail>) -> Self {
        Self { object, prefix: "", faults }
    }

    /// A text; `None` when it is not there, or null.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(value)) => Some(value),
            Some(_) => self.fault(name, text::rest_value_text(Locale::English)),
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
            Err(rule) => self.fault(name, rule_sentence(Locale::English, &rule)),
        }
    }

    /// True or false; `None` when it is not there, or null.
    pub fn truth(&mut self, name: &str) -> Option<bool> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(value)) => Some(value),
            Some(_) => self.fault(name, text::rest_value_truth(Locale::English)),
        }
    }

    /// An object; empty when it is not there, or null. Whatever it is for has to [`Reader::finish`] it.
    pub fn object(&mut self, name: &'static str, prefix: &'static str) -> Reader<'_> {
        let object = match self.object.remove(name) {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.fault::<()>(name, text::rest_value_object(Locale::English));
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
            let message = text::rest_field_unknown(Locale::English);
            self.faults.push(ErrorDetail::fault(&format!("{}{name}", self.prefix), message));
        }
    }

    /// Notes a fault of a field.
    pub fn fault<T>(&mut self, name: &str, message: impl Into<String>) -> Option<T> {
        self.faults.push(ErrorDetail::fault(&format!("{}{name}", self.prefix), message));
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_of_a_body_is_told_with_its_field() {
        let Value::Object(body) =
            json!({ "a": 1, "b": "x", "properties": { "c": "yes", "d": null, "e": 1 } })
        else {
            panic!("an object");
        };
        let mut faults = Vec::new();
        let mut reader = Reader::new(body, &mut faults);
        assert_eq!((reader.text("a"), reader.text("b")), (None, Some("x".to_owned())));
        let mut properties = reader.object("properties", "properties.");
        assert_eq!((properties.truth("c"), properties.text("d")), (None, None));
        properties.finish();
        reader.finish();
        let targets: Vec<_> = faults.iter().filter_map(|fault| fault.target.as_deref()).collect();
        assert_eq!(targets, ["a", "properties.c", "properties.e"]);
    }
}
