//! Pages inside frames of other origins.
//!
//! Everything below [`app::routes::EMBED`] is the portal once more, for a frame: without the bar on top, with a session of its own
//! that only ever comes from there, and with a policy that names the one origin that may show it. The folder is taken
//! off before a route is chosen ([`step_in`]), so that a page has one route; links inside a frame lead to the plain
//! address, which a browser asks for as a frame's (`Sec-Fetch-Dest`) and is sent back into the folder for.
//!
//! The session's cookie is partitioned: a browser keeps it for this portal inside pages of this one site. Its path is the
//! folder, so that a page outside never has it, nor a page inside the ordinary one.

use app::routes::{EMBED_SIGN_IN, behind_embed, embed_sign_in, in_embed};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use catalogue::Locale;
use domain::access::{Actor, Via};
use domain::embed::ParentOrigin;
use domain::service::{Embedded, NewSession, ServiceError};
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::{Url, form_urlencoded};

use super::guard::{Guard, SessionSecret, accepts_html, hand_over, via};
use crate::cookie::SessionCookies;
use crate::error::ApiError;

/// Cookie of the parent that a frame's address named.
const PARENT_COOKIE: &str = "embed-parent";

/// Pages and functions that a frame may show and call, beside everything below `/clusters/` but connecting. Whatever is
/// not listed does not exist there: a session in a frame never makes tokens, roles or other sessions.
const FUNCTIONS: [&str; 22] = [
    "check_cluster",
    "confirm_prune",
    "create_configuration",
    "delete_configuration",
    "get_cluster",
    "get_configuration",
    "get_helm",
    "get_release",
    "list_activity",
    "list_clusters",
    "list_configurations",
    "list_other_releases",
    "list_releases",
    "renew_retirement",
    "repair_release",
    "replace_configuration",
    "resume_configuration",
    "retry_release",
    "roll_back_release",
    "sign_out",
    "suspend_configuration",
    "sync_configuration",
];

/// Mark of a request from below [`app::routes::EMBED`].
#[derive(Clone, Copy, Debug)]
pub struct InFrame;

/// The origin in whose frame the answer may be shown: of the request for pages, of the answer for its headers.
#[derive(Clone, Debug)]
pub struct FrameParent(pub ParentOrigin);

/// Takes the folder off and marks the request, before a route is chosen.
pub fn step_in(request: &mut Request) {
    let Some(rest) = behind_embed(request.uri().path()) else { return };
    if !may_be_framed(rest) {
        // With its folder it is no route at all, and is told so.
        request.extensions_mut().insert(InFrame);
        return;
    }
    let query = request.uri().query();
    let text = query.map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}"));
    if let Ok(inner) = PathAndQuery::try_from(text) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = Some(inner);
        // The parts are those of an address.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        request.extensions_mut().insert(InFrame);
    }
}

/// Whether a frame may ask for a path, which has no folder any more.
pub fn may_be_framed(path: &str) -> bool {
    if let Some(function) = path.strip_prefix("/api/portal/") {
        return FUNCTIONS.contains(&function);
    }
    let path = path.trim_end_matches('/');
    let below =
        |folder: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    path == "/live"
        || path == app::routes::ACTIVITY
        || below(app::routes::CONFIGURATIONS)
        || (below(app::routes::CLUSTERS) && path != app::routes::CONNECT)
}

/// Leads what a frame asks for into the folder and keeps it there, with the language and theme that its address names.
pub async fn keep_in_frames(
    State(cookies): State<SessionCookies>,
    mut request: Request,
    next: Next,
) -> Response {
    let chosen = Preferences::named(request.uri().query().unwrap_or_default());
    if request.extensions().get::<InFrame>().is_none() {
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        if is_frame(request.headers()) && may_be_framed(request.uri().path()) {
            return redirect(StatusCode::TEMPORARY_REDIRECT, &in_embed(path));
        }
        if request.uri().path() != EMBED_SIGN_IN {
            return next.run(request).await;
        }
    } else if !may_be_framed(request.uri().path()) {
        return (StatusCode::NOT_FOUND, ApiError(ServiceError::NotFound)).into_response();
    }
    chosen.put_into(request.headers_mut());
    let mut response = next.run(request).await;
    chosen.keep(cookies, response.headers_mut());
    stay_inside(&mut response);
    response
}

/// The session of a frame, or the way to one.
pub(super) async fn require_embedded(
    guard: &Guard,
    cookies: &CookieJar,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(secret) = cookies.get(guard.cookies.embed_name()).map(|cookie| cookie.value().to_owned()) {
        match guard.embedding.enter_embedded(&secret).await {
            Ok(Some(Embedded { actor, parent, renewed })) => {
                let via = Via { parent: Some(parent.as_str().to_owned()), ..via(&request) };
                request.extensions_mut().insert(Actor { via, ..actor });
                let present = renewed.as_ref().map_or(secret, |renewed| renewed.secret.clone());
                request.extensions_mut().insert(SessionSecret(present));
                let mut response = show_in(parent, request, next).await;
                if let Some(NewSession { secret, max_age_seconds }) = renewed {
                    let cookie = guard.cookies.set_embed(&secret, max_age_seconds);
                    hand_over(guard.cookies.embed_name(), cookie, &mut response);
                }
                return response;
            }
            Ok(None) => {}
            Err(error) => return ApiError(error).into_response(),
        }
    }
    if !(accepts_html(&request) && request.method() == Method::GET) {
        return (StatusCode::UNAUTHORIZED, ApiError(ServiceError::Unauthenticated)).into_response();
    }
    let wanted = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    redirect(
        StatusCode::SEE_OTHER,
        &embed_sign_in(&claimed_parent(request.uri(), request.headers()), wanted, false),
    )
}

