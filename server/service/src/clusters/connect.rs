//! The three steps of connecting a cluster. Between them the kubeconfig waits encrypted on the server: it is
//! never sent back to the browser, not even in a hidden field.

use domain::access::{Actor, Permit, authorize};
use domain::cluster::{ConnectSpec, Preflight, validate_connect};
use domain::id::{ClusterDraftId, ClusterId};
use domain::quota::QuotaKind;
use domain::service::{Conflict, ConnectDraft, ConnectView, ContextView, PlaceChoice, ServiceError};
use domain::violation::{Field, Rule};
use secrecy::{ExposeSecret, SecretString};
use storage::{AuditEntry, ClusterDraft, NewCluster, ResourceGroupRecord, SecretOwner, StorageError, Taken};
use vault::Purpose;

use super::{Clusters, KUBECONFIG};
use crate::error::{internal, invalid, stored, violated};
use crate::probe::{ChosenContext, ReadKubeconfig};
use crate::quota::reached;

/// How long a pasted kubeconfig waits.
const DRAFT_MILLISECONDS: i64 = 15 * 60 * 1000;

impl Clusters {
    /// Step 1: the kubeconfig is read, its contexts are shown, what can be chosen of it is sealed.
    pub(super) async fn begin(&self, actor: &Actor, kubeconfig: &str) -> Result<ConnectView, ServiceError> {
        let places = self.places(actor).await?;
        if places.is_empty() {
            return Err(ServiceError::Denied);
        }
        let ReadKubeconfig { contexts, waiting } = self.probe.read(kubeconfig).map_err(violated)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let expires_at = unit.now().plus_milliseconds(DRAFT_MILLISECONDS);
        let draft = unit.create_cluster_draft(actor.user, &contexts, expires_at).await.map_err(stored)?;
        let owner = SecretOwner::ClusterDraft(draft);
        let context =
            unit.next_secret(owner, KUBECONFIG).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let sealed = self.vault.seal(&context, waiting.expose_secret().as_bytes());
        let sealed = sealed.map_err(|error| internal("a kubeconfig cannot be encrypted", &error))?;
        unit.put_secret(owner, &context, &sealed, actor.user).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(view(draft, contexts, None, None, places))
    }

    /// Step 2: the contexts again; for a chosen one the cluster is asked what its credential may do.
    pub(super) async fn continue_draft(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        context: Option<&str>,
    ) -> Result<ConnectView, ServiceError> {
        let found = self.waiting(actor, draft).await?;
        let places = self.places(actor).await?;
        let Some(context) = context else { return Ok(view(draft, found.contexts, None, None, places)) };
        let chosen = self.chosen(draft, context).await?;
        let outbound = self.outbound_anywhere(actor).await?;
        let preflight = self.probe.preflight(&chosen.credential, &outbound).await;
        Ok(view(draft, found.contexts, Some(context), Some(preflight), places))
    }

    /// Step 3: the cluster is asked once more, and connected when it answers well.
    pub(super) async fn finish(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        context: &str,
        connect: &ConnectDraft,
    ) -> Result<ClusterId, ServiceError> {
        self.waiting(actor, draft).await?;
        let ConnectSpec { name, cluster_type, subscription, resource_group } =
            validate_connect(connect).map_err(violated)?;
        let group = self
            .storage
            .resource_group_by_name(subscription, resource_group.as_str())
            .await
            .map_err(stored)?;
        let allowed =
            |group: &ResourceGroupRecord| authorize(actor, Permit::WriteCluster, &group.place()).is_ok();
        let places = self.places(actor).await?;
        let unknown = || {
            let allowed = places.iter().map(|place| place.value.clone()).collect();
            invalid(Field::ResourceGroup, Rule::OneOf { allowed })
        };
        let group = group.filter(allowed).ok_or_else(unknown)?;
        let chosen = self.chosen(draft, context).await?;
        let outbound = self.outbound(group.subscription).await?;
        let preflight = self.probe.preflight(&chosen.credential, &outbound).await;
        let (status, uid) = self.probe.look(&chosen.credential, &outbound).await;
        let Some(uid) = uid.filter(|_| preflight.passed()) else {
            return Err(ServiceError::Conflict { conflict: Conflict::PreflightFailed });
        };
        let new = NewCluster {
            resource_group: group.id,
            cluster_type,
            name: name.clone(),
            uid,
            server: chosen.server.clone(),
            status,
            preflight,
            created_by: actor.user,
        };
        self.store(actor, draft, &group, &new, &chosen.credential).await
    }

