//! One provider: there and back.

use std::sync::Arc;

use domain::clock::Clock;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, LogoutRequest, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, SubjectIdentifier, UserInfoClaims, UserInfoError,
};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::fault::error_code;
use crate::http::{Client, HttpFault};
use crate::metadata::{Known, Metadata, unreachable};
use crate::token::{Claims, Failed, RelyingParty, Tokens, verified};
use crate::{Fault, ProviderSettings, SettingsFault, claims};

/// Shortest secret behind a code challenge (RFC 7636 4.1).
const VERIFIER_MIN: usize = 43;
/// Longest.
const VERIFIER_MAX: usize = 128;

/// What one sign-in is recognised by; each random, and used once.
#[derive(Clone)]
pub struct Proof {
    /// Comes back in the address.
    pub state: String,
    /// Comes back in the identity token.
    pub nonce: String,
    /// The secret behind the code challenge, 43 to 128 characters.
    pub verifier: String,
}

/// What a browser brought back. Its state was compared by the caller already.
#[derive(Clone, Default)]
pub struct Answer {
    /// Buys the tokens.
    pub code: Option<String>,
    /// Who answers (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Whom the provider vouches for, after all checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The issuer.
    pub issuer: String,
    /// Who it is there; never empty.
    pub subject: String,
    /// What the person is called there.
    pub name: Option<String>,
    /// The groups there.
    pub groups: Vec<String>,
}

/// A provider.
pub struct Provider {
    settings: ProviderSettings,
    client: Client,
    clock: Arc<dyn Clock>,
    /// Held while it is fetched: whoever comes meanwhile waits for the same answer.
    known: Mutex<Known>,
}