/// The page to sign in inside a frame: for everybody, in frames of a parent that somebody allows.
pub(super) async fn show_sign_in(guard: &Guard, request: Request, next: Next) -> Response {
    match guard.embedding.listed(&claimed_parent(request.uri(), request.headers())).await {
        Ok(Some(parent)) => show_in(parent, request, next).await,
        Ok(None) => next.run(request).await,
        Err(error) => ApiError(error).into_response(),
    }
}

async fn show_in(parent: ParentOrigin, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(FrameParent(parent.clone()));
    let mut response = next.run(request).await;
    response.extensions_mut().insert(FrameParent(parent));
    response
}

/// Which parent the request says to be in: by its address, else by where the browser comes from. Nothing is decided by
/// it but which policy the page to sign in has.
pub(crate) fn claimed_parent(uri: &Uri, headers: &HeaderMap) -> String {
    let query = uri.query().unwrap_or_default();
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "parent");
    if let Some((_, parent)) = named {
        return parent.into_owned();
    }
    let kept = CookieJar::from_headers(headers);
    if let Some(parent) = kept.get(PARENT_COOKIE) {
        return parent.value().to_owned();
    }
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let referer = referer.and_then(|referer| Url::parse(referer).ok());
    referer.map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// Whether a browser is about to show the answer inside another page.
fn is_frame(headers: &HeaderMap) -> bool {
    let destination = headers.get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    matches!(destination, Some("iframe" | "frame" | "embed" | "object"))
}

/// Where pages and forms lead to stays in the folder.
fn stay_inside(response: &mut Response) {
    if !response.status().is_redirection() {
        return;
    }
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let Some(location) = location.filter(|location| location.starts_with('/')) else { return };
    let inside = if location == app::routes::SIGN_IN || location.starts_with("/sign-in?") {
        let parent = response.extensions().get::<FrameParent>().map(|FrameParent(parent)| parent.as_str());
        embed_sign_in(parent.unwrap_or_default(), app::routes::CLUSTERS, false)
    } else if location.starts_with("/embed/") {
        return;
    } else {
        in_embed(location)
    };
    if let Ok(inside) = HeaderValue::from_str(&inside) {
        response.headers_mut().insert(header::LOCATION, inside);
    }
}

pub(crate) fn redirect(status: StatusCode, path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(location) => (status, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// What the address of a frame says of its looks.
#[derive(Clone, Debug, Default)]
struct Preferences {
    locale: Option<Locale>,
    theme: Option<app::preferences::Theme>,
    /// Kept too: when the session is over the page to sign in has to be shown once more.
    parent: Option<ParentOrigin>,
}

impl Preferences {
    fn named(query: &str) -> Self {
        let mut named = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "lang" => named.locale = Locale::parse(&value),
                "parent" => named.parent = ParentOrigin::parse(&value).ok(),
                "theme" => named.theme = app::preferences::Theme::parse(&value),
                _ => {}
            }
        }
        named
    }

    fn cookies(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parent = self.parent.as_ref().map(|parent| (PARENT_COOKIE, parent.as_str()));
        let locale = self.locale.map(|locale| (app::preferences::LOCALE_COOKIE, locale.tag()));
        let theme = self.theme.map(|theme| (app::preferences::THEME_COOKIE, theme.word()));
        locale.into_iter().chain(theme).chain(parent)
    }

    /// As if the browser had had them already: the first of a name counts.
    fn put_into(&self, headers: &mut HeaderMap) {
        for (name, value) in self.cookies() {
            let kept = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            if let Ok(cookies) = HeaderValue::from_str(&format!("{name}={value}; {kept}")) {
                headers.insert(header::COOKIE, cookies);
            }
        }
    }

    fn keep(&self, cookies: SessionCookies, headers: &mut HeaderMap) {
        for (name, value) in self.cookies() {
            if let Some(cookie) = cookies.set_in_frame(name, value) {
                headers.append(header::SET_COOKIE, cookie);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn the_folder_is_taken_off_and_nothing_else() {
        for (path, inner) in [
            ("/embed/clusters?page=2", Some("/clusters?page=2")),
            ("/embed/api/portal/get_cluster", Some("/api/portal/get_cluster")),
            ("/embed/sign-in?parent=x", None),
            ("/embed/webhooks/x", None),
            ("/embed/settings", None),
            ("/embed//evil", None),
            ("/embed", None),
            ("/embedded/clusters", None),
            ("/clusters", None),
        ] {
            let mut request = Request::get(path).body(Body::empty()).unwrap();
            step_in(&mut request);
            assert_eq!(request.uri().to_string(), inner.unwrap_or(path));
            // What a frame may not have is marked too, and answered by that.
            let marked = inner.is_some() || ["/embed/webhooks/x", "/embed/settings"].contains(&path);
            assert_eq!(request.extensions().get::<InFrame>().is_some(), marked, "{path}");
        }
    }

    #[test]
    fn what_could_give_more_than_a_frame_has_is_not_there() {
        for path in ["/clusters", "/clusters/x/gitops/new", "/configurations/x", "/activity", "/live"] {
            assert!(may_be_framed(path), "{path}");
        }
        for path in [
            "/",
            "/clusters/connect",
            "/clusters/connect/",
            "/clustersx",
            "/settings",
            "/places",
            "/people",
            "/api",
            "/sign-in",
            "/metrics",
            "/api/portal/create_token",
            "/api/portal/assign_role",
            "/api/portal/grant_embed",
            "/api/portal/trust_host_key",
            "/api/v1/x",
            "/subscriptions/x",
            "/activity.jsonl",
        ] {
            assert!(!may_be_framed(path), "{path}");
        }
    }
}
