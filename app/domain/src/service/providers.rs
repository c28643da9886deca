//! Use cases on signing in by an identity provider: there, back, and out.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{NewSession, Visit};

/// An identity provider, as the sign-in page offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRow {
    /// Its name in paths and in role assignments.
    pub name: String,
    /// What people call it.
    pub title: String,
}

/// The way to a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Departure {
    /// Where the browser goes.
    pub address: String,
    /// What its cookie holds until it comes back: 256 random bits, as text.
    pub browser: String,
    /// Seconds until it is too late to come back.
    pub max_age_seconds: i64,
}

/// What a browser brings back, as the address says it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProviderAnswer {
    /// Buys the tokens.
    pub code: Option<String>,
    /// Tells which sign-in this is.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Somebody who came back and is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Arrival {
    /// A new one, always.
    pub session: NewSession,
    /// Where the person had wanted to go.
    pub going_to: String,
}

/// Why somebody was not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInFault {
    /// There is no provider of this name.
    Unknown,
    /// The provider let nobody in, or the person cancelled.
    Denied,
    /// No sign-in is on its way for this browser: too late, finished already, or begun elsewhere.
    Stale,
    /// The answer does not pass the checks.
    Refused,
    /// The provider does not answer.
    Unreachable,
    /// Too many tries from there.
    Busy,
    /// Ours; the log says what.
    Internal,
}

/// Why the page to sign in is shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedSignIn {
    /// Why.
    pub fault: SignInFault,
    /// What people call the provider; empty for an unknown one.
    pub title: String,
}

/// Use cases on signing in by an identity provider.
#[async_trait]
pub trait ProviderService: Send + Sync {
    /// The providers there are, in the order of the settings.
    fn providers(&self) -> Vec<ProviderRow>;
    /// Begins a sign-in that ends at `going_to`, a path of ours.
    async fn begin(&self, provider: &str, going_to: &str, visit: &Visit) -> Result<Departure, SignInFault>;
    /// Ends it: `browser` is what the cookie of this browser holds.
    async fn finish(
        &self,
        provider: &str,
        answer: &ProviderAnswer,
        browser: Option<&str>,
        visit: &Visit,
    ) -> Result<Arrival, SignInFault>;
    /// Where one signs out of the provider too, if it has such a place and says so.
    async fn farewell(&self, provider: &str) -> Option<String>;
}
