//! A portal over a small made-up world: enough to see and test every page without a cluster. The services are in the files
//! beside this one, what they tell of in `world`.

use std::sync::Arc;

use app::alone::alone;
use app::api::ApiOperations;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn;
use axum::routing::post;
use domain::access::{Actor, Via};
use domain::id::UserId;
use domain::service::{
    AccessService, AccountService, ActivityService, ClusterService, ConfigurationService, EmbedService,
    PeopleService, ReleaseService, TokenService,
};
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::LeptosRoutes;
use uuid::Uuid;

use super::world;

/// The cookie of a session here; its value is of no importance.
pub(crate) const SESSION: &str = "session";
/// What signs in.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// All of it.
pub(crate) struct Sample;

/// The router as the server builds it, without its layers.
pub(crate) fn router(options: &LeptosOptions) -> Router {
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let mut router = Router::new();
    let routes = app::page_routes();
    for route in &routes {
        let shell = shell.clone();
        let answer = move |request: Request<Body>| app::forms::answer(request, context, shell, |_| true);
        router = router.route(route.path(), post(answer));
    }
    router
        .leptos_routes_with_context(options, routes, context, shell.clone())
        .fallback(leptos_axum::render_app_async_with_context(context, shell))
        .layer(from_fn(alone))
        .with_state(options.clone())
}

fn context() {
    provide_context::<Arc<dyn ConfigurationService>>(Arc::new(Sample));
    provide_context::<Arc<dyn ClusterService>>(Arc::new(Sample));
    provide_context::<Arc<dyn AccountService>>(Arc::new(Sample));
    provide_context::<Arc<dyn TokenService>>(Arc::new(Sample));
    provide_context::<Arc<dyn AccessService>>(Arc::new(Sample));
    provide_context::<Arc<dyn PeopleService>>(Arc::new(Sample));
    provide_context::<Arc<dyn ActivityService>>(Arc::new(Sample));
    provide_context::<Arc<dyn EmbedService>>(Arc::new(Sample));
    provide_context::<Arc<dyn ReleaseService>>(Arc::new(Sample));
    provide_context::<ApiOperations>(world::operations().into());
    let parts = use_context::<axum::http::request::Parts>();
    let cookies = parts.as_ref().and_then(|parts| parts.headers.get("cookie")?.to_str().ok());
    let signed_in = cookies.is_some_and(|cookies| cookies.contains(&format!("{SESSION}=in")));
    let response = use_context::<leptos_axum::ResponseOptions>();
    let cookie: Arc<dyn app::SessionCookie> = Arc::new(Cookie { response, signed_in });
    provide_context(cookie);
    provide_context(signed_in.then(actor));
}

pub(crate) fn actor() -> Actor {
    Actor {
        user: UserId(Uuid::nil()),
        name: "ada".to_owned(),
        administrator: true,
        grants: Vec::new(),
        limit: None,
        via: Via::default(),
    }
}

struct Cookie {
    response: Option<leptos_axum::ResponseOptions>,
    signed_in: bool,
}

impl Cookie {
    fn write(&self, cookie: &str) {
        if let (Some(response), Ok(value)) = (&self.response, cookie.parse()) {
            response.append_header(axum::http::header::SET_COOKIE, value);
        }
    }
}

impl app::SessionCookie for Cookie {
    fn set(&self, _secret: &str, max_age_seconds: i64) {
        self.write(&format!("{SESSION}=in; Path=/; HttpOnly; Max-Age={max_age_seconds}"));
    }

    fn secret(&self) -> Option<String> {
        self.signed_in.then(|| "in".to_owned())
    }

    fn clear(&self) {
        self.write(&format!("{SESSION}=; Path=/; Max-Age=0"));
    }
}
