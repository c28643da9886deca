//! Which request goes where, and what each passes on its way; `rights` says what each needs.

pub mod rights;

use std::path::Path;
use std::sync::Arc;

use app::alone::alone;
use app::api::ApiOperations;
use app::{page_routes, shell};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use domain::access::Actor;
use domain::service::{
    AccessService, AccountService, ActivityService, ClusterService, ConfigurationService, EmbedService,
    PeopleService, ProviderService, ReleaseService, ResourceService, TokenService, Visit,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use leptos::config::LeptosOptions;
use leptos::prelude::{expect_context, provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, handle_server_fns_with_context};
use metrics_exporter_prometheus::PrometheusHandle;
use service::Webhooks;
use storage::Storage;
use tower::ServiceExt;
use tower::util::MapRequest;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::ServeDir;

use crate::cookie::SessionCookies;
use crate::middleware::crowd::{Crowd, bound_crowd};
use crate::middleware::embed::{FrameParent, InFrame, keep_in_frames, may_be_framed, step_in};
use crate::middleware::guard::{Guard, PROVIDERS_FOLDER, SessionSecret, require_session};
use crate::middleware::headers::{HeaderPolicy, REPORTED_POLICY, content_security_policy, security_headers};
use crate::middleware::origin::{Origins, require_own_origin};
use crate::middleware::path::refuse_crooked;
use crate::middleware::refusals::{note_refusals, note_strangers};
use crate::middleware::request_id::identify_request;
use crate::middleware::time::bound_time;
use crate::middleware::visitor::{TrustedProxies, identify_visitor};
use crate::rest::document::{Document, document};
use crate::rest::error::in_arms_shape;
use crate::rest::link::Origin;
use crate::rest::words::canonical;
use crate::rest::{is_rest, nothing_here};
use crate::routes::activity::activity;
use crate::routes::embed;
use crate::routes::health;
use crate::routes::live::{Live, live};
use crate::routes::sign_in;
use crate::routes::webhook;

/// A kubeconfig of 256 KiB, escaped for a form, is the largest body there is.
const BODY_MAX_BYTES: usize = 1024 * 1024;

/// What pages have kept in the browser goes with the session (ASVS 14.3.1). Nothing of them is in its cache, and other cookies
/// are the language and the theme.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const STORAGE: HeaderValue = HeaderValue::from_static("\"storage\"");

/// The use cases of the REST API.
pub type Resources = Arc<dyn ResourceService>;
/// The use cases on the audit.
pub type ActivityUseCases = Arc<dyn ActivityService>;

/// Everything the routes need; each handler takes its part.
#[derive(Clone)]
pub struct AppState {
    pub leptos: LeptosOptions,
    pub accounts: Arc<dyn AccountService>,
    pub configurations: Arc<dyn ConfigurationService>,
    pub clusters: Arc<dyn ClusterService>,
    pub releases: Arc<dyn ReleaseService>,
    pub resources: Resources,
    pub tokens: Arc<dyn TokenService>,
    pub access: Arc<dyn AccessService>,
    pub people: Arc<dyn PeopleService>,
    pub activity: ActivityUseCases,
    pub providers: Arc<dyn ProviderService>,
    pub embedding: Arc<dyn EmbedService>,
    pub webhooks: Webhooks,
    /// Whose word on where a request comes from is taken.
    pub trusted_proxies: TrustedProxies,
    pub storage: Arc<Storage>,
    pub metrics: PrometheusHandle,
    pub cookies: SessionCookies,
    pub origins: Origins,
    pub live: Live,
    /// What absolute addresses of the REST API begin with.
    pub origin: Origin,
    /// Description of the REST API.
    pub document: Document,
    /// The operations in it, for the page.
    pub operations: ApiOperations,
    /// Folder of built scripts, styles and static files.
    pub site_root: Arc<Path>,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl FromRef<AppState> for Arc<Storage> {
    fn from_ref(state: &AppState) -> Self {
        state.storage.clone()
    }
}

impl FromRef<AppState> for PrometheusHandle {
    fn from_ref(state: &AppState) -> Self {
        state.metrics.clone()
    }
}

impl FromRef<AppState> for Live {
    fn from_ref(state: &AppState) -> Self {
        state.live.clone()
    }
}

impl FromRef<AppState> for Resources {
    fn from_ref(state: &AppState) -> Self {
        state.resources.clone()
    }
}

impl FromRef<AppState> for ActivityUseCases {
    fn from_ref(state: &AppState) -> Self {
        state.activity.clone()
    }
}

impl FromRef<AppState> for Document {
    fn from_ref(state: &AppState) -> Self {
        state.document.clone()
    }
}

impl FromRef<AppState> for Origin {
    fn from_ref(state: &AppState) -> Self {
        state.origin.clone()
    }
}

/// All routes with all their layers. `rest` are the routes that [`AppState::document`] describes.
pub fn router(state: AppState, rest: Router<AppState>) -> Router {
    let guard = Guard {
        accounts: state.accounts.clone(),
        tokens: state.tokens.clone(),
        embedding: state.embedding.clone(),
        cookies: state.cookies,
    };
    let headers = HeaderPolicy { secure: state.cookies.secure };
    let csrf = CsrfLayer::new();
    let pages = page_routes();
    let mut timed = Router::new();
    for page in &pages {
        // a form without script posts to the page it is on
        timed = timed.route(page.path(), post(form));
    }
    // Where a browser is on its way to an identity provider or back, a page comes only when something is wrong.
    let pages = pages.into_iter().filter(|page| !page.path().starts_with(PROVIDERS_FOLDER)).collect();
    let timed = timed
        .route("/sign-in/{provider}", get(sign_in::begin))
        .route("/sign-in/{provider}/callback", get(sign_in::callback))
        .route("/sign-in/{provider}/sign-out", get(sign_in::farewell))
        .route(app::routes::EMBED_ENTER, get(embed::enter).post(embed::enter_by_form))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics_for_administrator))
        .route("/api/portal/{name}", post(server_function))
        .route("/openapi.json", get(document))
        .route(app::routes::ACTIVITY_FILE, get(activity))
        .merge(rest)
        .leptos_routes_with_context(
            &state,
            pages,
            {
                let state = state.clone();
                move || provide_page_context(&state)
            },
            {
                let options = state.leptos.clone();
                move || shell(options.clone())
            },
        )
        .fallback(file_or_page)
        .layer(middleware::from_fn(alone))
        .layer(middleware::from_fn_with_state(Crowd::default(), bound_crowd))
        .layer(middleware::from_fn(bound_time));
    let router = Router::new()
        .route("/live", get(live))
        .merge(timed)
        .layer(middleware::from_fn_with_state(state.activity.clone(), note_refusals))
        .layer(middleware::from_fn_with_state(guard, require_session))
        .layer(middleware::from_fn_with_state(state.cookies, keep_in_frames))
        .layer(middleware::from_fn_with_state(state.origins.clone(), require_own_origin))
        .layer(csrf)
        .layer(middleware::from_fn_with_state(state.activity.clone(), note_strangers))
        // What is merged here is asked neither for a session nor for an origin: it knows no cookie.
        .merge(webhook::routes())
        // For whatever reads a body itself; the limit of extractors binds only those.
        .layer(RequestBodyLimitLayer::new(BODY_MAX_BYTES))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(CatchPanicLayer::custom(crate::error::panic_answer))
        .layer(middleware::from_fn(refuse_crooked))
        .layer(middleware::from_fn(in_arms_shape))
        .layer(middleware::from_fn_with_state(headers, security_headers))
        .layer(middleware::from_fn_with_state(state.trusted_proxies.clone(), identify_visitor))
        .layer(middleware::from_fn(identify_request))
        .with_state(state);
    // A layer of a router comes after the choice of a route, so this goes around it.
    let router = MapRequest::new(router, |mut request: Request| {
        name_host(&mut request);
        join_cookies(request.headers_mut());
        step_in(&mut request);
        *request.uri_mut() = canonical(std::mem::take(request.uri_mut()));
        request
    });
    Router::new().fallback_service(router)
}

