//! The GitOps configurations: list, show, make, change, delete, sync.

mod access;
mod detail;
mod trust;
mod view;
mod webhook;

pub(crate) use detail::history_row;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Permit, authorize};
use domain::clock::Clock;
use domain::configuration::{ConfigurationDraft, ConfigurationSpec, RepositoryCredentialDraft};
use domain::id::{ClusterId, ConfigurationId, ResourceGroupId};
use domain::page::{Page, PageQuery};
use domain::quota::{QuotaKind, QuotaReached};
use domain::repository::RepositoryUrl;
use domain::service::{
    ConfigurationDetail, ConfigurationList, ConfigurationService, ConfigurationState, Conflict, NewWebhook,
    ServiceError,
};
use domain::violation::{Field, Rule};
use storage::{
    AuditEntry, ClusterRecord, ConfigurationFilter, ConfigurationSummary, FieldChange, Storage, StorageError,
    Taken,
};
use vault::Vault;

use self::access::{AccessChange, Before};
use crate::clusters::view_row;
use crate::error::{invalid, refused, stored};
use crate::moment::moment;
use crate::quota::reached;

/// Use cases on configurations.
#[derive(Clone)]
pub struct Configurations {
    storage: Arc<Storage>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
}

impl Configurations {
    /// Over this database; secrets are sealed by this vault.
    pub fn new(storage: Arc<Storage>, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, vault, clock }
    }

    pub(crate) async fn authorized(
        &self,
        actor: &Actor,
        permit: Permit,
        id: ConfigurationId,
    ) -> Result<ConfigurationSummary, ServiceError> {
        let summary = self.storage.configuration_summary(id).await.map_err(stored)?;
        let summary = summary.ok_or(ServiceError::NotFound)?;
        authorize(actor, permit, &summary.state.place).map_err(refused)?;
        Ok(summary)
    }

    async fn authorized_cluster(
        &self,
        actor: &Actor,
        permit: Permit,
        id: ClusterId,
    ) -> Result<ClusterRecord, ServiceError> {
        let record = self.storage.cluster(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        authorize(actor, permit, &record.place).map_err(refused)?;
        Ok(record)
    }

    /// The quota that leaves no room for another configuration in a resource group.
    async fn reached(&self, group: ResourceGroupId) -> Result<Option<QuotaReached>, ServiceError> {
        let Some(record) = self.storage.quota(group).await.map_err(stored)? else { return Ok(None) };
        reached(&self.storage, group, &record.quota, QuotaKind::Configurations).await.map_err(stored)
    }

    /// The stored spec; none where it cannot be read, so that it can be saved again.
    async fn readable_spec(&self, id: ConfigurationId) -> Result<Option<ConfigurationSpec>, ServiceError> {
        match self.storage.configuration(id).await {
            Ok(record) => record.map(|record| Some(record.spec)).ok_or(ServiceError::NotFound),
            Err(StorageError::Unreadable { .. }) => Ok(None),
            Err(error) => Err(stored(error)),
        }
    }

    /// What was taken, as a violation of the field it was typed into. The other configuration is on the same
    /// cluster, so whoever may write there may see its name.
    fn taken(spec: &ConfigurationSpec, error: StorageError) -> ServiceError {
        match error {
            StorageError::Taken(Taken::ConfigurationName) => {
                invalid(Field::ConfigurationName, Rule::NameTaken { name: spec.name.to_string() })
            }
            StorageError::Taken(Taken::Operator { configuration: _, name }) => {
                invalid(Field::OperatorInstanceName, Rule::OperatorTaken { configuration: name })
            }
            other => stored(other),
        }
    }
}

#[async_trait]
impl ConfigurationService for Configurations {
    async fn list(
        &self,
        actor: &Actor,
        cluster: Option<ClusterId>,
        query: &PageQuery,
    ) -> Result<ConfigurationList, ServiceError> {
        let record = match cluster {
            Some(id) => Some(self.authorized_cluster(actor, Permit::Read, id).await?),
            None => None,
        };
        let filter = ConfigurationFilter { visible: actor.visible(), cluster };
        let found = self.storage.configurations(&filter, query).await.map_err(stored)?;
        let may_write = record
            .as_ref()
            .is_some_and(|record| authorize(actor, Permit::WriteConfiguration, &record.place).is_ok());
        let items = found.page.items.into_iter().map(view::row).collect();
        let reached = match &record {
            Some(record) if may_write => self.reached(record.resource_group).await?,
            _ => None,
        };
        Ok(ConfigurationList {
            page: Page { items, total: found.page.total, page: found.page.page },
            counts: found.counts,
            now: moment(self.clock.now()),
            cluster: record.map(view_row),
            may_write,
            reached,
        })
    }

    async fn get(&self, actor: &Actor, id: ConfigurationId) -> Result<ConfigurationDetail, ServiceError> {
        let summary = self.authorized(actor, Permit::Read, id).await?;
        self.detail(actor, summary).await
    }

    async fn states(
        &self,
        actor: &Actor,
        ids: &[ConfigurationId],
    ) -> Result<Vec<ConfigurationState>, ServiceError> {
        let states = self.storage.configuration_states(&actor.visible(), ids).await.map_err(stored)?;
        Ok(states.into_iter().map(view::state).collect())
    }

