//! Another kubeconfig for a cluster that stays the same.

use domain::access::{Actor, Permit};
use domain::id::ClusterId;
use domain::service::{Conflict, ServiceError};
use secrecy::ExposeSecret;
use storage::{AuditEntry, FieldChange, SecretOwner};

use super::connect::named_or_only;
use super::{Clusters, KUBECONFIG};
use crate::error::{internal, stored, violated};
use crate::probe::ReadKubeconfig;

impl Clusters {
    /// The cluster is asked who it is before anything is stored. Runs read the credential once, at their beginning, by
    /// its version: those under way keep the one they have.
    pub(super) async fn renew(
        &self,
        actor: &Actor,
        id: ClusterId,
        kubeconfig: &str,
        context: &str,
    ) -> Result<(), ServiceError> {
        let record = self.authorized(actor, Permit::WriteCluster, id).await?;
        let ReadKubeconfig { contexts, waiting } = self.probe.read(kubeconfig).map_err(violated)?;
        let context = named_or_only(contexts, context)?;
        let chosen = self.probe.choose(&waiting, &context).map_err(violated)?;
        let outbound = self.outbound(record.place.subscription()).await?;
        let preflight = self.probe.preflight(&chosen.credential, &outbound).await;
        let (status, uid) = self.probe.look(&chosen.credential, &outbound).await;
        let conflict = |conflict| Err(ServiceError::Conflict { conflict });
        match uid {
            Some(uid) if uid != record.uid => {
                return conflict(Conflict::KubeconfigOfAnotherCluster { uid: uid.to_string() });
            }
            Some(_) if preflight.passed() => {}
            _ => return conflict(Conflict::PreflightFailed),
        }
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let owner = SecretOwner::Cluster(id);
        let secret =
            unit.next_secret(owner, KUBECONFIG).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let sealed = self.vault.seal(&secret, chosen.credential.expose_secret().as_bytes());
        let sealed = sealed.map_err(|error| internal("a kubeconfig cannot be encrypted", &error))?;
        unit.put_secret(owner, &secret, &sealed, actor.user).await.map_err(stored)?;
        unit.set_cluster_server(id, &chosen.server).await.map_err(stored)?;
        let mut entry =
            AuditEntry::done(actor, "cluster.replace_kubeconfig", "cluster", id.to_string(), &record.name);
        entry.place = Some(record.place);
        entry.changes = changes(&record.server, &chosen.server);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        self.storage.set_preflight(id, &preflight).await.map_err(stored)?;
        self.storage.update_cluster_status(id, &status).await.map_err(stored)
    }
}

/// The credential is only said to have changed.
fn changes(before: &str, after: &str) -> Vec<FieldChange> {
    let change = |field: &str, before: Option<&str>, after: Option<&str>| FieldChange {
        field: field.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let server = (before != after).then(|| change("server", Some(before), Some(after)));
    [change("kubeconfig", None, Some("changed"))].into_iter().chain(server).collect()
}
