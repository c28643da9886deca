//! Canonical JSON: keys sorted by code point, no blanks, UTF-8. Equal values give equal bytes.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The canonical text of a value.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// Hexadecimal SHA-256 of the canonical text.
pub(crate) fn hash(value: &Value) -> String {
    sha256(text(value).as_bytes())
}

/// Hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            // Sorted here, because a map keeps the order of insertion when any crate of the program asks for it.
            let sorted: BTreeMap<_, _> = map.iter().collect();
            text.push('{');
            for (position, (key, value)) in sorted.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_canonical_text_has_sorted_keys_and_no_blanks() {
        let value = json!({"b": [1, {"z": null, "a": "ü \"\n"}], "a": 1.5, "ä": true});
        assert_eq!(text(&value), r#"{"a":1.5,"b":[1,{"a":"ü \"\n","z":null}],"ä":true}"#);
    }
}
