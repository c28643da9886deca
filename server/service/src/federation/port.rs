//! What an identity provider is asked.

use async_trait::async_trait;
use domain::service::ProviderAnswer;

/// What one sign-in is recognised by; each 256 random bits, as text.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInProof {
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the identity token.
    pub nonce: String,
    /// The secret behind the code challenge (RFC 7636); sent with the code.
    pub verifier: String,
}

/// Whom a provider vouches for, after all checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenIdentity {
    /// The provider's issuer.
    pub issuer: String,
    /// Who it is there, for ever; never empty.
    pub subject: String,
    /// What the person is called there; nothing is decided by it.
    pub name: Option<String>,
    /// The groups the person is in, as named there.
    pub groups: Vec<String>,
}

/// Why a provider's word is not taken. The sentences go into the audit and hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// It answered, and the answer does not pass the checks.
    #[error("{0}")]
    Refused(String),
    /// It did not answer.
    #[error("{0}")]
    Unreachable(String),
}

/// An identity provider.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// In paths and role assignments.
    fn name(&self) -> &str;
    /// What people call it.
    fn title(&self) -> &str;
    /// Whoever is in this group is an administrator, and nobody else of this provider.
    fn administrators_group(&self) -> Option<&str>;
    /// Where a browser signs in.
    async fn authorization_address(&self, proof: &SignInProof) -> Result<String, ProviderFault>;
    /// Exchanges the code that a browser brought back, and checks everything.
    async fn identify(
        &self,
        answer: &ProviderAnswer,
        proof: &SignInProof,
    ) -> Result<ProvenIdentity, ProviderFault>;
    /// Where a browser signs out, when the provider says so.
    async fn farewell_address(&self) -> Option<String>;
}