/// HTTP/2 has the host in the address: whoever looks for it finds it in one place.
fn name_host(request: &mut Request) {
    let host = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let (Some(host), false) = (host, request.headers().contains_key(header::HOST)) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// Browsers send cookies in several fields over HTTP/2; who looks for one reads one field.
fn join_cookies(headers: &mut HeaderMap) {
    let fields: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if fields.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&fields.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// `/api/portal/<name>`: the server functions.
async fn server_function(State(state): State<AppState>, request: Request) -> impl IntoResponse {
    handle_server_fns_with_context(move || provide_context_of_request(&state), request).await
}

/// A form post of a browser without script.
async fn form(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos.clone();
    let context = move || provide_page_context(&state);
    let in_frame = request.extensions().get::<InFrame>().is_some();
    let may_call = move |function: &str| !in_frame || may_be_framed(function);
    app::forms::answer(request, context, move || shell(options.clone()), may_call).await
}

/// Built scripts and styles, precompressed ones where they are; else the page that says "not found".
async fn file_or_page(State(state): State<AppState>, request: Request) -> Response {
    if is_rest(request.uri().path()) {
        return nothing_here();
    }
    let files = ServeDir::new(&*state.site_root).precompressed_br().precompressed_gzip();
    let (parts, body) = request.into_parts();
    let file = files.oneshot(Request::from_parts(parts.clone(), Body::empty())).await;
    if let Ok(file) = file
        && file.status() != StatusCode::NOT_FOUND
        && file.status() != StatusCode::METHOD_NOT_ALLOWED
    {
        return file.into_response();
    }
    let options = state.leptos.clone();
    let context = move || provide_page_context(&state);
    let page = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
    page(Request::from_parts(parts, body)).await.into_response()
}

/// What a page needs besides: the policy that names this rendering's nonce.
pub(crate) fn provide_page_context(state: &AppState) {
    provide_context_of_request(state);
    provide_context(state.leptos.clone());
    let Some(nonce) = leptos::nonce::use_nonce() else { return };
    let response = expect_context::<ResponseOptions>();
    let parts = use_context::<http::request::Parts>();
    let parent = parts.and_then(|parts| parts.extensions.get::<FrameParent>().cloned());
    if let Some(FrameParent(parent)) = &parent {
        provide_context(app::embedding::FrameParent(parent.as_str().to_owned()));
    }
    let parent = parent.as_ref().map(|FrameParent(parent)| parent);
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce, parent)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        let reported = HeaderValue::from_static(REPORTED_POLICY);
        response.insert_header(header::CONTENT_SECURITY_POLICY_REPORT_ONLY, reported);
    }
}

