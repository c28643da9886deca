//! What generators printed, as part of a load.

use super::*;
use crate::port::generate::{Generated, Generation};
use crate::testing::repository_paths;

fn generated(origin: &str, text: &str) -> Generated {
    Generated { origin: origin.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn load_all(tree: &MemoryTree, scanned: Option<&[&str]>, made: Vec<Generated>) -> Result<Load, LoadError> {
    let generation = Generation { scanned: scanned.map(repository_paths), generated: made };
    load_generated(tree, &generation, &Limits::default())
}

#[test]
fn printed_documents_and_files_are_one_load_and_each_object_says_where_it_is_from() {
    let tree = MemoryTree::new(&[("plain/a.yaml", &map("a")), ("else/b.yaml", &map("b"))]);
    let made = generated("apps/.flux.yaml (kustomize build .)", &format!("{}---\n{}", map("c"), map("d")));
    let load = load_all(&tree, Some(&["plain"]), vec![made.clone()]).unwrap();
    assert_eq!(
        listed(&load),
        "<cluster>:configmap/a (v1 plain/a.yaml:1)
<cluster>:configmap/c (v1 apps/.flux.yaml (kustomize build .):1)
<cluster>:configmap/d (v1 apps/.flux.yaml (kustomize build .):5)\n"
    );
    assert_eq!(load_all(&tree, Some(&[]), Vec::new()).unwrap().objects.len(), 2);
    assert_eq!(load_all(&tree, None, vec![made]).unwrap().objects.len(), 2);
}

#[test]
fn an_object_that_is_printed_and_in_a_file_is_defined_twice() {
    let tree = MemoryTree::new(&[("plain/a.yaml", &map("a"))]);
    let made = generated(".flux.yaml (kustomize build .)", &map("a"));
    let error = load_all(&tree, Some(&["plain"]), vec![made]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "duplicate definition of '<cluster>:configmap/a' (in plain/a.yaml:1 and .flux.yaml (kustomize build .):1)"
    );
}

#[test]
fn printed_documents_are_held_to_the_limits_of_all_files_together() {
    let tree = MemoryTree::new(&[]);
    let large = format!("# {}\n{}", "x".repeat(2 * 1024 * 1024), map("a"));
    assert_eq!(load_all(&tree, None, vec![generated("g", &large)]).unwrap().objects.len(), 1);
    let limits = Limits { total_bytes: 100, ..Limits::default() };
    let generation = Generation { scanned: None, generated: vec![generated("g", &large)] };
    let error = load_generated(&tree, &generation, &limits).unwrap_err();
    assert_eq!(error.to_string(), "g: more than 100 bytes in all files");
    let error = load_all(&tree, None, vec![generated("g", "a: [\n")]).unwrap_err();
    assert!(error.to_string().starts_with("g:"), "{error}");
}
