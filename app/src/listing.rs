//! The paths of the pages.

use std::sync::LazyLock;

use leptos_axum::{AxumRouteListing, generate_route_list};

use crate::App;

/// The paths of all pages, for the server's router.
///
/// They are found once in a process, by running the application without its data. While that runs, Leptos lets
/// no page anywhere in the process load data, and a page rendered at that moment would wait for ever: so take
/// them before the first request, and make no second list.
pub fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));
    ROUTES.clone()
}
