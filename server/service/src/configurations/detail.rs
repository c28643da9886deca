//! Everything the configuration pane shows.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Actor, Permit, authorize};
use domain::change::Change;
use domain::configuration::{ConfigurationDraft, ConfigurationSpec, OperatorScope};
use domain::health::Health;
use domain::id::ConfigurationId;
use domain::object::{ObjectKey, operator_binding_name};
use domain::reason::ObjectReason;
use domain::service::{
    ChangeSetView, ConfigurationDetail, DeletionPreview, HistoryRow, PruneListView, ResourceRow, ServiceError,
};
use storage::{
    ConfigurationRecord, ConfigurationSummary, HistoryEntry, InventoryItem, LeftOut, PruneList,
    StoredChangeSet,
};

use super::access::stored_access;
use super::{Configurations, view, webhook};
use crate::error::{internal, stored};
use crate::moment::moment;

/// Syncs shown in the history.
const HISTORY: u32 = 50;

impl Configurations {
    pub(super) async fn detail(
        &self,
        actor: &Actor,
        summary: ConfigurationSummary,
    ) -> Result<ConfigurationDetail, ServiceError> {
        let id = summary.state.id;
        let record = self.storage.configuration(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let inventory = self.storage.inventory(id).await.map_err(stored)?;
        let history = self.storage.history(id, HISTORY).await.map_err(stored)?;
        let prune_lists = self.storage.prune_lists(id).await.map_err(stored)?;
        let last_change_set = self.storage.last_change_set(id).await.map_err(stored)?;
        let may_write = authorize(actor, Permit::WriteConfiguration, &summary.state.place).is_ok();
        let webhook = if may_write { self.storage.webhook(id).await.map_err(stored)? } else { None };
        let has_releases = record.spec.helm_operator.is_some()
            || !self.storage.releases(id, 1).await.map_err(stored)?.is_empty();
        let deletion = deletion(&record, &inventory);
        let namespaces: BTreeSet<String> =
            inventory.iter().filter_map(|item| item.object.namespace.clone()).collect();
        let mut resources = resources(inventory, record.left_out.clone());
        let mut changes = last_change_set.map(change_set);
        let reasons = resources.iter_mut().map(|row| &mut row.reason);
        let changed =
            changes.iter_mut().flat_map(|set| set.changes.iter_mut().map(|change| &mut change.reason));
        self.name_owners(actor, reasons.chain(changed).flatten().collect()).await?;
        let access = self.storage.repository_access(id).await.map_err(stored)?.unwrap_or_default();
        let may_trust = authorize(actor, Permit::WriteCluster, &summary.state.place).is_ok();
        Ok(ConfigurationDetail {
            access: stored_access(&access),
            repository_public_key: access.public_key,
            may_trust,
            draft: ConfigurationDraft::from_spec(&record.spec),
            spec_version: record.spec_version,
            detail: record.detail,
            revision_subject: record.revision_subject,
            last_config_applied: record.last_config_applied.map(moment),
            created_at: moment(record.created_at),
            chart_values_without_effect: chart_values_without_effect(&record.spec),
            parameters_without_effect: record.spec.operator_params.flags().without_effect.clone(),
            namespaces: namespaces.into_iter().collect(),
            resources,
            last_change_set: changes,
            history: history.into_iter().map(history_row).collect(),
            deletion,
            prune: prune_lists.into_iter().map(prune_list).collect(),
            has_releases,
            webhook: webhook.map(webhook::view),
            now: moment(self.clock.now()),
            may_write,
            row: view::row(summary),
        })
    }

    /// An object's other owner is stored by id; its name is told only to those who may see it.
    async fn name_owners(&self, actor: &Actor, reasons: Vec<&mut ObjectReason>) -> Result<(), ServiceError> {
        let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
        for reason in reasons {
            let ObjectReason::ManagedByOther { configuration } = reason else { continue };
            let Some(id) = configuration.take() else { continue };
            if !names.contains_key(&id) {
                let name = self.visible_name(actor, &id).await?;
                names.insert(id.clone(), name);
            }
            *configuration = names.get(&id).cloned().flatten();
        }
        Ok(())
    }

    async fn visible_name(&self, actor: &Actor, id: &str) -> Result<Option<String>, ServiceError> {
        let id: ConfigurationId =
            id.parse().map_err(|error| internal("an object's owner cannot be read", &error))?;
        let summary = self.storage.configuration_summary(id).await.map_err(stored)?;
        let visible = summary.filter(|summary| authorize(actor, Permit::Read, &summary.state.place).is_ok());
        Ok(visible.map(|summary| summary.name))
    }
}

/// The inventory, and what the load had besides.
fn resources(inventory: Vec<InventoryItem>, left_out: Vec<LeftOut>) -> Vec<ResourceRow> {
    let owned = inventory.into_iter().map(|item| ResourceRow {
        object: item.object,
        health: item.health,
        message: item.message,
        place: item.place,
        reason: item.reason,
        detail: item.detail,
    });
    let others = left_out.into_iter().map(|left| ResourceRow {
        object: left.object,
        health: Health::Unknown,
        message: None,
        place: left.place,
        reason: Some(left.reason),
        detail: left.detail,
    });
    let mut rows: Vec<ResourceRow> = owned.chain(others).collect();
    rows.sort_by(|left, right| {
        (&left.object.namespace, &left.object.kind, &left.object.name).cmp(&(
            &right.object.namespace,
            &right.object.kind,
            &right.object.name,
        ))
    });
    rows
}

const RBAC: &str = "rbac.authorization.k8s.io";

/// The operator objects of a configuration's own spec; applied objects stay.
fn deletion(record: &ConfigurationRecord, inventory: &[InventoryItem]) -> DeletionPreview {
    let spec = &record.spec;
    let namespace = spec.operator_namespace.to_string();
    let instance = spec.operator_instance_name.to_string();
    let object = |group: &str, kind: &str, namespace: Option<&str>, name: &str| ObjectKey {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    };
    let binding = match spec.operator_scope {
        OperatorScope::Cluster => {
            object(RBAC, "ClusterRoleBinding", None, &operator_binding_name(&namespace, &instance))
        }
        OperatorScope::Namespace => object(RBAC, "RoleBinding", Some(&namespace), &instance),
    };
    DeletionPreview {
        removed: vec![
            object("coordination.k8s.io", "Lease", Some(&namespace), &instance),
            binding,
            object("", "ServiceAccount", Some(&namespace), &instance),
        ],
        namespace_may_go: spec.operator_scope == OperatorScope::Cluster,
        namespace,
        kept: inventory.iter().filter(|item| item.uid.is_some()).map(|item| item.object.clone()).collect(),
    }
}

fn chart_values_without_effect(spec: &ConfigurationSpec) -> Vec<String> {
    let given = spec.helm_operator.as_ref().map(|helm| helm.options().given).unwrap_or_default();
    given.into_iter().filter(|value| !value.works).map(|value| value.name).collect()
}

fn prune_list(stored: PruneList) -> PruneListView {
    let PruneList { list, since, confirmed } = stored;
    PruneListView {
        cause: list.cause,
        guards: list.guards,
        objects: list.objects.into_iter().map(|object| object.object).collect(),
        hash: list.hash,
        since: moment(since),
        confirmed_at: confirmed.map(|(_, at)| moment(at)),
    }
}

fn change_set(stored: StoredChangeSet) -> ChangeSetView {
    let changes: Vec<Change> = stored.changes;
    ChangeSetView { id: stored.id, revision: stored.revision, ended_at: moment(stored.ended_at), changes }
}

pub(crate) fn history_row(entry: HistoryEntry) -> HistoryRow {
    HistoryRow {
        id: entry.id,
        revision: entry.revision,
        subject: entry.subject,
        compliance: entry.compliance,
        reason: entry.reason,
        duration_milliseconds: entry.ended_at.milliseconds_since(entry.started_at),
        ended_at: moment(entry.ended_at),
        counts: entry.counts,
        resumed: entry.resumed,
    }
}
