//! Signing in by an identity provider: whom it vouches for becomes a user of ours, with the groups it names.
//!
//! `port` is what a provider is asked, `welcome` makes or finds the user; here is the way there and back.

mod port;
mod welcome;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::Via;
use domain::service::{
    Arrival, Departure, ProviderAnswer, ProviderRow, ProviderService, ServiceError, SignInFault, Visit,
};
use storage::{AuditEntry, AuditOutcome, FieldChange, NewPendingSignIn, PendingSignIn};

pub use self::port::{IdentityProvider, ProvenIdentity, ProviderFault, SignInProof};
use crate::accounts::{Accounts, pause_milliseconds};
use crate::bearer::{new_secret, stored_hash};
use crate::error::{random, stored};

/// Whoever has not come back by then begins again.
const PENDING_SECONDS: i64 = 10 * 60;
/// Longest path that is gone on to; a longer one is forgotten.
const GOING_TO_MAX: usize = 2048;
/// The answer of a provider that did not let somebody in (RFC 6749 4.1.2.1).
const ACCESS_DENIED: &str = "access_denied";

/// Use cases on identity providers.
#[derive(Clone)]
pub struct Federation {
    accounts: Accounts,
    providers: Arc<[Arc<dyn IdentityProvider>]>,
}

impl Federation {
    /// Over the same database as `accounts`.
    pub fn new(accounts: Accounts, providers: Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self { accounts, providers: providers.into() }
    }

    fn find(&self, name: &str) -> Result<&dyn IdentityProvider, SignInFault> {
        let provider = self.providers.iter().find(|provider| provider.name() == name);
        provider.map(|provider| &**provider).ok_or(SignInFault::Unknown)
    }

    /// The sign-in that this browser began. An answer that belongs to none costs its sender a pause: anybody can
    /// make one up, and each is written down.
    async fn pending(
        &self,
        provider: &dyn IdentityProvider,
        answer: &ProviderAnswer,
        browser: Option<&str>,
        via: &Via,
    ) -> Result<PendingSignIn, SignInFault> {
        let storage = &self.accounts.storage;
        if let (Some(state), Some(browser)) = (&answer.state, browser) {
            let (state, browser) = (stored_hash(state), stored_hash(browser));
            let taken = storage.take_sign_in(provider.name(), &state, &browser).await.map_err(failed)?;
            if let Some(pending) = taken {
                return Ok(pending);
            }
        }
        let key = throttle_key(via);
        let throttle = storage.throttle(&key).await.map_err(failed)?;
        let now = self.accounts.clock.now();
        if throttle.next_at.is_some_and(|next| next > now) {
            return Err(SignInFault::Busy);
        }
        let next_at = now.plus_milliseconds(pause_milliseconds(throttle.failures));
        storage.throttle_failure(&key, next_at).await.map_err(failed)?;
        let why = "no sign-in of this browser waits for this answer: too late, finished already, or begun elsewhere";
        self.refuse(provider.name(), SignInFault::Stale, why, via).await
    }

    /// Writes down that nobody was signed in, and why.
    async fn refuse<T>(
        &self,
        provider: &str,
        fault: SignInFault,
        why: &str,
        via: &Via,
    ) -> Result<T, SignInFault> {
        let entry = AuditEntry {
            actor: None,
            actor_name: provider.to_owned(),
            action: "session.create".to_owned(),
            target_kind: "identity provider".to_owned(),
            target_id: String::new(),
            target_name: provider.to_owned(),
            place: None,
            via: via.clone(),
            outcome: AuditOutcome::Refused,
            changes: vec![change("reason", why.to_owned())],
        };
        let mut unit = self.accounts.storage.begin().await.map_err(failed)?;
        unit.audit(&entry).await.map_err(failed)?;
        unit.commit().await.map_err(failed)?;
        Err(fault)
    }