    /// Cluster, credential and audit entry together; the draft is gone with it.
    async fn store(
        &self,
        actor: &Actor,
        draft: ClusterDraftId,
        group: &ResourceGroupRecord,
        new: &NewCluster,
        credential: &SecretString,
    ) -> Result<ClusterId, ServiceError> {
        self.refuse_twice(group, new).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let id = unit.create_cluster(new).await.map_err(|error| match error {
            StorageError::Taken(Taken::ClusterName) => {
                invalid(Field::ClusterName, Rule::NameTaken { name: new.name.to_string() })
            }
            other => stored(other),
        })?;
        let owner = SecretOwner::Cluster(id);
        let context =
            unit.next_secret(owner, KUBECONFIG).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let sealed = self.vault.seal(&context, credential.expose_secret().as_bytes());
        let sealed = sealed.map_err(|error| internal("a kubeconfig cannot be encrypted", &error))?;
        unit.put_secret(owner, &context, &sealed, actor.user).await.map_err(stored)?;
        unit.delete_cluster_draft(draft).await.map_err(stored)?;
        let mut entry =
            AuditEntry::done(actor, "cluster.connect", "cluster", id.to_string(), new.name.as_str());
        entry.place = Some(group.place());
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(id)
    }

    /// Teams may each connect one cluster with a credential of their own; one team needs it once.
    async fn refuse_twice(&self, group: &ResourceGroupRecord, new: &NewCluster) -> Result<(), ServiceError> {
        let same = self.storage.clusters_by_uid(&new.uid).await.map_err(stored)?;
        let here = same.into_iter().find(|record| record.resource_group == group.id);
        here.map_or(Ok(()), |record| {
            Err(ServiceError::Conflict {
                conflict: Conflict::ClusterConnectedAlready { name: Some(record.name) },
            })
        })
    }

    /// The resource groups the actor may connect clusters to.
    pub(super) async fn places(&self, actor: &Actor) -> Result<Vec<PlaceChoice>, ServiceError> {
        let groups = self.storage.resource_groups(&actor.visible()).await.map_err(stored)?;
        let mut places = Vec::new();
        for group in groups {
            if authorize(actor, Permit::WriteCluster, &group.place()).is_err() {
                continue;
            }
            let reached = reached(&self.storage, group.id, &group.quota, QuotaKind::Clusters).await;
            places.push(PlaceChoice {
                value: format!("{}/{}", group.subscription, group.name),
                subscription_name: group.subscription_name,
                resource_group: group_label(group.display_name, &group.name),
                reached: reached.map_err(stored)?,
            });
        }
        Ok(places)
    }

    /// A draft of this very person.
    async fn waiting(&self, actor: &Actor, draft: ClusterDraftId) -> Result<ClusterDraft, ServiceError> {
        let found = self.storage.cluster_draft(draft, actor.user).await.map_err(stored)?;
        found.ok_or(ServiceError::Conflict { conflict: Conflict::DraftExpired })
    }

    async fn chosen(&self, draft: ClusterDraftId, context: &str) -> Result<ChosenContext, ServiceError> {
        let expired = ServiceError::Conflict { conflict: Conflict::DraftExpired };
        let secret =
            self.storage.secret(SecretOwner::ClusterDraft(draft), KUBECONFIG).await.map_err(stored)?;
        let (secret_context, sealed) = secret.ok_or(expired)?;
        let waiting = self
            .vault
            .open_text(&secret_context, &sealed, Purpose::Draft)
            .map_err(|error| internal("a waiting kubeconfig cannot be decrypted", &error))?;
        self.probe.choose(&waiting, context).map_err(violated)
    }
}

fn view(
    draft: ClusterDraftId,
    contexts: Vec<ContextView>,
    context: Option<&str>,
    preflight: Option<Preflight>,
    places: Vec<PlaceChoice>,
) -> ConnectView {
    let proposed_name = context.map(proposed_name).unwrap_or_default();
    ConnectView { draft, contexts, context: context.map(str::to_owned), preflight, proposed_name, places }
}

/// The context that was named, or the only one there is.
pub(crate) fn named_or_only(contexts: Vec<ContextView>, named: &str) -> Result<String, ServiceError> {
    let names: Vec<String> = contexts.into_iter().map(|context| context.name).collect();
    match (named.trim(), names.as_slice()) {
        ("", [only]) => Ok(only.clone()),
        ("", _) => Err(invalid(Field::KubeconfigContext, Rule::OneOf { allowed: names })),
        (named, _) => Ok(named.to_owned()),
    }
}

/// The context's name without what a cluster's name may not have: `admin@prod/eu` is proposed as `admin-prod-eu`.
fn proposed_name(context: &str) -> String {
    let allowed = |character: char| {
        if character.is_ascii_alphanumeric() || "_-.".contains(character) { character } else { '-' }
    };
    let name: String = context.chars().map(allowed).take(domain::name::CLUSTER_NAME_MAX).collect();
    name.trim_matches(|character: char| !character.is_ascii_alphanumeric()).to_owned()
}

/// A display name says little to those who know the group from scripts, and two groups may have the same.
fn group_label(display_name: String, name: &str) -> String {
    if display_name == name { display_name } else { format!("{display_name} ({name})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_proposed_from_the_context() {
        assert_eq!(proposed_name("admin@prod/eu"), "admin-prod-eu");
        assert_eq!(proposed_name("AzureArcTest1"), "AzureArcTest1");
        assert_eq!(proposed_name("--"), "");
    }
}
