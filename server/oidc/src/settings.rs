//! What an administrator says of a provider.

use std::net::IpAddr;

use secrecy::SecretString;
use url::{Host, Url};

/// Longest name: it is part of paths, and of user names that would be taken otherwise.
const NAME_MAX: usize = 32;

/// One provider, as set.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// In paths and role assignments, see [`is_provider_name`].
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its issuer, to the letter as its description has it.
    pub issuer: String,
    /// We, as the provider knows us.
    pub client_id: String,
    /// By which it recognises us; without one we are a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for; `openid` is asked for in any case.
    pub scopes: Vec<String>,
    /// The claim that holds what a person is called.
    pub name_claim: String,
    /// The claim that holds the groups: a list of texts.
    pub groups_claim: String,
    /// Where the provider sends a browser back to; registered there to the letter.
    pub callback: Url,
    /// Where it sends one that has signed out.
    pub signed_out: Url,
}

/// Why a provider cannot be used as it is set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// Of the name.
    #[error(
        "the name of an identity provider is 1 to 32 lower-case letters, digits and hyphens, and {0:?} is not"
    )]
    Name(String),
    /// A field that must say something.
    #[error("the identity provider {name} needs {field}")]
    Missing {
        /// Which provider.
        name: String,
        /// Which field.
        field: &'static str,
    },
    /// Of the issuer.
    #[error(
        "the issuer of the identity provider {0} is an https address without query and fragment (http on the loopback interface alone)"
    )]
    Issuer(String),
}

/// Whether this can be the name of a provider: a lower-case word.
pub fn is_provider_name(name: &str) -> bool {
    let allowed = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '-');
    (1..=NAME_MAX).contains(&name.len()) && name.chars().all(allowed)
}

impl ProviderSettings {
    /// Nothing is asked of the provider for this.
    pub(crate) fn check(&self) -> Result<(), SettingsFault> {
        let Self { name, title, issuer, client_id, name_claim, groups_claim, .. } = self;
        if !is_provider_name(name) {
            return Err(SettingsFault::Name(name.clone()));
        }
        for (field, value) in [
            ("title", title),
            ("client_id", client_id),
            ("name_claim", name_claim),
            ("groups_claim", groups_claim),
        ] {
            if value.trim().is_empty() {
                return Err(SettingsFault::Missing { name: name.clone(), field });
            }
        }
        let good = Url::parse(issuer)
            .is_ok_and(|url| is_safe(&url) && url.query().is_none() && url.fragment().is_none());
        if good { Ok(()) } else { Err(SettingsFault::Issuer(name.clone())) }
    }
}

/// Through TLS, or without leaving this machine.
fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &str, issuer: &str) -> ProviderSettings {
        let here = Url::parse("http://127.0.0.1:3000/").unwrap();
        ProviderSettings {
            name: name.to_owned(),
            title: "Company".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "fairlead".to_owned(),
            client_secret: None,
            scopes: Vec::new(),
            name_claim: "preferred_username".to_owned(),
            groups_claim: "groups".to_owned(),
            callback: here.clone(),
            signed_out: here,
        }
    }

    #[test]
    fn a_provider_is_named_by_a_word_and_reached_through_tls() {
        for issuer in ["https://id.example.com", "http://127.0.0.1:9", "http://localhost:9/realm"] {
            assert_eq!(settings("company-1", issuer).check(), Ok(()), "{issuer}");
        }
        for issuer in
            ["http://id.example.com", "https://x?y", "https://x#y", "ftp://x", "javascript:x", "", "x"]
        {
            assert!(settings("company", issuer).check().is_err(), "{issuer}");
        }
        for name in ["", "Company", "a/b", "a b", "..", &"a".repeat(33)] {
            assert!(settings(name, "https://id.example.com").check().is_err(), "{name}");
        }
    }
}
