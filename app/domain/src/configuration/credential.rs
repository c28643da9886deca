//! What a private repository is read with, as it is sent: written, never shown again.
//!
//! A form sends it raw and it is taken literally ([`RepositoryCredentialDraft::from_form`]); ARM sends base64 and
//! nothing but base64 ([`RepositoryCredentialDraft::from_arm`]). [`RepositoryCredentialDraft::validate`] checks
//! both against the repository's URL and against what is stored already.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::repository::{RepositoryUrl, Transport};
use crate::violation::{Field, Rule, Violations};

mod pem;

/// Longest https user in characters: more than any host gives out.
const HTTPS_USER_MAX: usize = 256;
/// Longest https key in characters: a signed token with its claims has some thousands.
const HTTPS_KEY_MAX: usize = 8192;
/// Longest private key in characters; RSA with 16384 bits has 12,700.
const SSH_KEY_MAX: usize = 32_768;
/// Longest certificate file in characters: some dozen authorities.
const CERTIFICATES_MAX: usize = 131_072;

/// A secret of a configuration: the name it is stored under and, for the three that ARM knows, called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SecretName {
    /// `sshPrivateKey`
    SshPrivateKey,
    /// `httpsUser`
    HttpsUser,
    /// `httpsKey`
    HttpsKey,
    /// `httpsCACert`: no secret, but sent and kept like one. ARM's Flux v1 has no word for it, Flux v2 has this one.
    HttpsCaCertificate,
}

impl SecretName {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::SshPrivateKey, Self::HttpsUser, Self::HttpsKey, Self::HttpsCaCertificate];

    /// Key in `configurationProtectedSettings`, and field in the vault.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SshPrivateKey => "sshPrivateKey",
            Self::HttpsUser => "httpsUser",
            Self::HttpsKey => "httpsKey",
            Self::HttpsCaCertificate => "httpsCACert",
        }
    }

    /// From the key.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// Its field in forms and ARM bodies.
    pub fn field(self) -> Field {
        match self {
            Self::SshPrivateKey => Field::SshPrivateKey,
            Self::HttpsUser => Field::HttpsUser,
            Self::HttpsKey => Field::HttpsKey,
            Self::HttpsCaCertificate => Field::HttpsCaCertificate,
        }
    }

    /// Whether it is of any use for a URL of this transport.
    pub fn fits(self, transport: Transport) -> bool {
        match self {
            Self::SshPrivateKey => transport == Transport::Ssh,
            Self::HttpsUser | Self::HttpsKey => matches!(transport, Transport::Https | Transport::Http),
            Self::HttpsCaCertificate => transport == Transport::Https,
        }
    }
}

/// What is to happen to a stored secret.
#[derive(Clone, Debug, Default)]
pub enum SecretChange {
    /// It stays, if there is one and the repository's host stays the same.
    #[default]
    Keep,
    /// This one takes its place.
    Replace(SecretString),
    /// It goes.
    Remove,
}

/// Kinds of key pairs that are made here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    /// Ed25519
    #[default]
    Ed25519,
    /// RSA with 3072 bits, for hosts that know no Ed25519 (Azure DevOps).
    Rsa,
}

impl KeyKind {
    /// The word in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ed25519, Self::Rsa].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Access to a repository as it was sent. Neither `Debug` nor anything else shows what is inside.
#[derive(Clone, Debug, Default)]
pub struct RepositoryCredentialDraft {
    /// `sshPrivateKey`
    pub ssh_private_key: SecretChange,
    /// `httpsUser`
    pub https_user: SecretChange,
    /// `httpsKey`
    pub https_key: SecretChange,
    /// Certificates of the authorities that the host's certificate is checked with, PEM.
    pub https_ca_certificate: SecretChange,
    /// A new key pair of this kind is wanted, in place of whatever key there is. Means nothing but for ssh.
    pub new_key: Option<KeyKind>,
}

/// The fields of a form that are about access. Empty text leaves a stored secret as it is.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessFields {
    /// `keep`, `own`, `ed25519` or `rsa`; empty is `keep`. Anything but `own` leaves `ssh_private_key` unread, and
    /// with `own` it is needed.
    pub ssh_key: String,
    /// A private key as it stands in its file, or that in base64.
    pub ssh_private_key: String,
    /// Taken literally.
    pub https_user: String,
    /// Taken literally.
    pub https_key: String,
    /// Certificates as they stand in their file.
    pub https_ca_certificate: String,
    /// Checked: stored user and key go.
    pub https_remove: String,
    /// Checked: the stored certificate goes.
    pub https_ca_remove: String,
}

