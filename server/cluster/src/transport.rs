//! The way to one API server with one credential: a pool of connections to whichever cluster answers, and one whose
//! connections have proven to lead to the cluster that is meant: whatever writes or watches goes over that.
//!
//! Redirects are not followed, no proxy setting of the environment is read, and every connection goes through the
//! outbound policy.

mod impersonate;
mod pace;
mod proven;
mod tls;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::cluster::ClusterUid;
use http::header::{AUTHORIZATION, HeaderValue, USER_AGENT};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::Body;
use kube::client::middleware::BaseUriLayer;
use rustls::pki_types::ServerName;
use secrecy::ExposeSecret;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceBuilder};
use tower_http::decompression::{DecompressionBody, DecompressionLayer};
use tower_http::set_header::SetRequestHeaderLayer;

use self::impersonate::ImpersonateLayer;
pub(crate) use self::pace::{Outcome, Pace};
use self::proven::Proven;
pub(crate) use self::proven::Unproven;
use crate::Credential;
use crate::operator::ServiceAccountName;

/// A connection that nobody used for so long is closed; API servers close theirs after some minutes.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// What a request's answer comes as.
type Pool = BoxCloneSyncService<Request<Body>, Response<DecompressionBody<Incoming>>, BoxError>;

/// Why no way to a cluster can be made of a credential that was checked when it was stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    #[error("the certificates or keys of the kubeconfig cannot be used for TLS")]
    Tls(#[from] rustls::Error),
    #[error("the kubeconfig holds material that cannot be read")]
    Material,
}

/// What makes connections.
type Connector = HttpsConnector<outbound::Connector>;

/// The pools. Clones share them.
#[derive(Clone)]
pub(crate) struct Transport {
    connector: Connector,
    base: Uri,
    authorization: Option<HeaderValue>,
    any: Pool,
    /// The cluster that its connections lead to, and the pool.
    proven: Arc<Mutex<Option<(ClusterUid, Pool)>>>,
    pace: Arc<Pace>,
    namespace: String,
}

impl Transport {
    pub(crate) fn new(credential: &Credential, policy: &outbound::Policy) -> Result<Self, TransportError> {
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls::config(credential)?).https_only();
        let builder = match credential.tls_server_name() {
            Some(name) => {
                let name = ServerName::try_from(name.to_owned()).map_err(|_| TransportError::Material)?;
                builder.with_server_name_resolver(FixedServerNameResolver::new(name))
            }
            None => builder,
        };
        // HTTP/1.1 alone: over HTTP/2 all watches would share the one connection's limit of streams with the requests.
        let connector = builder.enable_http1().wrap_connector(outbound::Connector::new(policy.clone()));
        let base: Uri = credential.url().as_str().parse().map_err(|_| TransportError::Material)?;
        let authorization = authorization(credential)?;
        Ok(Self {
            any: pool(connector.clone(), &base, authorization.as_ref()),
            connector,
            base,
            authorization,
            proven: Arc::default(),
            pace: Arc::new(Pace::new()),
            namespace: credential.namespace().unwrap_or("default").to_owned(),
        })
    }

    /// A client that is the kubeconfig's user, of whichever cluster answers.
    pub(crate) fn own_client(&self) -> kube::Client {
        kube::Client::new(self.any.clone(), self.namespace.clone())
    }

    /// The same, of one cluster alone; when another one answers, it is sent nothing.
    pub(crate) fn proven_client(&self, cluster: &ClusterUid) -> kube::Client {
        kube::Client::new(self.proven(cluster), self.namespace.clone())
    }

    /// A client that is a service account of one cluster. There is no way to make one without its name and its cluster.
    pub(crate) fn impersonating_client(
        &self,
        account: &ServiceAccountName,
        cluster: &ClusterUid,
    ) -> kube::Client {
        let pool = self.proven(cluster);
        let service = ServiceBuilder::new().layer(ImpersonateLayer::new(account)).service(pool);
        kube::Client::new(service, account.namespace())
    }

    /// The pool whose connections lead to this cluster. That of another one, which a person gave up, goes.
    fn proven(&self, cluster: &ClusterUid) -> Pool {
        let mut proven = self.proven.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = proven.as_ref().filter(|(known, _)| known == cluster) {
            return pool.clone();
        }
        let (base, authorization) = (self.base.clone(), self.authorization.clone());
        let connector = Proven::new(self.connector.clone(), cluster.clone(), base, authorization);
        let pool = pool(connector, &self.base, self.authorization.as_ref());
        proven.insert((cluster.clone(), pool)).1.clone()
    }

    /// What bounds the requests of all clients over these pools.
    pub(crate) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }
}

fn pool<C>(connector: C, base: &Uri, authorization: Option<&HeaderValue>) -> Pool
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = HyperClient::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(Pace::MAX)
        .build::<_, Body>(connector);
    let service = ServiceBuilder::new()
        .map_err(BoxError::from)
        .layer(BaseUriLayer::new(base.clone()))
        .layer(SetRequestHeaderLayer::overriding(USER_AGENT, HeaderValue::from_static(USER_AGENT_VALUE)))
        .layer(SetRequestHeaderLayer::overriding(AUTHORIZATION, authorization.cloned()))
        .layer(DecompressionLayer::new())
        .service(client);
    BoxCloneSyncService::new(service)
}

/// How requests name themselves in the cluster's audit log.
const USER_AGENT_VALUE: &str = concat!("fairlead/", env!("CARGO_PKG_VERSION"));

fn authorization(credential: &Credential) -> Result<Option<HeaderValue>, TransportError> {
    let Some(token) = credential.token() else { return Ok(None) };
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| TransportError::Material)?;
    value.set_sensitive(true);
    Ok(Some(value))
}
