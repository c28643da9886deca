//! Connecting, showing and forgetting clusters.

pub(crate) mod connect;
mod outbound;
mod renew;
mod view;

pub(crate) use view::row as view_row;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Permit, Role, authorize};
use domain::clock::Clock;
use domain::cluster::ClusterStatus;
use domain::id::{ClusterDraftId, ClusterId, RetirementId};
use domain::page::{Page, PageQuery};
use domain::reason::RetirementState;
use domain::service::{
    ClusterDetail, ClusterList, ClusterRow, ClusterService, Conflict, ConnectDraft, ConnectView, ServiceError,
};
use secrecy::SecretString;
use storage::{AuditEntry, ClusterRecord, FieldChange, SecretOwner, Storage, StorageError};
use vault::{Purpose, Vault};

use crate::error::{internal, refused, stored};
use crate::moment::moment;
use crate::probe::ClusterProbe;

/// Name of the secret that a cluster's and a draft's credential is.
pub(crate) const KUBECONFIG: &str = "kubeconfig";

/// Use cases on clusters.
#[derive(Clone)]
pub struct Clusters {
    storage: Arc<Storage>,
    vault: Arc<Vault>,
    probe: Arc<dyn ClusterProbe>,
    clock: Arc<dyn Clock>,
}

impl Clusters {
    /// Over this database, this vault and this way to ask clusters.
    pub fn new(
        storage: Arc<Storage>,
        vault: Arc<Vault>,
        probe: Arc<dyn ClusterProbe>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { storage, vault, probe, clock }
    }

    /// The cluster, if the actor may do this with it.
    async fn authorized(
        &self,
        actor: &Actor,
        permit: Permit,
        id: ClusterId,
    ) -> Result<ClusterRecord, ServiceError> {
        let record = self.storage.cluster(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        authorize(actor, permit, &record.place).map_err(refused)?;
        Ok(record)
    }

    /// The stored credential, for a look at the cluster.
    async fn credential(&self, id: ClusterId) -> Result<SecretString, ServiceError> {
        let secret = self.storage.secret(SecretOwner::Cluster(id), KUBECONFIG).await.map_err(stored)?;
        let (context, sealed) = secret.ok_or(ServiceError::NotFound)?;
        let opened = self.vault.open_text(&context, &sealed, Purpose::Connection);
        opened.map_err(|error| internal("the kubeconfig of a cluster cannot be decrypted", &error))
    }

    async fn detail(&self, actor: &Actor, record: ClusterRecord) -> Result<ClusterDetail, ServiceError> {
        let retirements = self.storage.retirements(record.id).await.map_err(stored)?;
        Ok(ClusterDetail {
            retirements: retirements.into_iter().map(view::retirement).collect(),
            server: record.server.clone(),
            uid: record.uid.to_string(),
            connected_at: moment(record.created_at),
            preflight: record.preflight.clone(),
            now: moment(self.clock.now()),
            role: actor.role_at(&record.place).unwrap_or(Role::Reader),
            row: view::row(record),
        })
    }
}

#[async_trait]
impl ClusterService for Clusters {
    async fn list(&self, actor: &Actor, query: &PageQuery) -> Result<ClusterList, ServiceError> {
        let page = self.storage.clusters(&actor.visible(), query).await.map_err(stored)?;
        let items = page.items.into_iter().map(view::row).collect();
        Ok(ClusterList {
            page: Page { items, total: page.total, page: page.page },
            now: moment(self.clock.now()),
            may_connect: !self.places(actor).await?.is_empty(),
        })
    }

