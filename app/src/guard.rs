//! No page without a session: whoever is not signed in is sent to where one signs in, and back afterwards.

use axum::http::request::Parts;
use leptos::prelude::use_context;

use crate::context::asking;
use crate::routes;

/// Whether somebody is signed in; sends them to sign in otherwise.
pub(crate) fn signed_in() -> bool {
    let signed_in = asking().is_some();
    if !signed_in {
        to_sign_in();
    }
    signed_in
}

/// Answers the page with a redirect to signing in, and from there back to it.
pub(crate) fn to_sign_in() {
    if let Some(parts) = use_context::<Parts>() {
        let page = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        leptos_axum::redirect(&routes::sign_in_then(page));
    }
}
