//! What shows that a webhook comes from somebody who knows its secret.
//!
//! Exactly one credential is taken. Two of one kind, or of two kinds, are refused, because whoever checks one of them has
//! not checked the other. Gitea and Forgejo sign twice, in their own header and in GitHub's: that is one credential when
//! both headers state the same. What is no credential here decides nothing: SHA-1 signatures, which GitHub and Gitea send
//! beside the others, and `Authorization` of another scheme.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Bytes of a signature.
const SIGNATURE: usize = 32;

/// The headers that credentials come in, each with how it is read.
const KINDS: [(Kind, &str); 6] = [
    (Kind::GitHub, "x-hub-signature-256"),
    (Kind::Gitea, "x-gitea-signature"),
    (Kind::Bitbucket, "x-hub-signature"),
    (Kind::GitLab, "x-gitlab-token"),
    (Kind::AzureDevOps, "authorization"),
    (Kind::Generic, "x-signature"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    GitHub,
    Gitea,
    Bitbucket,
    GitLab,
    AzureDevOps,
    Generic,
}

/// What came along as proof.
#[derive(Clone, Debug)]
pub enum Credential {
    /// HMAC-SHA-256 of the raw body, keyed by the text of the secret.
    Signature([u8; SIGNATURE]),
    /// The secret itself, of hosts that do not sign.
    Secret(SecretString),
}

/// Why there is no credential. The words are for the log; a sender is told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialFault {
    /// No header that is a credential.
    #[error("it has no signature that is taken here")]
    Missing,
    /// More than one.
    #[error("it has more than one signature")]
    Several,
    /// One that is not written as its kind is.
    #[error("its signature cannot be read")]
    Unreadable,
}

impl Credential {
    /// The one credential among the headers.
    pub fn read(headers: &HeaderMap) -> Result<Self, CredentialFault> {
        let mut found = Vec::new();
        for (kind, name) in KINDS {
            // What is no text is unreadable in every kind.
            let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
            found.extend(values.filter(|value| kind.is_meant(value)).map(|value| (kind, kind.parse(value))));
        }
        if found.len() > 1 && !signed_twice(&found) {
            return Err(CredentialFault::Several);
        }
        let (_, credential) = found.pop().ok_or(CredentialFault::Missing)?;
        credential.ok_or(CredentialFault::Unreadable)
    }

    /// Whether only somebody who knows the secret can have sent this body with it. Nobody proves anything by an empty
    /// secret. Takes the same time whatever is wrong.
    pub fn proves(&self, secret: &SecretString, body: &[u8]) -> bool {
        let secret = secret.expose_secret().as_bytes();
        if secret.is_empty() {
            return false;
        }
        match self {
            Self::Secret(sent) => sent.expose_secret().as_bytes().ct_eq(secret).into(),
            Self::Signature(signature) => {
                // HMAC takes keys of any length; an error would be a refusal.
                let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else { return false };
                mac.update(body);
                mac.verify_slice(signature).is_ok()
            }
        }
    }
}

impl Kind {
    /// Whether a header of its name is a credential at all.
    fn is_meant(self, value: &str) -> bool {
        match self {
            Self::Bitbucket => !value.starts_with("sha1="),
            Self::AzureDevOps => scheme_and_rest(value).0.eq_ignore_ascii_case("basic"),
            Self::GitHub | Self::Gitea | Self::GitLab | Self::Generic => true,
        }
    }

    /// `None` for what is not written as its kind is.
    fn parse(self, value: &str) -> Option<Credential> {
        match self {
            Self::GitHub | Self::Bitbucket | Self::Generic => {
                value.strip_prefix("sha256=").and_then(signature)
            }
            Self::Gitea => signature(value),
            Self::GitLab => Some(Credential::Secret(SecretString::from(value))),
            Self::AzureDevOps => password(scheme_and_rest(value).1).map(Credential::Secret),
        }
    }
}

/// `Basic` and what belongs to it.
fn scheme_and_rest(value: &str) -> (&str, &str) {
    value.split_once(' ').unwrap_or((value, ""))
}

/// Lower-case hexadecimal digits, as every host writes them: one spelling for one signature.
fn signature(digits: &str) -> Option<Credential> {
    let bytes = HEXLOWER.decode(digits.as_bytes()).ok()?;
    bytes.try_into().ok().map(Credential::Signature)
}

/// The password of basic authentication (RFC 7617); the user may be anybody.
fn password(encoded: &str) -> Option<SecretString> {
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    decoded.split_once(':').map(|(_, password)| SecretString::from(password))
}

/// As Gitea and Forgejo do: in their own header and in GitHub's, with the same digits.
fn signed_twice(found: &[(Kind, Option<Credential>)]) -> bool {
    match found {
        [
            (Kind::GitHub, Some(Credential::Signature(one))),
            (Kind::Gitea, Some(Credential::Signature(two))),
        ] => one == two,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
