//! Every route asked as everybody: what is answered is what `server/src/router/rights.rs` says it needs.
//!
//! The lists of pages and server functions are this program's own, which is linked with the same crates; the list of
//! operations is the document that the running portal gives out. A router does not tell its routes: those that are neither
//! are read in the sources.

mod cast;
mod crossed;
mod expect;
mod functions;
mod operations;
mod pages;
mod written;

use std::collections::BTreeSet;

use app::page_routes;
use leptos::server_fn::axum::server_fn_paths;
use server::router::rights::{FUNCTIONS, OPERATIONS, OTHERS, PAGES};

use self::cast::Cast;

/// The server functions that are linked into this program.
fn server_functions() -> BTreeSet<String> {
    server_fn_paths().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect()
}

fn names(table: &[(&str, server::router::rights::Needs)]) -> BTreeSet<String> {
    table.iter().map(|(name, _)| (*name).to_owned()).collect()
}

// S-J1
#[tokio::test]
async fn every_page_function_and_operation_has_its_line_in_the_table() {
    assert_eq!(names(FUNCTIONS), server_functions());
    let pages: BTreeSet<String> = page_routes().iter().map(|page| page.path().to_owned()).collect();
    assert_eq!(names(PAGES), pages);
    let document = operations::all().await;
    let ids: BTreeSet<String> = document.into_iter().map(|operation| operation.id).collect();
    assert_eq!(names(OPERATIONS), ids);
    let listed: BTreeSet<String> = names(PAGES).into_iter().chain(names(OTHERS)).collect();
    assert_eq!(listed, written::routes(&pages));
}

#[tokio::test]
async fn s_j1_every_route_answers_everybody_as_the_table_says() {
    let cast = Cast::shared().await;
    let mut wrong = pages::ask_all(cast).await;
    wrong.extend(functions::ask_all(cast).await);
    wrong.extend(functions::sign_out(cast).await);
    wrong.extend(operations::ask_all(cast).await);
    wrong.extend(crossed::ask_all(cast).await);
    assert!(wrong.is_empty(), "{} are answered otherwise:\n{}", wrong.len(), wrong.join("\n"));
}
