use std::fmt::Write as _;

use super::*;

fn reading(text: &str) -> String {
    failure(&MemoryTree::new(&[("bomb.yaml", text)]))
}

// S-F1
#[test]
fn aliases_that_multiply_are_stopped() {
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let uses = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{uses}]").unwrap();
    }
    assert_eq!(reading(&laughs), "bomb.yaml: more than 20000 values repeated by YAML aliases");
}

// S-F1
#[test]
fn many_uses_of_one_anchor_are_stopped() {
    let text = format!("a: &a x\nb: [{}]\n", vec!["*a"; 2000].join(","));
    assert_eq!(reading(&text), "bomb.yaml: more than 1000 values repeated by YAML aliases");
}

#[test]
fn one_anchor_may_serve_many_documents() {
    let document = |number| {
        format!("apiVersion: v1\nkind: A\nmetadata: {{name: a{number}, labels: &l {{a: b}}}}\nx: *l\n---\n")
    };
    let text: String = (0..200).map(document).collect();
    assert_eq!(MemoryTree::new(&[("a.yaml", &text)]).load().unwrap().objects.len(), 200);
}

// S-F1
#[test]
fn deep_nesting_is_stopped_in_every_style() {
    for (open, name) in [("[", "lists"), ("{a: ", "mappings"), ("- ", "blocks"), ("? ", "keys")] {
        let text = open.repeat(100_000);
        assert_eq!(reading(&text), "bomb.yaml: more than 64 levels of nesting", "{name}");
    }
    let mut indented = String::new();
    for level in 0..200 {
        writeln!(indented, "{}a:", " ".repeat(level)).unwrap();
    }
    assert_eq!(reading(&indented), "bomb.yaml: more than 64 levels of nesting");
}

// S-F1
#[test]
fn endless_documents_and_values_are_stopped() {
    assert_eq!(reading(&"---\n".repeat(200_000)), "bomb.yaml: more than 10000 YAML documents");
    assert_eq!(
        reading(&format!("a: [{}]", "0,".repeat(300_000))),
        "bomb.yaml: more than 200000 values in one file"
    );
    assert_eq!(
        reading(&format!("a: {}", "x".repeat(1024 * 1024))),
        "bomb.yaml: more than 1048576 bytes in one file"
    );
}

// S-F1
#[test]
fn an_anchor_that_holds_itself_is_refused() {
    assert!(reading("a: &a [*a]").starts_with("bomb.yaml:1: "));
}