/// Why no provider can be made of its settings.
#[derive(Debug, thiserror::Error)]
pub enum NewProviderError {
    /// They break a rule.
    #[error(transparent)]
    Settings(#[from] SettingsFault),
    /// No TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

impl Provider {
    /// Asks nothing of the provider yet.
    pub fn new(
        settings: ProviderSettings,
        policy: outbound::Policy,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, NewProviderError> {
        settings.check()?;
        let client = Client::new(policy, settings.issuer.starts_with("http:"))?;
        Ok(Self { settings, client, clock, known: Mutex::default() })
    }

    /// In paths and role assignments.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.settings.title
    }

    /// Where a browser signs in.
    pub async fn authorization_address(&self, proof: &Proof) -> Result<String, Fault> {
        let metadata = self.metadata().await?;
        let party = self.party(&metadata)?;
        let Proof { state, nonce, verifier } = proof.clone();
        let verifier = code_verifier(verifier)?;
        let scopes = self.settings.scopes.iter().filter(|scope| *scope != "openid");
        let (address, ..) = party
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(address.into())
    }

    /// Exchanges the code that a browser brought back, and checks everything.
    pub async fn identify(&self, answer: &Answer, proof: &Proof) -> Result<Identified, Fault> {
        let metadata = self.metadata().await?;
        self.check_issuer(answer, &metadata)?;
        if let Some(error) = &answer.error {
            return Err(Fault::refused(format!("the provider answers with the error {}", error_code(error))));
        }
        let code = answer.code.clone().filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| Fault::refused("the provider's answer has no code"))?;
        let party = self.party(&metadata)?;
        let tokens = self.exchange(&party, code, &proof.verifier).await?;
        let claims = self.claims(party, metadata, &tokens, &proof.nonce).await?;
        Ok(Identified {
            issuer: self.settings.issuer.clone(),
            subject: subject_of(&claims)?,
            name: claims::text(&claims, &self.settings.name_claim),
            groups: claims::groups(&claims, &self.settings.groups_claim)?,
        })
    }

    /// Where a browser signs out, when the provider says so. Without the identity token, which we do not keep: the
    /// provider asks the person (RP-Initiated Logout 1.0, 6).
    pub async fn farewell_address(&self) -> Option<String> {
        let metadata = self.metadata().await.ok()?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone()?;
        let signed_out = PostLogoutRedirectUrl::from_url(self.settings.signed_out.clone());
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(signed_out);
        Some(request.http_get_url().into())
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, Fault> {
        let mut known = self.known.lock().await;
        known.metadata(&self.settings.issuer, &self.client, self.clock.now()).await
    }

    fn party(&self, metadata: &Metadata) -> Result<RelyingParty, Fault> {
        let Some(_) = metadata.token_endpoint() else {
            return Err(Fault::refused("the provider's description names no token endpoint"));
        };
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let party = RelyingParty::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret,
        );
        let callback = RedirectUrl::from_url(self.settings.callback.clone());
        Ok(party.set_redirect_uri(callback).set_auth_type(auth_type(metadata)))
    }

    /// Whoever answers is this provider: with several of them, a code of one must not be shown to another (RFC 9207).
    fn check_issuer(&self, answer: &Answer, metadata: &Metadata) -> Result<(), Fault> {
        match &answer.issuer {
            Some(issuer) if *issuer != self.settings.issuer => {
                Err(Fault::refused("the answer comes from another issuer than this provider"))
            }
            None if metadata.additional_metadata().authorization_response_iss_parameter_supported => {
                Err(Fault::refused("the answer does not say which issuer it comes from"))
            }
            _ => Ok(()),
        }
    }

    async fn exchange(&self, party: &RelyingParty, code: String, verifier: &str) -> Result<Tokens, Fault> {
        let request = party.exchange_code(AuthorizationCode::new(code));
        let request = request.map_err(|_| Fault::refused("the provider has no token endpoint"))?;
        let request = request.set_pkce_verifier(code_verifier(verifier.to_owned())?);
        request.request_async(&self.client).await.map_err(unexchanged)
    }

    /// The claims of the identity token; with those of the user information when name or groups are not among them.
    async fn claims(
        &self,
        party: RelyingParty,
        metadata: Arc<Metadata>,
        tokens: &Tokens,
        nonce: &str,
    ) -> Result<Map<String, Value>, Fault> {
        let now = self.clock.now();
        let mut claims = match verified(&party, &metadata, tokens, nonce, now) {
            Ok(claims) => claims,
            Err(Failed::For(fault)) => return Err(fault),
            Err(Failed::Key) => {
                let unsigned =
                    || Fault::refused("no key of the provider fits the signature of the identity token");
                let renewed = self.known.lock().await.with_new_keys(&self.client, now).await?;
                let metadata = renewed.ok_or_else(unsigned)?;
                match verified(&self.party(&metadata)?, &metadata, tokens, nonce, now) {
                    Ok(claims) => claims,
                    Err(Failed::For(fault)) => return Err(fault),
                    Err(Failed::Key) => return Err(unsigned()),
                }
            }
        };
        let wanted = [&self.settings.name_claim, &self.settings.groups_claim];
        if metadata.userinfo_endpoint().is_some()
            && wanted.into_iter().any(|claim| !claims.contains_key(claim))
        {
            for (name, value) in self.user_information(&party, tokens, &claims).await? {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(claims)
    }

    async fn user_information(
        &self,
        party: &RelyingParty,
        tokens: &Tokens,
        claims: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Fault> {
        let subject = SubjectIdentifier::new(subject_of(claims)?);
        let request = party.user_info(tokens.access_token().clone(), Some(subject));
        let request = request.map_err(|_| Fault::refused("the provider has no user information"))?;
        let answer: UserInfoClaims<Claims, CoreGenderClaim> =
            request.request_async(&self.client).await.map_err(uninformed)?;
        match serde_json::to_value(answer) {
            Ok(Value::Object(claims)) => Ok(claims),
            _ => Err(Fault::refused("the provider's user information cannot be read")),
        }
    }
}

fn subject_of(claims: &Map<String, Value>) -> Result<String, Fault> {
    claims::subject(claims.get("sub").and_then(Value::as_str).unwrap_or_default())
}

fn code_verifier(verifier: String) -> Result<PkceCodeVerifier, Fault> {
    if (VERIFIER_MIN..=VERIFIER_MAX).contains(&verifier.len()) {
        Ok(PkceCodeVerifier::new(verifier))
    } else {
        Err(Fault::refused("the sign-in was kept without its code verifier"))
    }
}

/// In the header, unless the provider takes our secret in the body alone.
fn auth_type(metadata: &Metadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let in_body_alone = methods.is_some_and(|methods| {
        methods.contains(&CoreClientAuthMethod::ClientSecretPost)
            && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
    });
    if in_body_alone { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// What the library says may hold the provider's whole answer; we say what kind of fault it was.
fn unexchanged(error: RequestTokenError<HttpFault, StandardErrorResponse<CoreErrorResponseType>>) -> Fault {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let code = error_code(answer.error().as_ref()).to_owned();
            Fault::refused(format!("the provider does not take the code: {code}"))
        }
        RequestTokenError::Request(fault) => unreachable(&fault),
        _ => Fault::refused("the provider's answer to the code cannot be read"),
    }
}

fn uninformed(error: UserInfoError<HttpFault>) -> Fault {
    match error {
        UserInfoError::Request(fault) => unreachable(&fault),
        UserInfoError::ClaimsVerification(_) => Fault::refused("the user information is somebody else's"),
        _ => Fault::refused("the provider's user information cannot be read"),
    }
}
