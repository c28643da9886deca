//! Kubeconfigs as people paste them: everything inline, no file and no program is named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::authority::Identity;

/// How the API server knows the caller.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A client certificate. It does not survive a proxy that ends TLS.
    Certificate(Identity),
    /// A bearer token.
    Token(String),
}

/// One cluster, one user, one context.
#[derive(Debug, Clone)]
pub struct Kubeconfig {
    /// `https://127.0.0.1:port`
    pub server: String,
    /// The certificate authority, PEM.
    pub certificate_authority: String,
    /// The name of the context, the cluster and the user.
    pub context: String,
    /// Who calls.
    pub credential: Credential,
}

impl Kubeconfig {
    /// The file's text.
    pub fn to_yaml(&self) -> String {
        let Self { server, certificate_authority, context, credential } = self;
        // A JSON string is a YAML string, whatever characters a test puts into the name.
        let context = serde_json::Value::from(context.as_str());
        let certificate_authority = STANDARD.encode(certificate_authority);
        let user = match credential {
            Credential::Token(token) => format!("token: {}", serde_json::Value::from(token.as_str())),
            Credential::Certificate(Identity { certificate, key }) => format!(
                "client-certificate-data: {}\n    client-key-data: {}",
                STANDARD.encode(certificate),
                STANDARD.encode(key)
            ),
        };
        format!(
            "apiVersion: v1
kind: Config
clusters:
- name: {context}
  cluster:
    server: {server}
    certificate-authority-data: {certificate_authority}
users:
- name: {context}
  user:
    {user}
contexts:
- name: {context}
  context:
    cluster: {context}
    user: {context}
current-context: {context}
"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_name_with_yaml_characters_stays_one_string() {
        let text = Kubeconfig {
            server: "https://127.0.0.1:6443".into(),
            certificate_authority: "pem".into(),
            context: "a: \"b\" #c".into(),
            credential: Credential::Token("t".into()),
        }
        .to_yaml();
        assert!(text.contains("current-context: \"a: \\\"b\\\" #c\"\n"), "{text}");
    }
}