    async fn create_with_access(
        &self,
        actor: &Actor,
        cluster: ClusterId,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
    ) -> Result<ConfigurationId, ServiceError> {
        let record = self.authorized_cluster(actor, Permit::WriteConfiguration, cluster).await?;
        let (spec, access) = self.checked(draft, credential, None).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let created = unit.create_configuration(cluster, &spec, actor.user).await;
        let id = created.map_err(|error| Self::taken(&spec, error))?.ok_or(ServiceError::NotFound)?;
        self.write_access(&mut unit, actor, id, &access).await?;
        let mut entry = AuditEntry::done(
            actor,
            "configuration.create",
            "configuration",
            id.to_string(),
            spec.name.as_str(),
        );
        entry.place = Some(record.place);
        entry.changes = changes(None, &spec);
        entry.changes.extend(secret_changes(&access));
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(id)
    }

    async fn replace_with_access(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        draft: &ConfigurationDraft,
        credential: &RepositoryCredentialDraft,
        spec_version: i64,
    ) -> Result<(), ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let before = self.readable_spec(id).await?;
        let stored_access = self.storage.repository_access(id).await.map_err(stored)?;
        let stored_access = stored_access.ok_or(ServiceError::NotFound)?;
        // The row's own columns tell name and URL also where the spec cannot be read.
        let url = RepositoryUrl::parse(&summary.repository_url).ok();
        let earlier = url.map(|url| Before { url, access: stored_access });
        let (spec, access) = self.checked(draft, credential, earlier).await?;
        if spec.name.as_str() != summary.name {
            // ARM has no renaming: the name is part of the resource's id
            return Err(invalid(Field::ConfigurationName, Rule::OneOf { allowed: vec![summary.name] }));
        }
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let replaced = unit.replace_configuration(id, &spec, spec_version, actor.user).await;
        if !replaced.map_err(|error| Self::taken(&spec, error))? {
            return Err(ServiceError::NotFound);
        }
        self.write_access(&mut unit, actor, id, &access).await?;
        let mut entry = AuditEntry::done(
            actor,
            "configuration.replace",
            "configuration",
            id.to_string(),
            spec.name.as_str(),
        );
        entry.place = Some(summary.state.place);
        entry.changes = changes(before.as_ref(), &spec);
        entry.changes.extend(secret_changes(&access));
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn trust_host_key(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        fingerprint: &str,
    ) -> Result<(), ServiceError> {
        self.trust(actor, id, fingerprint).await
    }

    async fn delete(&self, actor: &Actor, id: ConfigurationId) -> Result<(), ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.delete_configuration(id, actor.user).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let mut entry =
            AuditEntry::done(actor, "configuration.delete", "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn suspend(&self, actor: &Actor, id: ConfigurationId, suspended: bool) -> Result<(), ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.suspend_configuration(id, suspended).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let action = if suspended { "configuration.suspend" } else { "configuration.resume" };
        let mut entry = AuditEntry::done(actor, action, "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn confirm_prune(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        hash: &str,
    ) -> Result<(), ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.confirm_prune(id, hash, actor.user).await.map_err(stored)? {
            return Err(ServiceError::Stale);
        }
        unit.request_sync(id).await.map_err(stored)?;
        let action = "configuration.confirm_prune";
        let mut entry = AuditEntry::done(actor, action, "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        let list = FieldChange { field: "list".to_owned(), before: None, after: Some(hash.to_owned()) };
        entry.changes = vec![list];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn sync_now(&self, actor: &Actor, id: ConfigurationId) -> Result<(), ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        if summary.state.suspended_since.is_some() {
            return Err(ServiceError::Conflict { conflict: Conflict::Suspended });
        }
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.request_sync(id).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let put_off = unit.turn_of(id).await.map_err(stored)?;
        let mut entry =
            AuditEntry::done(actor, "configuration.sync", "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        match put_off.map(view::put_off) {
            None => Ok(()),
            // The wish is kept; whoever has it is told when it comes true.
            Some(put_off) => Err(ServiceError::Conflict { conflict: Conflict::SyncPutOff { put_off } }),
        }
    }

    async fn make_webhook(&self, actor: &Actor, id: ConfigurationId) -> Result<NewWebhook, ServiceError> {
        self.renew_webhook(actor, id).await
    }

    async fn remove_webhook(&self, actor: &Actor, id: ConfigurationId) -> Result<bool, ServiceError> {
        self.end_webhook(actor, id).await
    }
}

/// Which secrets changed; what they were and are is nobody's business.
fn secret_changes(access: &AccessChange) -> impl Iterator<Item = FieldChange> {
    access.changed().map(|name| FieldChange {
        field: name.field().json_path().to_owned(),
        before: None,
        after: None,
    })
}

/// The fields that differ, by their names in ARM bodies. None of them is a secret.
fn changes(before: Option<&ConfigurationSpec>, after: &ConfigurationSpec) -> Vec<FieldChange> {
    let before = before.map(ConfigurationDraft::from_spec).unwrap_or_default();
    let after = ConfigurationDraft::from_spec(after);
    let fields = [
        (Field::OperatorInstanceName, before.operator_instance_name, after.operator_instance_name),
        (Field::OperatorNamespace, before.operator_namespace, after.operator_namespace),
        (Field::OperatorScope, before.operator_scope, after.operator_scope),
        (Field::RepositoryUrl, before.repository_url, after.repository_url),
        (Field::OperatorParams, before.operator_params, after.operator_params),
        (Field::SshKnownHosts, before.ssh_known_hosts, after.ssh_known_hosts),
        (Field::EnableHelmOperator, before.enable_helm_operator, after.enable_helm_operator),
        (Field::ChartVersion, before.chart_version, after.chart_version),
        (Field::ChartValues, before.chart_values, after.chart_values),
    ];
    let present = |text: String| Some(text).filter(|text| !text.is_empty());
    fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| FieldChange {
            field: field.json_path().to_owned(),
            before: present(before),
            after: present(after),
        })
        .collect()
}
