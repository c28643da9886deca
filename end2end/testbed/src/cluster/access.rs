//! Who may talk to the control plane, and how.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleRef, Subject};
use kube::api::{Api, ObjectMeta, PostParams};
use kube::config::AuthInfo;
use rustls::pki_types::CertificateDer;

use super::{Cluster, Credential, Description, Kubeconfig};
use crate::TestbedError;
use crate::authority::{Authority, pem};

/// How long a token of a service account is valid: longer than any test run.
const TOKEN_SECONDS: i64 = 12 * 60 * 60;

/// Until the API server counts a binding: some milliseconds, or seconds where it has much to do.
const RIGHTS_LIMIT: Duration = Duration::from_secs(30);
const RIGHTS_PAUSE: Duration = Duration::from_millis(20);

impl Cluster {
    /// `https://127.0.0.1:port`
    pub fn url(&self) -> &str {
        &self.description.url
    }

    /// The certificate that the API server's own is signed by, PEM.
    pub fn ca_pem(&self) -> &str {
        self.description.authority.certificate()
    }

    /// The authority of this control plane, to sign further servers or users.
    pub fn authority(&self) -> &Authority {
        &self.description.authority
    }

    /// The bearer token of the administrator, for ways on which a client certificate gets lost.
    pub fn administrator_token(&self) -> &str {
        &self.description.administrator_token
    }

    /// A kubeconfig of the administrator with a client certificate; its context is called `default`.
    pub fn kubeconfig(&self) -> String {
        self.kubeconfig_named("default")
    }

    /// As [`Cluster::kubeconfig`], with a name for the context.
    pub fn kubeconfig_named(&self, context: &str) -> String {
        self.kubeconfig_with(context, Credential::Certificate(self.description.administrator.clone()))
    }

    /// A kubeconfig with a bearer token.
    pub fn kubeconfig_for_token(&self, token: &str) -> String {
        self.kubeconfig_with("default", Credential::Token(token.to_owned()))
    }

    /// A kubeconfig of a user without any right until a binding names them.
    pub fn kubeconfig_for_user(&self, user: &str) -> Result<String, TestbedError> {
        let identity = self.description.authority.client(user, None)?;
        Ok(self.kubeconfig_with("default", Credential::Certificate(identity)))
    }

    /// A kubeconfig of any kind.
    pub fn kubeconfig_with(&self, context: &str, credential: Credential) -> String {
        Kubeconfig {
            server: self.description.url.clone(),
            certificate_authority: self.ca_pem().to_owned(),
            context: context.to_owned(),
            credential,
        }
        .to_yaml()
    }

    /// The token of a service account, which is made if need be (its namespace too) and has no right until a
    /// binding names it.
    pub async fn service_account_token(&self, namespace: &str, name: &str) -> Result<String, TestbedError> {
        let client = self.client()?;
        let metadata = |name: &str| ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
        let namespaces = Api::<Namespace>::all(client.clone());
        ensure(&namespaces, &Namespace { metadata: metadata(namespace), ..Namespace::default() }).await?;
        let accounts = Api::<ServiceAccount>::namespaced(client, namespace);
        ensure(&accounts, &ServiceAccount { metadata: metadata(name), ..ServiceAccount::default() }).await?;
        let request = TokenRequest {
            spec: Some(TokenRequestSpec {
                expiration_seconds: Some(TOKEN_SECONDS),
                ..TokenRequestSpec::default()
            }),
            ..TokenRequest::default()
        };
        let answer = accounts
            .create_token_request(name, &PostParams::default(), &request)
            .await
            .map_err(TestbedError::kubernetes("ask for the token of a service account"))?;
        Ok(answer.status.and_then(|status| status.token).unwrap_or_default())
    }

    /// Gives a service account all rights in the whole cluster, and waits until the API server counts them: it learns of
    /// a binding by a watch of its own.
    pub async fn make_administrator(
        &self,
        namespace: &str,
        service_account: &str,
    ) -> Result<(), TestbedError> {
        let binding = ClusterRoleBinding {
            metadata: ObjectMeta {
                name: Some(format!("testbed-{namespace}-{service_account}")),
                ..ObjectMeta::default()
            },
            role_ref: RoleRef {
                api_group: Some("rbac.authorization.k8s.io".into()),
                kind: "ClusterRole".into(),
                name: "cluster-admin".into(),
            },
            subjects: Some(vec![Subject {
                kind: "ServiceAccount".into(),
                name: service_account.to_owned(),
                namespace: Some(namespace.to_owned()),
                ..Subject::default()
            }]),
        };
        let client = self.client()?;
        ensure(&Api::all(client.clone()), &binding).await?;
        let user = format!("system:serviceaccount:{namespace}:{service_account}");
        let began = Instant::now();
        while !has_all_rights(&client, &user).await? {
            if began.elapsed() > RIGHTS_LIMIT {
                return Err(TestbedError::InVain {
                    wanted: format!("{user} has all rights"),
                    waited: RIGHTS_LIMIT,
                    seen: "a binding that the API server does not count".to_owned(),
                    tail: String::new(),
                });
            }
            tokio::time::sleep(RIGHTS_PAUSE).await;
        }
        Ok(())
    }

    /// A client of the administrator for what a test asserts. It belongs to the runtime it is made in, so ask for a
    /// new one in each test.
    pub fn client(&self) -> Result<kube::Client, TestbedError> {
        self.description.client()
    }

    /// A namespace with a name of its own, for tests that share the control plane.
    pub async fn namespace(&self, prefix: &str) -> Result<String, TestbedError> {
        let name = format!("{prefix}-{}", crate::random::suffix()?);
        let metadata = ObjectMeta {
            name: Some(name.clone()),
            labels: Some(BTreeMap::from([("testbed".to_owned(), "true".to_owned())])),
            ..ObjectMeta::default()
        };
        ensure(&Api::all(self.client()?), &Namespace { metadata, ..Namespace::default() }).await?;
        Ok(name)
    }
}

impl Description {
    pub(super) fn client(&self) -> Result<kube::Client, TestbedError> {
        let Self { url, authority, administrator_token, .. } = self;
        let address: http::Uri = url
            .parse()
            .map_err(|error| TestbedError::Url { url: url.clone(), reason: format!("{error}") })?;
        let certificate: CertificateDer<'_> = pem(authority.certificate())?;
        let mut config = kube::Config::new(address);
        config.root_cert = Some(vec![certificate.to_vec()]);
        config.auth_info =
            AuthInfo { token: Some(administrator_token.clone().into()), ..AuthInfo::default() };
        // A test wants the first answer; whoever waits for something asks again.
        config.default_retry = false;
        kube::Client::try_from(config).map_err(TestbedError::kubernetes("make a client of the API server"))
    }
}

async fn has_all_rights(client: &kube::Client, user: &str) -> Result<bool, TestbedError> {
    let all = || Some("*".to_owned());
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: Some(user.to_owned()),
            resource_attributes: Some(ResourceAttributes {
                group: all(),
                resource: all(),
                verb: all(),
                ..ResourceAttributes::default()
            }),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    };
    let api: Api<SubjectAccessReview> = Api::all(client.clone());
    let answer = api.create(&PostParams::default(), &review).await;
    let answer = answer.map_err(TestbedError::kubernetes("ask for the rights of a service account"))?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}

/// Creates an object unless it is there.
pub(super) async fn ensure<K>(api: &Api<K>, object: &K) -> Result<(), TestbedError>
where
    K: kube::Resource + Clone + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    match api.create(&PostParams::default(), object).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
        Err(error) => Err(TestbedError::kubernetes("create an object")(error)),
    }
}