/// What is not secret of it.
impl std::fmt::Debug for AccessFields {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AccessFields").field("ssh_key", &self.ssh_key).finish_non_exhaustive()
    }
}

/// Which secrets a configuration has, as everybody who sees it may know.
#[expect(clippy::struct_excessive_bools, reason = "each secret is there or not, whatever the others are")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAccess {
    /// A private key, made here or given.
    pub ssh_private_key: bool,
    /// The private key was made here.
    pub ssh_key_made_here: bool,
    /// A user.
    pub https_user: bool,
    /// A key.
    pub https_key: bool,
    /// Certificates of authorities.
    pub https_ca_certificate: bool,
}

impl StoredAccess {
    /// Whether there is one of this name.
    pub fn has(self, name: SecretName) -> bool {
        match name {
            SecretName::SshPrivateKey => self.ssh_private_key,
            SecretName::HttpsUser => self.https_user,
            SecretName::HttpsKey => self.https_key,
            SecretName::HttpsCaCertificate => self.https_ca_certificate,
        }
    }
}

impl RepositoryCredentialDraft {
    /// What a form says. Only the private key may be in base64: it cannot be mistaken for anything else.
    pub fn from_form(fields: &AccessFields) -> Self {
        let given = |text: &str| match text {
            "" => SecretChange::Keep,
            text => SecretChange::Replace(text.into()),
        };
        let or_removed = |text: &str, removed: &str| match given(text) {
            SecretChange::Keep if !removed.is_empty() => SecretChange::Remove,
            change => change,
        };
        let AccessFields {
            ssh_key,
            ssh_private_key,
            https_user,
            https_key,
            https_ca_certificate,
            https_remove,
            https_ca_remove,
        } = fields;
        let own = ssh_key == OWN_KEY;
        Self {
            ssh_private_key: if own {
                SecretChange::Replace(pem::plain(ssh_private_key).as_str().into())
            } else {
                SecretChange::Keep
            },
            https_user: or_removed(https_user, https_remove),
            https_key: or_removed(https_key, https_remove),
            https_ca_certificate: or_removed(https_ca_certificate.trim(), https_ca_remove),
            new_key: KeyKind::parse(ssh_key),
        }
    }

    /// `configurationProtectedSettings` of an ARM body: base64 of text each, `null` removes, a key that is not there
    /// keeps.
    pub fn from_arm(settings: &BTreeMap<String, Option<String>>) -> Result<Self, Violations> {
        let mut draft = Self::default();
        let mut violations = Violations::default();
        for (key, value) in settings {
            let Some(name) = SecretName::parse(key) else {
                let allowed = SecretName::ALL.map(|name| name.as_str().to_owned()).into();
                violations.push(Field::ProtectedSettings, Rule::OneOf { allowed });
                continue;
            };
            let change = match value {
                None => Some(SecretChange::Remove),
                Some(encoded) => violations.keep(name.field(), decode(encoded)).map(SecretChange::Replace),
            };
            if let Some(change) = change {
                *draft.change_mut(name) = change;
            }
        }
        violations.or(|| draft)
    }

