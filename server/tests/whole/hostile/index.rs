//! The table of `server/tests/README.md` tells the truth.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[test]
fn every_rule_of_the_table_is_named_in_its_files_and_every_named_one_is_in_the_table() {
    let table = std::fs::read_to_string(root().join("server/tests/README.md")).unwrap();
    let mut listed = BTreeSet::new();
    for row in table.lines().filter(|line| is_id(line.split_whitespace().nth(1).unwrap_or_default())) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, files] = cells[..] else { panic!("not three cells: {row}") };
        for file in files.split(", ").map(|file| file.trim_matches('`')) {
            let text = std::fs::read_to_string(root().join(file));
            let text = text.unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
            assert!(ids(&text).contains(id), "{id} is not in {file}");
            listed.insert((id.to_owned(), file.to_owned()));
        }
    }
    assert!(!listed.is_empty());
    let mut named = BTreeSet::new();
    for folder in ["app", "server", "end2end"] {
        collect(&root().join(folder), &mut named);
    }
    let missing: Vec<_> = named.difference(&listed).collect();
    assert!(missing.is_empty(), "these want a row in server/tests/README.md: {missing:#?}");
}

/// Ids in the tests of a folder, with their files.
fn collect(folder: &Path, named: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_dir() {
            if !matches!(name.as_str(), "node_modules" | "target") && !name.starts_with('.') {
                collect(&entry, named);
            }
        } else if is_test(&name) {
            let text = std::fs::read_to_string(&entry).unwrap();
            let path = entry.strip_prefix(root()).unwrap().display().to_string();
            named.extend(ids(&text).into_iter().map(|id| (id, path.clone())));
        }
    }
}

/// Whether a file of this name may hold tests.
fn is_test(name: &str) -> bool {
    [".rs", ".spec.ts", ".py"].iter().any(|ending| name.ends_with(ending))
}

/// An id stands in a comment or a string as it is written in the table, or first in the name of a test, in lower case
/// and with an underscore for the hyphen.
fn ids(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(name) = line.split("fn ").nth(1).filter(|_| line.ends_with('{')) {
            ids.extend(ids_of_name(name.split('(').next().unwrap_or_default()));
        }
        if line.starts_with("//") || line.contains("\"S-") {
            ids.extend(ids_of_words(line));
        }
    }
    ids
}

fn ids_of_words(line: &str) -> Vec<String> {
    let words = line.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    words.filter(|word| is_id(word)).map(str::to_owned).collect()
}

fn ids_of_name(name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut words = name.split('_').peekable();
    while let Some(word) = words.next() {
        let id = match (word, words.peek()) {
            ("s", Some(next)) => format!("S-{}", next.to_uppercase()),
            _ => word.to_uppercase(),
        };
        if !is_id(&id) {
            break;
        }
        if word == "s" {
            words.next();
        }
        ids.push(id);
    }
    ids
}

/// `S-` with a letter and a number, or one of D, V and R with a number.
fn is_id(word: &str) -> bool {
    let rest = match word.strip_prefix("S-") {
        Some(rest) => rest.strip_prefix(|letter: char| letter.is_ascii_uppercase()),
        None => word.strip_prefix(['D', 'V', 'R']),
    };
    rest.is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