    async fn get(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError> {
        let record = self.authorized(actor, Permit::Read, id).await?;
        self.detail(actor, record).await
    }

    async fn rows(&self, actor: &Actor, ids: &[ClusterId]) -> Result<Vec<ClusterRow>, ServiceError> {
        let records = self.storage.cluster_rows(&actor.visible(), ids).await.map_err(stored)?;
        Ok(records.into_iter().map(view::row).collect())
    }

    async fn begin_connect(&self, actor: &Actor, kubeconfig: &str) -> Result<ConnectView, ServiceError> {
        self.begin(actor, kubeconfig).await
    }

    async fn draft(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        context: Option<&str>,
    ) -> Result<ConnectView, ServiceError> {
        self.continue_draft(actor, draft, context).await
    }

    async fn connect(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        context: &str,
        connect: &ConnectDraft,
    ) -> Result<ClusterId, ServiceError> {
        self.finish(actor, draft, context, connect).await
    }

    async fn replace_kubeconfig(
        &self,
        actor: &Actor,
        id: ClusterId,
        kubeconfig: &str,
        context: &str,
    ) -> Result<(), ServiceError> {
        self.renew(actor, id, kubeconfig, context).await
    }

    async fn disconnect(&self, actor: &Actor, id: ClusterId) -> Result<(), ServiceError> {
        let record = self.authorized(actor, Permit::WriteCluster, id).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let count = unit.configurations_of(id).await.map_err(stored)?;
        if count > 0 {
            return Err(ServiceError::Conflict { conflict: Conflict::ClusterHasConfigurations { count } });
        }
        if !unit.delete_cluster(id).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let mut entry =
            AuditEntry::done(actor, "cluster.disconnect", "cluster", id.to_string(), &record.name);
        entry.place = Some(record.place);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn confirm_replaced(&self, actor: &Actor, id: ClusterId, uid: &str) -> Result<(), ServiceError> {
        let record = self.authorized(actor, Permit::WriteCluster, id).await?;
        let credential = self.credential(id).await?;
        let outbound = self.outbound(record.place.subscription()).await?;
        let (status, answering) = self.probe.look(&credential, &outbound).await;
        // Another one may answer by now than the person was shown.
        let answering = answering.filter(|answering| answering.0 == uid).ok_or(ServiceError::Stale)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let replaced = unit.replace_cluster_uid(id, &answering).await;
        if !replaced.map_err(connected_already)? {
            return Err(ServiceError::Stale);
        }
        let mut entry =
            AuditEntry::done(actor, "cluster.confirm_replaced", "cluster", id.to_string(), &record.name);
        entry.place = Some(record.place);
        entry.changes = vec![FieldChange {
            field: "uid".to_owned(),
            before: Some(record.uid.to_string()),
            after: Some(answering.to_string()),
        }];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        self.storage.update_cluster_status(id, &status).await.map_err(stored)
    }

    async fn renew_retirement(
        &self,
        actor: &Actor,
        id: ClusterId,
        retirement: RetirementId,
    ) -> Result<(), ServiceError> {
        // The right that deleting its configuration needed: it is the same wish, said again.
        let record = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let of_cluster = self.storage.retirements(id).await.map_err(stored)?;
        let waits = of_cluster.into_iter().find(|row| row.id == retirement);
        let waits =
            waits.filter(|row| row.state == RetirementState::WishTooOld).ok_or(ServiceError::Stale)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.renew_retirement(retirement, actor.user).await.map_err(stored)? {
            return Err(ServiceError::Stale);
        }
        let (configuration, name) = (waits.configuration.to_string(), &waits.configuration_name);
        let mut entry = AuditEntry::done(actor, "retirement.renew", "configuration", configuration, name);
        entry.place = Some(record.place);
        entry.changes = vec![FieldChange {
            field: "operator".to_owned(),
            before: Some(view::operator(&waits)),
            after: None,
        }];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn check(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError> {
        let record = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let credential = self.credential(id).await?;
        let outbound = self.outbound(record.place.subscription()).await?;
        let preflight = self.probe.preflight(&credential, &outbound).await;
        self.storage.set_preflight(id, &preflight).await.map_err(stored)?;
        let (status, uid) = self.probe.look(&credential, &outbound).await;
        let status = match uid.filter(|uid| *uid != record.uid) {
            Some(other) => ClusterStatus::replaced(status, &other),
            None => status,
        };
        self.storage.update_cluster_status(id, &status).await.map_err(stored)?;
        self.get(actor, id).await
    }
}

/// An operator of the same name is in that cluster already, by another entry of it.
fn connected_already(error: StorageError) -> ServiceError {
    match error {
        StorageError::Taken(_) => {
            ServiceError::Conflict { conflict: Conflict::ClusterConnectedAlready { name: None } }
        }
        other => stored(other),
    }
}
