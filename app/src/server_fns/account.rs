//! Sessions, and the preferences that live in cookies.

use domain::id::SessionId;
use domain::service::{OwnAccount, SessionList};
use leptos::prelude::*;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::{accounts, cookie, keep, session_cookie, visit};
#[cfg(feature = "ssr")]
use crate::{
    context::{actor, refused},
    preferences, routes,
};

/// Opens a session and goes on to `then`.
#[server(prefix = "/api/portal", endpoint = "sign_in", output = Answer)]
pub async fn sign_in(
    user_name: String,
    password: String,
    #[server(default)] then: String,
) -> Result<(), WireError> {
    let session = accounts()?.sign_in(&user_name, &password, &visit()).await.map_err(refused)?;
    session_cookie()?.set(&session.secret, session.max_age_seconds);
    leptos_axum::redirect(routes::own_path(&then).unwrap_or(routes::CLUSTERS));
    Ok(())
}

/// Ends the session, and goes on to sign out of the identity provider that had opened it.
#[server(prefix = "/api/portal", endpoint = "sign_out", output = Answer)]
pub async fn sign_out() -> Result<(), WireError> {
    let cookie = session_cookie()?;
    let provider = match cookie.secret() {
        Some(secret) => accounts()?.sign_out(&actor()?, &secret).await.map_err(refused)?,
        None => None,
    };
    cookie.clear();
    leptos_axum::redirect(
        &provider.map_or_else(|| routes::SIGN_IN.to_owned(), |name| routes::sign_out_at(&name)),
    );
    Ok(())
}

/// One's own open sessions.
#[server(prefix = "/api/portal", endpoint = "list_sessions", output = Answer)]
pub async fn list_sessions() -> Result<SessionList, WireError> {
    let secret = session_cookie()?.secret().unwrap_or_default();
    accounts()?.sessions(&actor()?, &secret).await.map_err(refused)
}

/// Ends one of one's own.
#[server(prefix = "/api/portal", endpoint = "end_session", output = Answer)]
pub async fn end_session(id: SessionId) -> Result<(), WireError> {
    accounts()?.end_session(&actor()?, id).await.map_err(refused)
}

/// The user a one-time link is for; `None` when it was used or is too old.
#[server(prefix = "/api/portal", endpoint = "link_user", output = Answer)]
pub async fn link_user(link: String) -> Result<Option<String>, WireError> {
    accounts()?.link_user(&link).await.map_err(refused)
}

/// Sets the password by a one-time link and opens a session.
#[server(prefix = "/api/portal", endpoint = "set_password", output = Answer)]
pub async fn set_password(link: String, password: String, password_again: String) -> Result<(), WireError> {
    let set = accounts()?.set_password(&link, &password, &password_again, &visit()).await;
    let session = set.map_err(refused)?;
    session_cookie()?.set(&session.secret, session.max_age_seconds);
    leptos_axum::redirect(routes::CLUSTERS);
    Ok(())
}

/// One's own account.
#[server(prefix = "/api/portal", endpoint = "get_account", output = Answer)]
pub async fn get_account() -> Result<OwnAccount, WireError> {
    accounts()?.account(&actor()?).await.map_err(refused)
}

/// Changes one's own password; the present session goes on under a new secret.
#[server(prefix = "/api/portal", endpoint = "change_password", output = Answer)]
pub async fn change_password(
    #[server(default)] present_password: String,
    #[server(default)] password: String,
    #[server(default)] password_again: String,
) -> Result<(), WireError> {
    let change = domain::service::PasswordChange { present: present_password, password, password_again };
    let session = accounts()?.change_password(&actor()?, &change, &visit()).await.map_err(refused)?;
    session_cookie()?.set(&session.secret, session.max_age_seconds);
    leptos_axum::redirect(routes::PASSWORD_CHANGED);
    Ok(())
}

/// Chooses the language of this browser; an unknown one is ignored.
#[server(prefix = "/api/portal", endpoint = "set_locale", output = Answer)]
pub async fn set_locale(locale: String) -> Result<(), WireError> {
    if let Some(locale) = catalogue::Locale::parse(&locale) {
        keep(&cookie(preferences::LOCALE_COOKIE, locale.tag()));
    }
    Ok(())
}

/// Chooses the theme of this browser; an unknown one is ignored.
#[server(prefix = "/api/portal", endpoint = "set_theme", output = Answer)]
pub async fn set_theme(theme: String) -> Result<(), WireError> {
    if let Some(theme) = preferences::Theme::parse(&theme) {
        keep(&cookie(preferences::THEME_COOKIE, theme.word()));
    }
    Ok(())
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use axum::http::HeaderValue;
    use axum::http::header::SET_COOKIE;
    use domain::service::{AccountService, Visit};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use crate::context::{SessionCookie, service};
    use crate::error::WireError;

    /// Seconds a choice of language or theme is kept: a year, the longest that browsers keep anything for sure.
    const PREFERENCE_SECONDS: u32 = 365 * 24 * 60 * 60;

    pub(super) fn accounts() -> Result<Arc<dyn AccountService>, WireError> {
        service()
    }

    pub(super) fn session_cookie() -> Result<Arc<dyn SessionCookie>, WireError> {
        service()
    }

    /// Who comes, as far as the request tells.
    pub(super) fn visit() -> Visit {
        use_context::<Visit>().unwrap_or_default()
    }

    /// No secret, and read by nothing but us.
    pub(super) fn cookie(name: &str, value: &str) -> String {
        format!("{name}={value}; Path=/; Max-Age={PREFERENCE_SECONDS}; HttpOnly; SameSite=Lax")
    }

    pub(super) fn keep(cookie: &str) {
        if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie))
        {
            response.append_header(SET_COOKIE, value);
        }
    }
}
