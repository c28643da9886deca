//! Answers beside their golden files, as JSON values.
//!
//! In a golden file `{{name}}` stands for a value of the test, `<time>` for any time, `<id>` for any UUID and
//! `<text>` for any text that is not empty. `complianceStatus.message` is JSON in a text and stands there as JSON.

use std::path::Path;

use serde_json::Value;

use super::api::Answer;

/// Panics with both when they differ.
pub(crate) fn assert_golden(name: &str, answer: &Answer, values: &[(&str, &str)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/whole/rest/golden/{name}.json"));
    let mut text =
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for (name, value) in values {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    let golden: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(u64::from(answer.status), golden["status"].as_u64().unwrap(), "{name}: {answer:#?}");
    if let Err(place) = same(&golden["body"], &answer.json, "body") {
        panic!("{name} differs at {place}\nwanted {:#}\ngot {:#}", golden["body"], answer.json);
    }
}

fn same(wanted: &Value, got: &Value, place: &str) -> Result<(), String> {
    match (wanted, got) {
        (Value::Object(_), Value::String(text)) => {
            let parsed: Value = serde_json::from_str(text).map_err(|_| place.to_owned())?;
            same(wanted, &parsed, place)
        }
        (Value::Object(wanted), Value::Object(got)) => {
            let names = wanted.keys().chain(got.keys().filter(|name| !wanted.contains_key(*name)));
            for name in names {
                let place = format!("{place}.{name}");
                let (wanted, got) = (wanted.get(name), got.get(name));
                same(wanted.ok_or(&place)?, got.ok_or(&place)?, &place)?;
            }
            Ok(())
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            let mut pairs = wanted.iter().zip(got).enumerate();
            pairs.try_for_each(|(index, (wanted, got))| same(wanted, got, &format!("{place}[{index}]")))
        }
        (Value::String(pattern), Value::String(text)) if fits(pattern, text) => Ok(()),
        _ if wanted == got => Ok(()),
        _ => Err(place.to_owned()),
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    match pattern {
        "<time>" => is_time(text),
        "<id>" => text.len() == 36 && text.split('-').count() == 5,
        "<text>" => !text.is_empty(),
        pattern => pattern == text,
    }
}

/// `2020-09-08T05:10:57.027Z`
fn is_time(text: &str) -> bool {
    let shape: String =
        text.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect();
    shape == "0000-00-00T00:00:00.000Z" && !text.starts_with("0001")
}
