//! Reading kubeconfigs and asking clusters that are not connected yet.

use std::sync::Arc;

use async_trait::async_trait;
use cluster::kubeconfig::{Context, Kubeconfig};
use cluster::{Connection, Credential};
use domain::clock::Clock;
use domain::cluster::{
    CheckOutcome, ClusterStatus, ClusterUid, Connectivity, Permission, Preflight, PreflightItem,
};
use domain::outbound::Narrowing;
use domain::reason::{ConnectionReason, Reason};
use domain::service::ContextView;
use domain::violation::{Field, Rule, Violations};
use engine::port::cluster::ClusterError;
use outbound::{Policy, Relay};
use secrecy::{ExposeSecret, SecretString};
use service::{ChosenContext, ClusterProbe, ReadKubeconfig};

/// Over the `cluster` crate.
pub struct KubeconfigProbe {
    /// Which addresses may be connected to.
    pub policy: Policy,
    /// What programs would be led by: none is started for a cluster that is not connected yet.
    pub relay: Relay,
    /// Tells which certificates and tokens are over.
    pub clock: Arc<dyn Clock>,
}

impl KubeconfigProbe {
    fn open(&self, credential: &SecretString, outbound: &Narrowing) -> Result<Connection, ClusterError> {
        let credential = Credential::from_secret(credential.expose_secret()).map_err(|error| {
            ClusterError { reason: Reason::ClusterCredentialUnreadable, detail: Some(error.to_string()) }
        })?;
        Connection::open(&credential, &self.policy.narrowed(outbound), &self.relay, None)
    }
}

#[async_trait]
impl ClusterProbe for KubeconfigProbe {
    fn read(&self, kubeconfig: &str) -> Result<ReadKubeconfig, Violations> {
        let mut kubeconfig = Kubeconfig::parse(kubeconfig)?;
        kubeconfig.refuse_expired(self.clock.now());
        let waiting = kubeconfig.to_secret();
        Ok(ReadKubeconfig { waiting, contexts: kubeconfig.contexts.into_iter().map(view).collect() })
    }

    fn choose(&self, waiting: &SecretString, context: &str) -> Result<ChosenContext, Violations> {
        let kubeconfig = Kubeconfig::from_secret(waiting.expose_secret()).map_err(|error| {
            tracing::error!("a waiting kubeconfig cannot be read: {error}");
            let mut violations = Violations::default();
            violations.push(Field::Kubeconfig, Rule::KubeconfigFormat { detail: error.to_string() });
            violations
        })?;
        let credential = kubeconfig.choose(context)?;
        Ok(ChosenContext { server: credential.server().to_owned(), credential: credential.to_secret() })
    }

    async fn preflight(&self, credential: &SecretString, outbound: &Narrowing) -> Preflight {
        match self.open(credential, outbound) {
            Ok(connection) => connection.preflight().await,
            Err(error) => unreachable_preflight(error),
        }
    }

    async fn look(
        &self,
        credential: &SecretString,
        outbound: &Narrowing,
    ) -> (ClusterStatus, Option<ClusterUid>) {
        match self.open(credential, outbound) {
            Ok(connection) => {
                let look = connection.look().await;
                (look.status, look.uid)
            }
            Err(error) => (unopened(error), None),
        }
    }
}

fn view(context: Context) -> ContextView {
    ContextView {
        name: context.name,
        server: context.server,
        user: context.user,
        namespace: context.namespace,
        refused: context.refused,
    }
}

/// Nothing could be asked because no connection could even be prepared.
fn unreachable_preflight(error: ClusterError) -> Preflight {
    let detail = error.detail.unwrap_or_default();
    let item = PreflightItem { permission: Permission::Reach, outcome: CheckOutcome::Failed { detail } };
    Preflight { items: vec![item], uid: None, facts: None, missing_rbac: None }
}

/// The status of a cluster whose connection could not be prepared.
pub(super) fn unopened(error: ClusterError) -> ClusterStatus {
    let reason = match error.reason {
        Reason::ClusterCredentialUnreadable => ConnectionReason::CredentialUnreadable,
        Reason::ClusterAddressRefused => ConnectionReason::AddressRefused,
        Reason::ClusterAddressNotListed => ConnectionReason::AddressNotListed,
        _ => ConnectionReason::Failed,
    };
    ClusterStatus { connectivity: Connectivity::Offline, reason, detail: error.detail, facts: None }
}