/// Services, the actor and the means to set the session's cookie.
fn provide_context_of_request(state: &AppState) {
    provide_context(state.accounts.clone());
    provide_context(state.configurations.clone());
    provide_context(state.clusters.clone());
    provide_context(state.releases.clone());
    provide_context(state.tokens.clone());
    provide_context(state.access.clone());
    provide_context(state.people.clone());
    provide_context(state.activity.clone());
    provide_context(state.providers.clone());
    provide_context(state.embedding.clone());
    provide_context(state.operations.clone());
    let parts = use_context::<http::request::Parts>();
    if let Some(parts) = &parts {
        provide_context(app::embedding::PortalOrigin(state.origin.of(&parts.headers)));
    }
    // Also that nobody is: a context that lacks something is looked for further out.
    let actor = parts.as_ref().and_then(|parts| parts.extensions.get::<Actor>().cloned());
    provide_context(actor);
    let visit = parts.as_ref().and_then(|parts| parts.extensions.get::<Visit>().cloned());
    provide_context(visit.unwrap_or_default());
    let in_frame = parts.as_ref().is_some_and(|parts| parts.extensions.get::<InFrame>().is_some());
    let secret = parts.and_then(|parts| parts.extensions.get::<SessionSecret>().cloned());
    let cookie: Arc<dyn app::context::SessionCookie> = Arc::new(ResponseCookie {
        cookies: state.cookies,
        in_frame,
        secret: secret.map(|SessionSecret(secret)| secret),
        response: use_context::<ResponseOptions>(),
    });
    provide_context(cookie);
}

/// The session cookie of the answer being made.
struct ResponseCookie {
    cookies: SessionCookies,
    in_frame: bool,
    secret: Option<String>,
    response: Option<ResponseOptions>,
}

impl app::context::SessionCookie for ResponseCookie {
    fn set(&self, secret: &str, max_age_seconds: i64) {
        self.append(self.cookies.set(secret, max_age_seconds));
    }

    fn secret(&self) -> Option<String> {
        self.secret.clone()
    }

    fn clear(&self) {
        self.append(if self.in_frame { self.cookies.clear_embed() } else { self.cookies.clear() });
        if let Some(response) = &self.response {
            response.insert_header(CLEAR_SITE_DATA, STORAGE);
        }
    }
}

impl ResponseCookie {
    fn append(&self, cookie: Option<HeaderValue>) {
        if let (Some(response), Some(cookie)) = (&self.response, cookie) {
            response.append_header(header::SET_COOKIE, cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_that_come_in_several_fields_are_read_as_one() {
        let mut headers = HeaderMap::new();
        for cookie in ["theme=dark", "session=a", "embed=b"] {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        join_cookies(&mut headers);
        let fields: Vec<_> = headers.get_all(header::COOKIE).iter().collect();
        assert_eq!(fields, ["theme=dark; session=a; embed=b"]);
    }
}
