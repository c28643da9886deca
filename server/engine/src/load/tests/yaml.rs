use domain::reason::Reason;
use serde_json::{Value, json};

use super::*;

/// Marker that no error may show.
const CANARY: &str = "CANARY-4711";

fn manifest(field: &str) -> Result<Value, LoadError> {
    let text = format!("apiVersion: v1\nkind: A\nmetadata: {{name: a}}\n{field}\n");
    let tree = MemoryTree::new(&[("a.yaml", &text)]);
    tree.load().map(|load| load.objects.into_iter().next().map(|object| object.manifest).unwrap_or_default())
}

/// What kubectl makes of plain scalars, for all but mapping keys (kubectl makes `"true"` of the key `on`) and keys
/// given twice (kubectl takes the last).
#[test]
fn scalars_are_read_as_kubectl_reads_them() {
    let table = [
        ("x: yes", json!(true)),
        ("x: on", json!(true)),
        ("x: y", json!(true)),
        ("x: Yes", json!(true)),
        ("x: no", json!(false)),
        ("x: OFF", json!(false)),
        ("x: 'yes'", json!("yes")),
        ("x: 0644", json!(420)),
        ("x: 0o644", json!(420)),
        ("x: 0x1F", json!(31)),
        ("x: 0b11", json!(3)),
        ("x: 1_000", json!(1000)),
        ("x: 1e3", json!(1000)),
        ("x: 1.0", json!(1)),
        ("x: 1.5", json!(1.5)),
        ("x: -0.0", json!(0)),
        ("x: 08", json!(8)),
        ("x: 1e300", json!(1e300)),
        ("x: 18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("x: !!binary aGk=", json!("hi")),
        ("x: 2026-01-31", json!("2026-01-31")),
        ("x: 1:30", json!("1:30")),
        ("x: !Ref x", json!("x")),
        ("x: ~", json!(null)),
        ("x:", json!(null)),
        ("x: |\n  a\n  b\n", json!("a\nb\n")),
        ("x: {a: &a {b: 1}, c: {<<: *a, d: 2}}", json!({"a": {"b": 1}, "c": {"b": 1, "d": 2}})),
        ("x: {on: 1, 5: 2}", json!({"on": 1, "5": 2})),
    ];
    for (text, expected) in table {
        assert_eq!(manifest(text).map(|manifest| manifest["x"].clone()), Ok(expected), "{text}");
    }
}

#[test]
fn what_kubernetes_cannot_hold_fails_the_load() {
    for text in ["x: .inf", "x: .nan", "x: 1\nx: 2", "x: {a: 1, a: 2}", "x: *nowhere", "x: !!binary '*'"] {
        assert!(matches!(manifest(text), Err(LoadError::Manifest { line: Some(4..), .. })), "{text}");
    }
}

// S-A6
#[test]
fn a_syntax_error_names_file_and_line_and_shows_nothing_of_the_file() {
    let broken = [
        format!("a: {CANARY}\nb: [{CANARY}"),
        format!("a: {CANARY}\n  b: {CANARY}"),
        format!("{CANARY}: 1\n{CANARY}: 2"),
        format!("a: *{CANARY}"),
        format!("a: !!int {CANARY}"),
        format!("a: !!float {CANARY}"),
        format!("a: !!bool {CANARY}"),
        format!("a: !!binary {CANARY}"),
        format!("a: \"{CANARY}\\q\""),
        format!("a: 'x' {CANARY}"),
        format!("? [{CANARY}]\n: 1"),
        format!("? {{{CANARY}: 1}}\n: 1"),
        format!("%{CANARY}\n---\na: 1\n%{CANARY}\n"),
        format!("a: !{CANARY}! x"),
        format!("a: @{CANARY}"),
        format!("a: |9{CANARY}"),
        format!("<<: {CANARY}"),
        CANARY.to_owned(),
        format!("kind: [{CANARY}]"),
        format!("kind: {CANARY}"),
        format!("kind: A\napiVersion: v1\nmetadata: {CANARY}"),
        format!("kind: A\napiVersion: v1\nmetadata: {{name: [{CANARY}]}}"),
        format!("kind: A\napiVersion: v1\nmetadata: {{name: ../{CANARY}}}"),
        format!("!!python/object:{CANARY} [x"),
    ];
    for text in broken {
        let tree = MemoryTree::new(&[("secret.yaml", &text)]);
        let error = tree.load().expect_err(&text);
        let (reason, detail) = error.reason();
        assert!(
            matches!(&reason, Reason::ManifestInvalid { file, line: Some(1..) } if file == "secret.yaml"),
            "{reason:?}: {text}"
        );
        assert!(!format!("{error} {error:?} {reason:?} {detail:?}").contains(CANARY), "{error:?}");
        assert!(error.to_string().starts_with("secret.yaml:"), "{error}");
    }
}

#[test]
fn a_file_that_is_no_text_fails_the_load() {
    let tree = MemoryTree::new(&[]).file("a.yaml", b"a: \xff\xfe");
    assert_eq!(failure(&tree), "a.yaml: the file is not UTF-8 text");
}

#[test]
fn a_byte_order_mark_is_no_content() {
    let text = format!("\u{feff}{}", map("a"));
    assert_eq!(MemoryTree::new(&[("a.yaml", &text)]).load().unwrap().objects.len(), 1);
}
