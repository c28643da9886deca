//! Pages inside a frame of another origin's page.
//!
//! The server has every page once more below `/embed`, for frames. In the browser the address loses that part again
//! before the page comes to life, so that the router and all links know one address per page; what is fetched keeps it,
//! because the session of a frame comes from there alone. Loading the page again leads back (see the server's
//! `middleware/embed.rs`).

#[cfg(feature = "ssr")]
use leptos::prelude::use_context;

use crate::routes;

/// The origin in whose frame the page is shown, for instance `https://dashboard.example.com`; the server puts it into
/// the context, and the page has it in `data-parent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameParent(pub String);

/// What absolute addresses of the portal begin with, as this request's browser knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalOrigin(pub String);

/// Whether this page is made for a frame.
#[cfg(feature = "ssr")]
pub fn in_frame() -> bool {
    use_context::<FrameParent>().is_some()
}

/// Whether this page is made for a frame.
#[cfg(not(feature = "ssr"))]
pub fn in_frame() -> bool {
    let page = leptos::prelude::document().document_element();
    page.is_some_and(|page| page.has_attribute("data-parent"))
}

/// Whether the page talks to a parent or to the frame that opened it.
#[cfg(feature = "ssr")]
pub(crate) fn needs_script() -> bool {
    let path = use_context::<axum::http::request::Parts>().map(|parts| parts.uri.path().to_owned());
    let own = [routes::EMBED_SIGN_IN, routes::EMBED_GRANT];
    in_frame() || path.is_some_and(|path| own.contains(&path.as_str()))
}

/// Where whoever is no longer signed in goes from `page`.
pub(crate) fn sign_in_from(page: &str) -> String {
    let here = leptos::prelude::document().document_element();
    match here.and_then(|here| here.get_attribute("data-parent")) {
        Some(parent) => routes::embed_sign_in(&parent, page, false),
        None => routes::sign_in_then(page),
    }
}

/// Where something is fetched from.
#[cfg(feature = "hydrate")]
pub(crate) fn address_of(path: &str) -> String {
    if in_frame() { routes::in_embed(path) } else { path.to_owned() }
}

/// Takes the folder of frames off the address, and puts it before everything that is called.
#[cfg(feature = "hydrate")]
pub(crate) fn step_in() {
    use leptos::prelude::window;

    let location = window().location();
    let Ok(path) = location.pathname() else { return };
    let Some(page) = routes::behind_embed(&path).filter(|_| in_frame()) else { return };
    server_fn::client::set_server_url(routes::EMBED);
    let page = format!("{page}{}", location.search().unwrap_or_default());
    if let Ok(history) = window().history() {
        // Without it the page would only be taken for one that does not exist.
        drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&page)));
    }
}
