//! Whatever serde writes is read back.

use std::fmt::Debug;

use domain::reason::{ObjectReason, Reason};
use domain::service::{Conflict, Identity, ServiceError};
use domain::violation::{Field, Rule, Violations};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Unreadable, read};
use crate::error::WireError;
use crate::forms::RefusedForm;

fn assert_comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(thing: T) {
    let text = serde_json::to_vec(&thing).unwrap();
    assert_eq!(read::<T>(&text), Ok(thing), "{}", String::from_utf8_lossy(&text));
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    flag: bool,
    small: u8,
    large: u64,
    below: i64,
    part: f64,
    letter: char,
    text: String,
    nothing: (),
    given: Option<u32>,
    missing: Option<u32>,
    list: Vec<Shape>,
    pair: (String, u16),
    named: std::collections::BTreeMap<String, i32>,
    wrapped: Wrapped,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Shape {
    NoContent,
    One(u32),
    Two(u32, String),
    Named { width: u32, height: Option<u32> },
}

fn everything() -> Everything {
    Everything {
        flag: true,
        small: 255,
        large: u64::MAX,
        below: i64::MIN,
        part: 0.5,
        letter: '港',
        text: "a \"word\"\nand 港口".to_owned(),
        nothing: (),
        given: Some(0),
        missing: None,
        list: vec![
            Shape::NoContent,
            Shape::One(1),
            Shape::Two(2, "two".to_owned()),
            Shape::Named { width: 3, height: None },
        ],
        pair: ("left".to_owned(), 7),
        named: [("b".to_owned(), -2), ("a".to_owned(), -1)].into(),
        wrapped: Wrapped("inside".to_owned()),
    }
}

#[test]
fn every_kind_of_value_comes_back() {
    assert_comes_back(everything());
    assert_comes_back::<Result<Vec<Option<Everything>>, ()>>(Ok(vec![Some(everything()), None]));
    assert_comes_back::<Result<u8, String>>(Err("no".to_owned()));
}

#[test]
fn what_the_pages_get_comes_back() {
    let mut violations = Violations::default();
    violations.push(Field::GitPath, Rule::Required);
    violations.push(Field::ConfigurationName, Rule::TooLong { max: 63 });
    violations.push(Field::OperatorScope, Rule::OneOf { allowed: vec!["cluster".to_owned()] });
    let invalid = WireError::from(ServiceError::Invalid { violations });
    assert_comes_back(invalid.clone());
    assert_comes_back(WireError::Unreachable);
    assert_comes_back(WireError::from(ServiceError::Conflict {
        conflict: Conflict::ClusterConnectedAlready { name: None },
    }));
    assert_comes_back(Some(Identity { name: "ada".to_owned(), administrator: false }));
    assert_comes_back(Some(RefusedForm {
        form: "create_configuration".to_owned(),
        fields: vec![("name".to_owned(), String::new())],
        error: invalid,
    }));
    // The reasons have their tag inside, which is read the long way.
    assert_comes_back(vec![Reason::Installed, Reason::ObjectsRefused { refused: 1, total: 2 }]);
    assert_comes_back(ObjectReason::ManagedByOther { configuration: None });
}

#[test]
fn a_field_of_a_newer_server_is_passed_over() {
    let text = br#"{"later": [1], "administrator": true, "name": "ada"}"#;
    assert_eq!(read(text), Ok(Identity { name: "ada".to_owned(), administrator: true }));
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused: [Result<Identity, Unreadable>; 4] = [
        read(br#"{"name": "ada"}"#),
        read(br#"{"name": 1, "administrator": true}"#),
        read(b"[]"),
        read(b"{"),
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    let shapes: [Result<Shape, Unreadable>; 5] = [
        read(br#""later""#),
        read(br#"{"noContent": 1}"#),
        read(br#"{"one": -1}"#),
        read(br#"{"two": [1]}"#),
        read(b"{}"),
    ];
    assert!(shapes.iter().all(Result::is_err), "{shapes:?}");
    assert!(read::<u8>(b"256").is_err());
}
