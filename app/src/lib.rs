//! The portal: what a person sees of Fairlead, rendered by the server and brought to life in the browser.
//!
//! Everything here compiles for `wasm32`. With the feature `ssr` it is part of the server, with `hydrate` part
//! of the browser; never both in one build.
//!
//! # What the server provides
//!
//! As Leptos context of every page and server function:
//! - `Arc<dyn domain::service::ConfigurationService>`, `Arc<dyn …::ClusterService>`,
//!   `Arc<dyn …::AccountService>`, `Arc<dyn …::TokenService>`, `Arc<dyn …::ProviderService>`,
//!   `Arc<dyn …::EmbedService>`, `Arc<dyn …::ReleaseService>`;
//! - [`embedding::FrameParent`], when the answer is for a frame of another origin's page;
//! - `domain::service::RefusedSignIn`, when the page to sign in is shown again for it;
//! - [`api::ApiOperations`], what the REST API can do;
//! - `Arc<dyn SessionCookie>`, which writes the session cookie of the answer (through
//!   `leptos_axum::ResponseOptions`, that is in the context too);
//! - `Option<domain::access::Actor>`, always: who has the request's session. Without one every page but
//!   [`routes::PUBLIC`] answers with a redirect to signing in, and every server function with 401.
//!
//! As routes:
//! - the pages: [`page_routes`], rendered with [`shell`]; each of their paths takes POST too, answered by [`forms::answer`] with the same context and shell;
//! - `GET` of [`routes::sign_in_at`], [`routes::sign_in_callback`] and [`routes::sign_out_at`], in place of the pages there;
//! - the server functions (`/api/portal/…`, all POST), which register themselves;
//! - any other path: [`shell`] again, which answers 404;
//! - `GET /live` as [`live`] says; the files of the site under `/pkg` and `/`.
//!
//! Around all of them: [`alone::alone`].
//!
//! As headers: the request's id in the request header `x-request-id`; a content security policy whose nonce is
//! `leptos::nonce::use_nonce()`, to be set from inside the context, since only rendering makes it. The pages
//! have no inline style and no inline handler; scripts carry the nonce. `Referrer-Policy` may be `no-referrer`.
//!
//! # To add a page
//!
//! A path in [`routes`], a file in `pages`, a `Route` below, its texts in the catalogue, its calls in
//! `server_fns`, new parts in `components` with a style of the same name.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its props")]
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "a server function is always async"))]

mod alive;
#[cfg(feature = "ssr")]
pub mod alone;
pub mod api;
pub mod components;
pub mod configuration_form;
#[cfg(feature = "ssr")]
pub mod context;
pub mod embedding;
pub mod error;
pub mod forms;
#[cfg(feature = "ssr")]
mod guard;
mod later;
#[cfg(feature = "ssr")]
mod listing;
pub mod live;
pub mod pages;
pub mod preferences;
pub mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
mod shell;
pub mod sign_in_ways;
pub mod wire;

#[cfg(feature = "ssr")]
pub use context::SessionCookie;
#[cfg(feature = "ssr")]
pub use listing::page_routes;
#[cfg(feature = "ssr")]
pub use shell::shell;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Outlet, ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::{Lazy, SsrMode, path};

use components::{Frame, Ticker};
use domain::service::Identity;
use pages::clusters::Clusters;
use pages::configurations::GitopsBlade;
use pages::not_found::NotFound;
use pages::set_password::SetPassword;
use pages::sign_in::SignIn;
use wire::Wire;