    /// A provider that failed, written down and in the log.
    async fn told<T>(&self, provider: &str, fault: ProviderFault, via: &Via) -> Result<T, SignInFault> {
        tracing::warn!(provider, "sign-in by {provider}: {fault}");
        let kind = match fault {
            ProviderFault::Refused(_) => SignInFault::Refused,
            ProviderFault::Unreachable(_) => SignInFault::Unreachable,
        };
        self.refuse(provider, kind, &fault.to_string(), via).await
    }
}

#[async_trait]
impl ProviderService for Federation {
    fn providers(&self) -> Vec<ProviderRow> {
        let row = |provider: &Arc<dyn IdentityProvider>| ProviderRow {
            name: provider.name().to_owned(),
            title: provider.title().to_owned(),
        };
        self.providers.iter().map(row).collect()
    }

    async fn begin(&self, provider: &str, going_to: &str, visit: &Visit) -> Result<Departure, SignInFault> {
        let provider = self.find(provider)?;
        let secret = || new_secret().map_err(|error| ours(random(error)));
        let proof = SignInProof { state: secret()?, nonce: secret()?, verifier: secret()? };
        let browser = secret()?;
        // Before anything is kept: a provider that is away costs no row.
        let address = match provider.authorization_address(&proof).await {
            Ok(address) => address,
            Err(fault) => return self.told(provider.name(), fault, &visit.via).await,
        };
        let expires_at = self.accounts.clock.now().plus_milliseconds(PENDING_SECONDS * 1000);
        let pending = NewPendingSignIn {
            state_hash: stored_hash(&proof.state),
            browser_hash: stored_hash(&browser),
            provider: provider.name().to_owned(),
            nonce: proof.nonce,
            verifier: proof.verifier,
            going_to: if going_to.len() > GOING_TO_MAX { String::new() } else { going_to.to_owned() },
            address: visit.via.address.clone(),
            expires_at,
        };
        self.accounts.storage.keep_sign_in(&pending).await.map_err(failed)?;
        Ok(Departure { address, browser, max_age_seconds: PENDING_SECONDS })
    }

    async fn finish(
        &self,
        provider: &str,
        answer: &ProviderAnswer,
        browser: Option<&str>,
        visit: &Visit,
    ) -> Result<Arrival, SignInFault> {
        let provider = self.find(provider)?;
        let pending = self.pending(provider, answer, browser, &visit.via).await?;
        let state = answer.state.clone().unwrap_or_default();
        let PendingSignIn { nonce, verifier, going_to } = pending;
        let proof = SignInProof { state, nonce, verifier };
        if answer.error.as_deref() == Some(ACCESS_DENIED) {
            let why = "the provider let nobody in, or the person cancelled there";
            return self.refuse(provider.name(), SignInFault::Denied, why, &visit.via).await;
        }
        let identity = match provider.identify(answer, &proof).await {
            Ok(identity) => identity,
            Err(fault) => return self.told(provider.name(), fault, &visit.via).await,
        };
        let session = self.welcome(provider, &identity, visit).await.map_err(ours)?;
        self.accounts.storage.clear_throttle(&throttle_key(&visit.via)).await.map_err(failed)?;
        Ok(Arrival { session, going_to })
    }

    async fn farewell(&self, provider: &str) -> Option<String> {
        self.find(provider).ok()?.farewell_address().await
    }
}

/// Made-up answers are counted by where they come from: nothing else of them is known.
fn throttle_key(via: &Via) -> String {
    format!("provider {}", via.address.as_deref().unwrap_or_default())
}

fn change(field: &str, after: String) -> FieldChange {
    FieldChange { field: field.to_owned(), before: None, after: Some(after) }
}

/// What the database can end with.
fn failed(error: storage::StorageError) -> SignInFault {
    ours(stored(error))
}

/// Faults of our own; they are in the log already.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
fn ours(error: ServiceError) -> SignInFault {
    if matches!(error, ServiceError::Busy) { SignInFault::Busy } else { SignInFault::Internal }
}
