//! Values of a chart: read from YAML, and merged so that later ones win.

use serde_json::{Map, Value};

use crate::canonical;
use crate::limits::Limits;
use crate::load::read_documents;

/// The values of a YAML document; an empty one has none. `place` names it in the error.
pub fn parse(place: &str, bytes: &[u8]) -> Result<Value, String> {
    let documents: Vec<Value> =
        read_documents(place, bytes, &Limits::default()).map_err(|error| error.to_string())?;
    let mut documents = documents.into_iter().filter(|document| !document.is_null());
    match (documents.next(), documents.next()) {
        (None, _) => Ok(Value::Object(Map::new())),
        (Some(values @ Value::Object(_)), None) => Ok(values),
        (Some(_), None) => Err(format!("{place}: values are a mapping of names to values, and this is none")),
        (Some(_), Some(_)) => Err(format!("{place}: values are one document, and here are several")),
    }
}

/// Lays `later` over `values`: mappings are merged, everything else is replaced. A `null` stays, for Helm itself takes it
/// as "the chart's default is not wanted".
pub fn merge(values: &mut Value, later: Value) {
    match (values, later) {
        (Value::Object(values), Value::Object(later)) => {
            for (key, later) in later {
                match values.get_mut(&key) {
                    Some(value) => merge(value, later),
                    None => {
                        values.insert(key, later);
                    }
                }
            }
        }
        (values, later) => *values = later,
    }
}

/// A hash of values: of them nothing else is kept.
pub fn digest(values: &Value) -> String {
    canonical::hash(values)
}

/// What is shown instead of values that may be secret: the names stay, texts and numbers do not.
pub fn masked(values: &Value) -> Value {
    match values {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), masked(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        Value::Null => Value::Null,
        _ => Value::from("•••"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn later_values_win_and_mappings_are_merged() {
        let table = [
            (json!({}), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1}), json!({"a": 2}), json!({"a": 2})),
            (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"c": 3}}), json!({"a": {"b": 1, "c": 3}})),
            (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
            (json!({"a": {"b": 1}}), json!({"a": 2}), json!({"a": 2})),
            (json!({"a": 2}), json!({"a": {"b": 1}}), json!({"a": {"b": 1}})),
            (json!({"a": 1}), json!({"a": null}), json!({"a": null})),
            (json!({"a": null}), json!({"a": 1}), json!({"a": 1})),
        ];
        for (mut values, later, expected) in table {
            merge(&mut values, later);
            assert_eq!(values, expected);
        }
    }

    #[test]
    fn values_are_one_mapping() {
        assert_eq!(parse("x", b"a: {b: yes}"), Ok(json!({"a": {"b": true}})));
        assert_eq!(parse("x", b"# nothing\n"), Ok(json!({})));
        assert!(parse("x", b"- a").unwrap_err().starts_with("x: values are a mapping"));
        assert!(parse("x", b"a: 1\n---\nb: 2").unwrap_err().contains("one document"));
        assert!(parse("cm/values.yaml", b"a: [").unwrap_err().starts_with("cm/values.yaml"));
    }

    #[test]
    fn of_masked_values_only_the_names_are_left() {
        let values = json!({"image": {"tag": "v1"}, "ports": [80], "off": null});
        assert_eq!(masked(&values), json!({"image": {"tag": "•••"}, "ports": ["•••"], "off": null}));
    }
}