/// The application: the same on the server and in the browser.
///
/// Every page is rendered at once, when all its data is there: it must be whole without scripts, and its status
/// code must be known.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    preferences::provide();
    let refused = forms::provide();
    let answered = forms::provide_answered();
    sign_in_ways::provide();
    let identity = SharedValue::<_, Wire>::new_with_encoding(identity).into_inner();
    let live = Live::provide();
    let ticker = Ticker::provide();
    when_alive(live, ticker, identity.is_some());
    let signed_in = move || view! { <SignedIn identity=identity.clone()/> };
    view! {
        <Router>
            <Forget refused=refused answered=answered/>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async/>
                // Of these the server answers GET itself, and shows the page when nobody is signed in by it.
                <Route path=path!("/sign-in/:provider") view=SignIn ssr=SsrMode::Async/>
                <Route path=path!("/sign-in/:provider/callback") view=SignIn ssr=SsrMode::Async/>
                <Route path=path!("/set-password") view=SetPassword ssr=SsrMode::Async/>
                <Route path=path!("/embed/sign-in") view={Lazy::<later::EmbedSignIn>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/embed/grant") view={Lazy::<later::EmbedGrant>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/") view=Home ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=signed_in ssr=SsrMode::Async>
                    <Route path=path!("/clusters") view=Clusters ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/connect") view={Lazy::<later::Connect>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/clusters/:cluster") view={Lazy::<later::ClusterPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view={Lazy::<later::SettingsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/places") view={Lazy::<later::PlacesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/places/:place") view={Lazy::<later::PlacePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/service-accounts/:account") view={Lazy::<later::ServiceAccountPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/people") view={Lazy::<later::PeoplePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/people/:person") view={Lazy::<later::PersonPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/activity") view={Lazy::<later::ActivityPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/api") view={Lazy::<later::ApiPage>::new()} ssr=SsrMode::Async/>
                    <ParentRoute path=path!("") view=GitopsBlade ssr=SsrMode::Async>
                        <Route path=path!("/clusters/:cluster/gitops") view=|| () ssr=SsrMode::Async/>
                        <Route path=path!("/clusters/:cluster/gitops/new") view={Lazy::<later::AddConfiguration>::new()} ssr=SsrMode::Async/>
                        <Route path=path!("/configurations") view=|| () ssr=SsrMode::Async/>
                        <Route path=path!("/configurations/:configuration") view={Lazy::<later::ConfigurationPage>::new()} ssr=SsrMode::Async/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

use live::Live;

/// The frame of the signed-in pages; without somebody signed in nothing but the way to sign in.
#[component]
fn SignedIn(identity: Option<Identity>) -> impl IntoView {
    #[cfg(feature = "ssr")]
    if !guard::signed_in() {
        return None;
    }
    identity.map(|identity| view! { <Frame identity=identity><Outlet/></Frame> })
}

#[component]
fn Home() -> impl IntoView {
    view! { <Redirect path=routes::CLUSTERS/> }
}

/// A form that was posted belongs to the page that answered it: the next page starts afresh.
#[component]
fn Forget(refused: forms::Refused, answered: forms::Answered) -> impl IntoView {
    let location = use_location();
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if before.is_some_and(|before| before != path) {
            refused.forget();
            answered.forget();
        }
        path
    });
}

/// Who is signed in; the browser is told by the page.
fn identity() -> Option<Identity> {
    #[cfg(feature = "ssr")]
    {
        let actor = context::asking()?;
        Some(Identity { name: actor.name, administrator: actor.administrator })
    }
    #[cfg(not(feature = "ssr"))]
    None
}

/// Starts what only a page in a browser has: the live stream and the growing ages.
#[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "the server's page does not live on"))]
fn when_alive(live: Live, ticker: Ticker, signed_in: bool) {
    #[cfg(feature = "hydrate")]
    {
        let alive = alive::use_alive();
        Effect::new(move |_| {
            if !alive.get() {
                return;
            }
            // Leptos ends the hydration itself only where nothing is loaded later.
            if let Some(page) = Owner::current_shared_context() {
                page.hydration_complete();
            }
            ticker.start();
            if signed_in {
                live::listen(live);
            }
        });
    }
}

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    embedding::step_in();
    let alive = alive::Alive::default();
    let given = alive.clone();
    let app = move || {
        provide_context(given);
        App()
    };
    // Leptos' own way to spawn works only once it hydrates.
    wasm_bindgen_futures::spawn_local(async move {
        let page = hydrate_from_async(leptos::tachys::dom::body(), app).await;
        alive.come();
        page.forget();
    });
}
