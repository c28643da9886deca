//! The session cookie, and the one for the way to an identity provider and back.

use axum_extra::extract::cookie::{Cookie, SameSite};
use http::HeaderValue;

/// Seconds a frame keeps its language and theme: a year.
const PREFERENCE_SECONDS: i64 = 365 * 24 * 60 * 60;

/// How the session cookie is named and guarded: `__Host-` and `Secure` behind TLS. Without TLS (a portal on
/// loopback) browsers would drop such a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCookies {
    /// Whether people reach the portal through TLS.
    pub secure: bool,
}

impl SessionCookies {
    /// The cookie's name.
    pub fn name(self) -> &'static str {
        if self.secure { "__Host-fairlead" } else { "fairlead" }
    }

    /// `Set-Cookie` that hands out a session.
    pub fn set(self, secret: &str, max_age_seconds: i64) -> Option<HeaderValue> {
        self.header(self.name(), secret, max_age_seconds)
    }

    /// `Set-Cookie` that takes it back.
    pub fn clear(self) -> Option<HeaderValue> {
        self.header(self.name(), "", 0)
    }

    /// Name of the cookie that a browser has while it is at an identity provider.
    pub fn sign_in_name(self) -> &'static str {
        if self.secure { "__Host-fairlead-sign-in" } else { "fairlead-sign-in" }
    }

    /// `Set-Cookie` by which the browser is recognised when it comes back from an identity provider. `Lax` lets it
    /// through then: the provider sends the browser by a link.
    pub fn set_sign_in(self, secret: &str, max_age_seconds: i64) -> Option<HeaderValue> {
        self.header(self.sign_in_name(), secret, max_age_seconds)
    }

    /// `Set-Cookie` that takes it back.
    pub fn clear_sign_in(self) -> Option<HeaderValue> {
        self.header(self.sign_in_name(), "", 0)
    }

    /// Name of the cookie of a session in a frame.
    pub fn embed_name(self) -> &'static str {
        if self.secure { "__Secure-fairlead-embed" } else { "fairlead-embed" }
    }

    /// `Set-Cookie` that hands out a session in a frame: kept by the browser for the site around the frame alone
    /// (CHIPS), and sent to where frames are alone. `Secure` always: browsers demand it of such a cookie, and take it
    /// from this very machine without TLS too.
    pub fn set_embed(self, secret: &str, max_age_seconds: i64) -> Option<HeaderValue> {
        in_frame(self.embed_name(), secret, max_age_seconds)
    }

    /// `Set-Cookie` that takes it back.
    pub fn clear_embed(self) -> Option<HeaderValue> {
        in_frame(self.embed_name(), "", 0)
    }

    /// `Set-Cookie` of a preference inside a frame.
    pub fn set_in_frame(self, name: &str, value: &str) -> Option<HeaderValue> {
        in_frame(name, value, PREFERENCE_SECONDS)
    }

    fn header(self, name: &str, value: &str, max_age_seconds: i64) -> Option<HeaderValue> {
        let mut cookie = Cookie::new(name, value);
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_secure(self.secure);
        cookie.set_same_site(SameSite::Lax);
        let cookie = format!("{cookie}; Max-Age={max_age_seconds}");
        HeaderValue::from_str(&cookie).ok()
    }
}

fn in_frame(name: &str, value: &str, max_age_seconds: i64) -> Option<HeaderValue> {
    let cookie = format!(
        "{name}={value}; Path=/embed; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age={max_age_seconds}"
    );
    HeaderValue::from_str(&cookie).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_tls_the_cookie_is_bound_to_the_host() {
        let header = SessionCookies { secure: true }.set("secret", 60).unwrap();
        let text = header.to_str().unwrap();
        assert!(text.starts_with("__Host-fairlead=secret; "), "{text}");
        for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=60"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }

    #[test]
    fn clearing_ends_the_cookie_at_once() {
        let header = SessionCookies { secure: false }.clear().unwrap();
        assert!(header.to_str().unwrap().contains("Max-Age=0"));
    }
}
