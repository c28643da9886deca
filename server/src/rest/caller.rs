//! Who asks: a bearer token in the header, and nothing else. These routes know no cookie, so no foreign page can use
//! somebody's session for them.

use axum::extract::FromRequestParts;
use domain::access::Actor;
use domain::service::{ServiceError, TOKEN_PREFIX};
use http::request::Parts;
use http::{HeaderMap, header};

use super::error::ArmError;

/// Fewest characters behind the prefix that make a text in an address a token: 256 bits are 43.
const TOKEN_MIN: usize = 40;

/// The owner of the request's token. A handler that takes none does not compile into an answer about anybody's things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(pub Actor);

impl<State: Sync> FromRequestParts<State> for Caller {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        let actor = parts.extensions.get::<Actor>().cloned();
        actor.map(Self).ok_or_else(|| ServiceError::Unauthenticated.into())
    }
}

/// The token of a request's header, if there is one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether somebody wrote a token into the address, where logs and histories keep it.
pub fn token_in_query(query: Option<&str>) -> bool {
    let secret = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    query.unwrap_or_default().match_indices(TOKEN_PREFIX).any(|(index, prefix)| {
        let rest = query.unwrap_or_default().get(index + prefix.len()..).unwrap_or_default();
        rest.chars().take_while(|character| secret(*character)).count() >= TOKEN_MIN
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_token_is_taken_from_the_header_alone() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of("Bearer flp_x").as_deref(), Some("flp_x"));
        assert_eq!(of("bearer  flp_x").as_deref(), Some("flp_x"));
        assert_eq!(of("Basic flp_x"), None);
        assert_eq!(of("flp_x"), None);
    }

    #[test]
    fn a_token_in_an_address_is_recognised_whatever_its_parameter_is_called() {
        let token = format!("flp_{}", "a".repeat(43));
        assert!(token_in_query(Some(&format!("api-version=2023-05-01&access_token={token}"))));
        assert!(!token_in_query(Some("filter=flp_abc")));
        assert!(!token_in_query(None));
    }
}
