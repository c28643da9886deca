//! `?api-version=`: each provider names the versions it speaks.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use catalogue::{Locale, text};
use http::StatusCode;
use http::request::Parts;
use url::form_urlencoded;

use crate::rest::error::ArmError;

/// A kind of resource and the versions of its API. All of them mean the same here.
pub trait Versions: Send {
    /// As ARM names it in errors.
    const TYPE: &'static str;
    /// Oldest first.
    const KNOWN: &'static [&'static str];
}

/// Source control configurations.
#[derive(Clone, Copy, Debug)]
pub struct Configurations;

impl Versions for Configurations {
    const TYPE: &'static str = "sourceControlConfigurations";
    const KNOWN: &'static [&'static str] = &[
        "2020-07-01-preview",
        "2020-10-01-preview",
        "2021-03-01",
        "2021-05-01-preview",
        "2021-11-01-preview",
        "2022-01-01-preview",
        "2022-03-01",
        "2022-07-01",
        "2022-11-01",
        "2023-05-01",
    ];
}

/// Connected clusters.
#[derive(Clone, Copy, Debug)]
pub struct Clusters;

impl Versions for Clusters {
    const TYPE: &'static str = "connectedClusters";
    const KNOWN: &'static [&'static str] = &["2021-10-01", "2026-05-01"];
}

/// Registrations of resource providers.
#[derive(Clone, Copy, Debug)]
pub struct Providers;

impl Versions for Providers {
    const TYPE: &'static str = "providers";
    const KNOWN: &'static [&'static str] = &["2021-04-01"];
}

/// The request names a version that this kind of resource speaks.
#[derive(Clone, Copy, Debug)]
pub struct ApiVersion<Kind>(PhantomData<Kind>);

impl<State: Sync, Kind: Versions> FromRequestParts<State> for ApiVersion<Kind> {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        let query = parts.uri.query().unwrap_or_default();
        let version = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name.eq_ignore_ascii_case("api-version"))
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default();
        check::<Kind>(&version).map(|()| Self(PhantomData))
    }
}

fn check<Kind: Versions>(version: &str) -> Result<(), ArmError> {
    let locale = Locale::English;
    if version.is_empty() {
        let message = text::rest_api_version_missing(locale);
        return Err(ArmError::new(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message));
    }
    if Kind::KNOWN.iter().any(|known| known.eq_ignore_ascii_case(version)) {
        return Ok(());
    }
    let message = text::rest_api_version_unknown(locale, Kind::TYPE, version, &Kind::KNOWN.join(", "));
    Err(ArmError::new(StatusCode::BAD_REQUEST, "NoRegisteredProviderFound", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_version_is_known_and_no_other() {
        assert!(Configurations::KNOWN.iter().all(|version| check::<Configurations>(version).is_ok()));
        assert!(check::<Configurations>("2021-09-01").is_err());
        assert!(check::<Clusters>("2023-05-01").is_err());
        assert!(check::<Clusters>("").is_err());
    }
}
