//! Routes as the sources have them.

use std::collections::BTreeSet;

use app::routes::{ACTIVITY_FILE, EMBED_ENTER};
use server::middleware::guard::WEBHOOKS_FOLDER;

use crate::hostile::{root, sources};

/// Routes that are not written as text, with how they are written.
const NAMED: [(&str, &str); 2] =
    [("app::routes::EMBED_ENTER", EMBED_ENTER), ("app::routes::ACTIVITY_FILE", ACTIVITY_FILE)];

/// How the pages' routes are written; the forms without script that they take lead to server functions.
const PAGES: &str = "page.path()";
/// All server functions have this one route; their paths are compared by name.
const SERVER_FUNCTIONS: &str = "/api/portal/{name}";

/// Sources of the crates that may use axum; `routes_are_made_in_two_crates` holds the others to it.
const FOLDERS: [&str; 2] = ["app/src", "server/src"];

/// Ways to add routes that are not looked for, and so may not be used.
const OTHER_WAYS: [&str; 5] =
    [".route_service(", ".nest(", ".nest_service(", ".directory_route", "MethodFilter"];

/// All but server functions and operations: pages, what is added to a router by `.route(`, and the static files.
pub(super) fn routes(pages: &BTreeSet<String>) -> BTreeSet<String> {
    let mut routes = pages.clone();
    let mut fallbacks = 0;
    let ours = sources()
        .into_iter()
        .filter(|(path, _)| FOLDERS.iter().any(|folder| path.starts_with(root().join(folder))));
    for (path, text) in ours {
        let path = path.display();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for way in OTHER_WAYS {
            assert!(!text.contains(way), "{path}: what {way} adds would be compared with nothing");
        }
        fallbacks += text.matches(".fallback").count();
        for (place, _) in text.match_indices(".route(") {
            let written = text[place..].trim_start_matches(".route(").split(',').next().unwrap().trim();
            match route(written) {
                _ if written == PAGES => {}
                Some(route) if route == SERVER_FUNCTIONS => {}
                Some(route) => drop(routes.insert(route)),
                None => panic!("{path}: no test knows which route `{written}` is"),
            }
        }
    }
    assert_eq!(fallbacks, 2, "files and \"not found\", and the layer around all routes");
    for file in std::fs::read_dir(root().join("public")).unwrap() {
        routes.insert(format!("/{}", file.unwrap().file_name().to_string_lossy()));
    }
    routes
}

#[test]
fn routes_are_made_in_two_crates() {
    for folder in ["app", "server"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let manifest = entry.unwrap().path().join("Cargo.toml");
            let text = std::fs::read_to_string(&manifest).unwrap_or_default();
            assert!(!text.contains("axum"), "{} could add routes that nobody looks for", manifest.display());
        }
    }
}

fn route(written: &str) -> Option<String> {
    if let Some(text) = written.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return Some(text.to_owned());
    }
    if written == "&format!(\"{WEBHOOKS_FOLDER}{{address}}\")" {
        return Some(format!("{WEBHOOKS_FOLDER}{{address}}"));
    }
    NAMED.iter().find(|(name, _)| *name == written).map(|(_, route)| (*route).to_owned())
}
