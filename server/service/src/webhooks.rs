//! Webhooks that come in: a Git host says that something was pushed, and the branch is looked at sooner.
//!
//! - Who sends one is checked before anything of it is read; what it says can only keep a look from being taken.
//! - Whoever does not know the secret learns nothing, not even whether there is a webhook at that address.
//! - However many come, a configuration is looked at once per [`pace::LOOK_SPACING_MILLISECONDS`], and nothing is written
//!   per webhook: one look waits at most, and what is shown of the last ones is noted every few seconds.
//! - A look that is due anyway sees what was pushed: a webhook that is one too many is answered as such, and loses nothing.

mod pace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::clock::Clock;
use domain::service::ServiceError;
use inbound::webhook::{Credential, CredentialFault, Hint, Watched, hint};
use secrecy::{ExposeSecret, SecretString};
use storage::{SecretOwner, Storage, StorageError, WebhookTarget};
use vault::{Purpose, Vault};

use self::pace::{Noted, Paces};
use crate::bearer::is_address;
use crate::error::{internal, stored};

/// The name of its secret among those of its configuration.
pub(crate) const SECRET_FIELD: &str = "webhookSecret";

/// Checked in place of a secret that is not there, so that its absence takes as long to refuse.
const DECOY: &str = "no webhook has this secret, for it has no 43 characters";

/// What became of a webhook, as far as its sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was sent by somebody who knows the secret.
    Taken,
    /// It was not, or there is no such webhook.
    Refused,
    /// It was, and comes too soon after many others.
    TooMany,
}

/// The use case of Git hosts.
#[derive(Clone)]
pub struct Webhooks {
    storage: Arc<Storage>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    paces: Arc<Mutex<Paces>>,
}

/// Why one is refused, for the log.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("there is none at this address")]
    Unknown,
    #[error("it has no secret")]
    NoSecret,
    #[error(transparent)]
    Credential(#[from] CredentialFault),
    #[error("its signature is not made by the secret")]
    Wrong,
}

impl Webhooks {
    /// Over this database; secrets are opened by this vault.
    pub fn new(storage: Arc<Storage>, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, vault, clock, paces: Arc::default() }
    }

    /// Takes what was sent to an address: `credential` is what its headers show, `body` its raw bytes.
    pub async fn receive(
        &self,
        address: &str,
        credential: Result<Credential, CredentialFault>,
        body: &[u8],
    ) -> Result<Delivery, ServiceError> {
        let target = if is_address(address) {
            self.storage.webhook_target(address).await.map_err(stored)?
        } else {
            None
        };
        let secret = match (&target, &credential) {
            (Some(target), Ok(_)) => self.secret(target).await?,
            _ => None,
        };
        let checked = check(credential, secret.as_ref(), body);
        match (target, checked) {
            (Some(target), Ok(())) => self.take(&target, body).await,
            (Some(target), Err(why)) => Ok(self.refuse(&target, &why).await),
            (None, _) => {
                count("refused");
                tracing::warn!("a webhook was refused: {}", Refusal::Unknown);
                Ok(Delivery::Refused)
            }
        }
    }

    /// `None` when there is none, it is empty, or it does not open: then nobody is taken.
    async fn secret(&self, target: &WebhookTarget) -> Result<Option<SecretString>, ServiceError> {
        let owner = SecretOwner::Configuration(target.configuration);
        let sealed = self.storage.secret(owner, SECRET_FIELD).await.map_err(stored)?;
        let Some((context, sealed)) = sealed else { return Ok(None) };
        match self.vault.open_text(&context, &sealed, Purpose::Webhook) {
            Ok(secret) => Ok(Some(secret).filter(|secret| !secret.expose_secret().is_empty())),
            Err(error) => {
                // Logged; what is answered must not tell that there is a webhook.
                drop(internal("the secret of a webhook cannot be read", &error));
                Ok(None)
            }
        }
    }

    async fn take(&self, target: &WebhookTarget, body: &[u8]) -> Result<Delivery, ServiceError> {
        let (id, now) = (target.configuration, self.clock.now());
        let admitted = self.paces().admits(id, now);
        let watched = Watched { repository: &target.repository_url, branch: &target.branch };
        let outcome = match admitted {
            _ if target.suspended => "suspended",
            true if hint(body, watched) != Hint::Look => "elsewhere",
            true => "taken",
            // It is not read any more, and so may be about this branch.
            false => "limited",
        };
        count(outcome);
        tracing::debug!(configuration.id = %id, outcome, "a webhook of configuration {id} was taken");
        if matches!(outcome, "taken" | "limited") {
            self.look(target).await.map_err(stored)?;
        }
        if self.paces().is_to_be_noted(id, Noted::Taken, now) {
            self.storage.webhook_taken(id).await.map_err(stored)?;
        }
        Ok(if admitted { Delivery::Taken } else { Delivery::TooMany })
    }

    /// A hint, as a watch gives one: whatever else the run would do, it is no person's wish.
    async fn look(&self, target: &WebhookTarget) -> Result<(), StorageError> {
        let at = self.paces().next_look(target.configuration, self.clock.now());
        if target.hint_at.is_some_and(|waiting| waiting <= at) {
            return Ok(());
        }
        self.storage.hasten(&[target.configuration], at).await
    }

    async fn refuse(&self, target: &WebhookTarget, why: &Refusal) -> Delivery {
        let id = target.configuration;
        count("refused");
        tracing::warn!(configuration.id = %id, "a webhook of configuration {id} was refused: {why}");
        if self.paces().is_to_be_noted(id, Noted::Refused, self.clock.now())
            && let Err(error) = self.storage.webhook_refused(id).await
        {
            tracing::error!(configuration.id = %id, "the refused webhook of configuration {id} is not noted: {error}");
        }
        Delivery::Refused
    }

    fn paces(&self) -> MutexGuard<'_, Paces> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the secret proves the body. There is always something to compare.
fn check(
    credential: Result<Credential, CredentialFault>,
    secret: Option<&SecretString>,
    body: &[u8],
) -> Result<(), Refusal> {
    let decoy = SecretString::from(DECOY);
    let proved = credential?.proves(secret.unwrap_or(&decoy), body);
    match (secret, proved) {
        (None, _) => Err(Refusal::NoSecret),
        (Some(_), false) => Err(Refusal::Wrong),
        (Some(_), true) => Ok(()),
    }
}

/// `taken`, `elsewhere` (another repository or branch), `suspended`, `limited` or `refused`.
fn count(outcome: &'static str) {
    metrics::counter!("fairlead_webhooks_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    // S-L1
    #[test]
    fn without_a_secret_nothing_is_proved_not_even_by_what_is_compared_in_its_place() {
        let credential = || Ok(Credential::Secret(SecretString::from(DECOY)));
        assert!(matches!(check(credential(), None, b""), Err(Refusal::NoSecret)));
        let secret = SecretString::from("the secret");
        assert!(matches!(check(credential(), Some(&secret), b""), Err(Refusal::Wrong)));
        let missing = Err(CredentialFault::Missing);
        assert!(matches!(check(missing, Some(&secret), b""), Err(Refusal::Credential(_))));
        let right = Ok(Credential::Secret(secret.clone()));
        assert!(check(right, Some(&secret), b"").is_ok());
    }
}