    /// Checks everything against the URL and what is stored: `stored` is empty when the repository's host changes.
    /// Gives the texts as they are to be stored. Whether a key is a key is for whoever can read it.
    pub fn validate(&self, url: &RepositoryUrl, stored: StoredAccess) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        // One kind is always chosen in a form; it means something for ssh alone.
        let new_key = self.new_key.filter(|_| url.transport() == Transport::Ssh);
        let mut checked = Self { new_key, ..Self::default() };
        for name in SecretName::ALL {
            let change = match self.change(name) {
                SecretChange::Replace(value)
                    if value.expose_secret().is_empty() && !name.fits(url.transport()) =>
                {
                    Some(SecretChange::Keep)
                }
                SecretChange::Replace(value) => {
                    if !name.fits(url.transport()) {
                        violations.push(name.field(), misfit(name));
                    }
                    violations.keep(name.field(), check(name, value)).map(SecretChange::Replace)
                }
                other => Some(other.clone()),
            };
            *checked.change_mut(name) = change.unwrap_or_default();
        }
        if let Some(field) = self.missing_half(url, stored) {
            violations.push(field, Rule::HttpsAuthIncomplete);
        }
        violations.or(|| checked)
    }

    /// What is to happen to the secret of this name.
    pub fn change(&self, name: SecretName) -> &SecretChange {
        match name {
            SecretName::SshPrivateKey => &self.ssh_private_key,
            SecretName::HttpsUser => &self.https_user,
            SecretName::HttpsKey => &self.https_key,
            SecretName::HttpsCaCertificate => &self.https_ca_certificate,
        }
    }

    fn change_mut(&mut self, name: SecretName) -> &mut SecretChange {
        match name {
            SecretName::SshPrivateKey => &mut self.ssh_private_key,
            SecretName::HttpsUser => &mut self.https_user,
            SecretName::HttpsKey => &mut self.https_key,
            SecretName::HttpsCaCertificate => &mut self.https_ca_certificate,
        }
    }

    /// User and key go together; a user in the URL will do. What is stored counts.
    fn missing_half(&self, url: &RepositoryUrl, stored: StoredAccess) -> Option<Field> {
        let stays = |name: SecretName| match self.change(name) {
            SecretChange::Replace(_) => true,
            SecretChange::Keep => stored.has(name) && name.fits(url.transport()),
            SecretChange::Remove => false,
        };
        match (stays(SecretName::HttpsUser) || url.user().is_some(), stays(SecretName::HttpsKey)) {
            (false, true) => Some(Field::HttpsUser),
            (true, false) if stays(SecretName::HttpsUser) => Some(Field::HttpsKey),
            _ => None,
        }
    }
}

/// The form's word for a private key that is pasted.
pub const OWN_KEY: &str = "own";
/// The form's word for the key there is.
pub const KEEP_KEY: &str = "keep";

/// Whether secrets of one repository may be shown to the other: same host and port, reached the same way.
pub fn same_host(one: &RepositoryUrl, other: &RepositoryUrl) -> bool {
    (one.transport(), one.host(), one.port()) == (other.transport(), other.host(), other.port())
}

fn decode(encoded: &str) -> Result<SecretString, Rule> {
    if encoded.is_empty() {
        return Err(Rule::Required);
    }
    let bytes = STANDARD.decode(encoded).map_err(|_| Rule::Base64Text)?;
    String::from_utf8(bytes).map(SecretString::from).map_err(|_| Rule::Base64Text)
}

fn misfit(name: SecretName) -> Rule {
    match name {
        SecretName::SshPrivateKey => Rule::SshKeyWithHttp,
        SecretName::HttpsUser | SecretName::HttpsKey => Rule::HttpsAuthWithSsh,
        SecretName::HttpsCaCertificate => Rule::CertificateWithoutHttps,
    }
}

fn check(name: SecretName, value: &SecretString) -> Result<SecretString, Rule> {
    let text = value.expose_secret();
    if text.is_empty() {
        return Err(Rule::Required);
    }
    match name {
        SecretName::SshPrivateKey => bounded(text, SSH_KEY_MAX).and_then(pem::private_key).map(Into::into),
        SecretName::HttpsUser => line(text, HTTPS_USER_MAX).map(|()| value.clone()),
        SecretName::HttpsKey => line(text, HTTPS_KEY_MAX).map(|()| value.clone()),
        SecretName::HttpsCaCertificate => {
            bounded(text, CERTIFICATES_MAX).and_then(pem::certificates).map(Into::into)
        }
    }
}

/// Git asks for a line, so a line break would end the answer early.
fn line(text: &str, max: usize) -> Result<(), Rule> {
    bounded(text, max)?;
    if text.chars().any(char::is_control) { Err(Rule::ControlCharacter) } else { Ok(()) }
}

fn bounded(text: &str, max: usize) -> Result<&str, Rule> {
    if text.chars().count() > max { Err(Rule::TooLong { max }) } else { Ok(text) }
}

#[cfg(test)]
mod tests;
