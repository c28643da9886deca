//! Chart values of the Helm operator: whatever is written as `--set` words is read within bounds or refused.
#![no_main]

use domain::configuration::helm::{HelmOptions, set};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

/// What a reader of one word may make at most, in places of lists.
const PLACES_MAX: usize = 70_000;

fuzz_target!(|line: &str| {
    let _ = HelmOptions::parse(line);
    for typed in [true, false] {
        let mut values = Map::new();
        if set(&mut values, line, typed).is_ok() {
            let places = places(&Value::Object(values));
            assert!(places <= PLACES_MAX, "{line:?} made {places} places");
        }
    }
});

fn places(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(places).sum(),
        Value::Array(items) => items.len() + items.iter().map(places).sum::<usize>(),
        _ => 0,
    }
}
