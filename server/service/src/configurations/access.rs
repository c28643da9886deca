//! Access to private repositories: secrets are sealed, kept or dropped; keys are made and read.

use domain::access::Actor;
use domain::configuration::{
    ConfigurationDraft, ConfigurationSpec, KeyKind, RepositoryCredentialDraft, SecretChange, SecretName,
    StoredAccess, same_host,
};
use domain::id::ConfigurationId;
use domain::repository::{RepositoryUrl, Transport};
use domain::service::ServiceError;
use domain::violation::{Field, Rule, Violations};
use secrecy::{ExposeSecret, SecretString};
use storage::{RepositoryAccess, SecretOwner, UnitOfWork};

use super::Configurations;
use crate::error::{internal, stored, violated};
use crate::ssh_key::{self, KeyPair};

/// What there is before a change: the URL, and what is stored for it.
pub(super) struct Before {
    pub(super) url: RepositoryUrl,
    pub(super) access: RepositoryAccess,
}

/// A checked change with all secrets at hand; writing it waits for nothing.
pub(super) struct AccessChange {
    put: Vec<(SecretName, SecretString)>,
    delete: Vec<SecretName>,
    public_key: PublicKey,
}

enum PublicKey {
    Keep,
    None,
    Set { text: String, made_here: bool },
}

impl AccessChange {
    /// Names of the secrets that change, for the audit.
    pub(super) fn changed(&self) -> impl Iterator<Item = SecretName> {
        self.put.iter().map(|(name, _)| *name).chain(self.delete.iter().copied())
    }
}

impl Configurations {
    /// Checks draft and credential, tells the faults of both at once, and makes the key pair that is needed.
    pub(super) async fn checked(
        &self,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
        before: Option<Before>,
    ) -> Result<(ConfigurationSpec, AccessChange), ServiceError> {
        let spec = draft.validate();
        let url = match &spec {
            Ok(spec) => Some(spec.repository_url.clone()),
            Err(_) => RepositoryUrl::parse(&draft.repository_url).ok(),
        };
        let kept = kept(url.as_ref(), before);
        let checked = match &url {
            Some(url) => credential.validate(url, view(&kept)).and_then(read_key),
            None => Ok((RepositoryCredentialDraft::default(), None)),
        };
        match (spec, checked) {
            (Ok(spec), Ok((credential, own_key))) => {
                let change = change(&spec.repository_url, &credential, own_key, &kept).await?;
                Ok((spec, change))
            }
            (spec, checked) => {
                let mut violations = spec.err().unwrap_or_default();
                violations.append(checked.err().unwrap_or_default());
                Err(violated(violations))
            }
        }
    }

    /// Seals and stores; part of the transaction that stores the spec.
    pub(super) async fn write_access(
        &self,
        unit: &mut UnitOfWork,
        actor: &Actor,
        id: ConfigurationId,
        change: &AccessChange,
    ) -> Result<(), ServiceError> {
        let owner = SecretOwner::Configuration(id);
        for (name, value) in &change.put {
            let context = unit.next_secret(owner, name.as_str()).await.map_err(stored)?;
            let context = context.ok_or(ServiceError::NotFound)?;
            let sealed = self.vault.seal(&context, value.expose_secret().as_bytes());
            let sealed =
                sealed.map_err(|error| internal("a repository's credential cannot be encrypted", &error))?;
            unit.put_secret(owner, &context, &sealed, actor.user).await.map_err(stored)?;
        }
        for name in &change.delete {
            unit.delete_secret(owner, name.as_str()).await.map_err(stored)?;
        }
        match &change.public_key {
            PublicKey::Keep => Ok(()),
            PublicKey::None => unit.set_repository_public_key(id, None, false).await.map_err(stored),
            PublicKey::Set { text, made_here } => {
                unit.set_repository_public_key(id, Some(text), *made_here).await.map_err(stored)
            }
        }
    }
}

/// What of the stored secrets may be used for the new URL: all when the host stays, none otherwise.
struct Kept {
    usable: bool,
    access: RepositoryAccess,
}

