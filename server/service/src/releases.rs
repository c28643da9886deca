//! Helm releases: showing them, and asking for something to be done with one.
//!
//! What is stored tells how each stands. What helm keeps beside that, values and history, is asked for one release at
//! a time over the port [`ReleaseReader`]; nothing is done here: a wish is stored, and taken up by whoever keeps the
//! releases.

mod view;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Permit, authorize};
use domain::clock::Clock;
use domain::id::ConfigurationId;
use domain::release::{ReleaseKey, ReleaseWish};
use domain::service::{
    Conflict, HelmProgram, KeptRelease, OtherReleases, RELEASES_MAX, ReleaseDetail, ReleaseHelm, ReleaseList,
    ReleaseService, ServiceError,
};
use storage::{AuditEntry, FieldChange, Storage, StoredReleaseRow};

use crate::configurations::Configurations;
use crate::error::stored;
use crate::moment::moment;

/// Why helm told nothing of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelmSilence {
    /// It keeps no such release, or refused to tell of it.
    Refused(String),
    /// It could not be asked.
    Unreachable(String),
}

/// Asks helm about releases. Implemented in the server over the reconciler, so that this crate never sees helm, nor
/// the values of a release.
#[async_trait]
pub trait ReleaseReader: Send + Sync {
    /// The helm program.
    fn helm(&self) -> HelmProgram;

    /// A release of this configuration as helm keeps it, its values masked.
    async fn read(
        &self,
        configuration: ConfigurationId,
        namespace: &str,
        release: &str,
    ) -> Result<KeptRelease, HelmSilence>;

    /// `HelmRelease` objects that the operator of this configuration sees and that nobody here keeps.
    async fn others(&self, configuration: ConfigurationId) -> Result<Vec<ReleaseKey>, HelmSilence>;
}

/// Use cases on releases.
#[derive(Clone)]
pub struct Releases {
    storage: Arc<Storage>,
    configurations: Configurations,
    reader: Arc<dyn ReleaseReader>,
    clock: Arc<dyn Clock>,
}

impl Releases {
    /// Over this database; a release is its configuration's, and helm is asked by this reader.
    pub fn new(
        storage: Arc<Storage>,
        configurations: Configurations,
        reader: Arc<dyn ReleaseReader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { storage, configurations, reader, clock }
    }

    async fn ask_helm(&self, id: ConfigurationId, row: &StoredReleaseRow) -> ReleaseHelm {
        let state = &row.state;
        if state.release_name.is_empty() {
            return ReleaseHelm::Nothing;
        }
        match self.reader.read(id, &state.target_namespace, &state.release_name).await {
            Ok(kept) => ReleaseHelm::Told(kept),
            // Before the first install there is none to tell of.
            Err(HelmSilence::Refused(_)) if state.helm_revision == 0 => ReleaseHelm::Nothing,
            Err(HelmSilence::Refused(said) | HelmSilence::Unreachable(said)) => ReleaseHelm::Silent { said },
        }
    }
}

#[async_trait]
impl ReleaseService for Releases {
    async fn releases(&self, actor: &Actor, id: ConfigurationId) -> Result<ReleaseList, ServiceError> {
        self.configurations.authorized(actor, Permit::Read, id).await?;
        let record = self.storage.configuration(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let mut rows = self.storage.releases(id, RELEASES_MAX + 1).await.map_err(stored)?;
        let shown = usize::try_from(RELEASES_MAX).unwrap_or(usize::MAX);
        let more = rows.len() > shown;
        rows.truncate(shown);
        let mut releases: Vec<_> = rows.into_iter().map(view::row).collect();
        // Stable: each half stays in the order of its names.
        releases.sort_by_key(|row| !row.failed);
        Ok(ReleaseList {
            releases,
            more,
            switched_on: record.spec.helm_operator.is_some(),
            now: moment(self.clock.now()),
        })
    }

    async fn release(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        key: &ReleaseKey,
    ) -> Result<Option<ReleaseDetail>, ServiceError> {
        let summary = self.configurations.authorized(actor, Permit::Read, id).await?;
        let Some((row, notes)) = self.storage.release(id, key).await.map_err(stored)? else {
            return Ok(None);
        };
        let helm = self.ask_helm(id, &row).await;
        Ok(Some(ReleaseDetail {
            row: view::row(row),
            notes: view::notes(&notes),
            helm,
            now: moment(self.clock.now()),
            may_write: authorize(actor, Permit::WriteConfiguration, &summary.state.place).is_ok(),
        }))
    }

    async fn others(&self, actor: &Actor, id: ConfigurationId) -> Result<OtherReleases, ServiceError> {
        self.configurations.authorized(actor, Permit::Read, id).await?;
        let record = self.storage.configuration(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        if record.spec.helm_operator.is_none() {
            return Ok(OtherReleases::default());
        }
        Ok(match self.reader.others(id).await {
            Ok(keys) => {
                let shown = usize::try_from(RELEASES_MAX).unwrap_or(usize::MAX);
                OtherReleases { more: keys.len() > shown, keys: keys.into_iter().take(shown).collect() }
            }
            // What is shown beside this says what is wrong with the cluster.
            Err(HelmSilence::Refused(_) | HelmSilence::Unreachable(_)) => OtherReleases::default(),
        })
    }

    async fn wish(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        key: &ReleaseKey,
        wish: &ReleaseWish,
    ) -> Result<(), ServiceError> {
        let summary = self.configurations.authorized(actor, Permit::WriteConfiguration, id).await?;
        let Some((row, _)) = self.storage.release(id, key).await.map_err(stored)? else {
            return Err(ServiceError::Stale);
        };
        if row.next_due_at.is_none() {
            return Err(ServiceError::Conflict { conflict: Conflict::ReleasesAtRest });
        }
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.wish_release(id, key, wish).await.map_err(stored)? {
            return Err(ServiceError::Stale);
        }
        let (action, revision) = match wish {
            ReleaseWish::Retry => ("release.retry", None),
            ReleaseWish::Rollback { revision } => ("release.roll_back", Some(revision.to_string())),
            ReleaseWish::Repair => ("release.repair", None),
        };
        let mut entry = AuditEntry::done(actor, action, "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        let field = |name: &str, before, after| FieldChange { field: name.to_owned(), before, after };
        entry.changes = vec![field("release", None, Some(key.to_string()))];
        if revision.is_some() {
            entry.changes.push(field("revision", Some(row.state.helm_revision.to_string()), revision));
        }
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    async fn helm(&self, _actor: &Actor) -> Result<HelmProgram, ServiceError> {
        Ok(self.reader.helm())
    }
}