fn kept(url: Option<&RepositoryUrl>, before: Option<Before>) -> Kept {
    let Some(Before { url: earlier, access }) = before else {
        return Kept { usable: false, access: RepositoryAccess::default() };
    };
    Kept { usable: url.is_some_and(|url| same_host(url, &earlier)), access }
}

/// What the pane may tell of stored secrets.
pub(super) fn stored_access(access: &RepositoryAccess) -> StoredAccess {
    let has = |name| access.secrets.contains(&name);
    StoredAccess {
        ssh_private_key: has(SecretName::SshPrivateKey),
        ssh_key_made_here: access.ssh_key_made_here,
        https_user: has(SecretName::HttpsUser),
        https_key: has(SecretName::HttpsKey),
        https_ca_certificate: has(SecretName::HttpsCaCertificate),
    }
}

fn view(kept: &Kept) -> StoredAccess {
    if kept.usable { stored_access(&kept.access) } else { StoredAccess::default() }
}

type Checked = (RepositoryCredentialDraft, Option<KeyPair>);

/// The last check of a private key: whether it is one.
fn read_key(credential: RepositoryCredentialDraft) -> Result<Checked, Violations> {
    let SecretChange::Replace(text) = &credential.ssh_private_key else { return Ok((credential, None)) };
    match ssh_key::read(text) {
        Ok(pair) => Ok((credential, Some(pair))),
        Err(rule) => Err(fault(rule)),
    }
}

fn fault(rule: Rule) -> Violations {
    let mut violations = Violations::default();
    violations.push(Field::SshPrivateKey, rule);
    violations
}

async fn change(
    url: &RepositoryUrl,
    credential: &RepositoryCredentialDraft,
    own_key: Option<KeyPair>,
    kept: &Kept,
) -> Result<AccessChange, ServiceError> {
    let mut change = AccessChange { put: Vec::new(), delete: Vec::new(), public_key: PublicKey::Keep };
    for name in [SecretName::HttpsUser, SecretName::HttpsKey, SecretName::HttpsCaCertificate] {
        let goes = !kept.usable || !name.fits(url.transport());
        match credential.change(name) {
            SecretChange::Replace(value) => change.put.push((name, value.clone())),
            SecretChange::Keep if !goes => {}
            _ if kept.access.secrets.contains(&name) => change.delete.push(name),
            _ => {}
        }
    }
    ssh(&mut change, url, credential, own_key, kept).await?;
    Ok(change)
}

/// An ssh repository always has a key: its own, the one there is, or a new one.
async fn ssh(
    change: &mut AccessChange,
    url: &RepositoryUrl,
    credential: &RepositoryCredentialDraft,
    own_key: Option<KeyPair>,
    kept: &Kept,
) -> Result<(), ServiceError> {
    let name = SecretName::SshPrivateKey;
    let stored = kept.access.secrets.contains(&name);
    if url.transport() != Transport::Ssh {
        if stored || kept.access.public_key.is_some() {
            change.delete.push(name);
            change.public_key = PublicKey::None;
        }
        return Ok(());
    }
    let keeps = kept.usable && stored && matches!(credential.ssh_private_key, SecretChange::Keep);
    let (pair, made_here) = match (own_key, credential.new_key) {
        (Some(pair), _) => (pair, false),
        (None, None) if keeps => return Ok(()),
        (None, kind) => (generate(kind.unwrap_or_default()).await?, true),
    };
    change.put.push((name, pair.private));
    change.public_key = PublicKey::Set { text: pair.public, made_here };
    Ok(())
}

/// RSA takes seconds of computing.
async fn generate(kind: KeyKind) -> Result<KeyPair, ServiceError> {
    let made = tokio::task::spawn_blocking(move || ssh_key::generate(kind)).await;
    match made {
        Ok(Ok(pair)) => Ok(pair),
        Ok(Err(error)) => Err(internal("an ssh key cannot be made", &error)),
        Err(error) => Err(internal("an ssh key cannot be made", &error)),
    }
}
