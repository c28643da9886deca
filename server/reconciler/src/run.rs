//! One run of one configuration, and the ways it can end early.

use std::sync::Arc;

use domain::clock::{Clock, Timestamp};
use domain::cluster::ClusterUid;
use domain::configuration::ConfigurationSpec;
use domain::id::{ConfigurationId, InstallationId, ResourceGroupId};
use domain::reason::Reason;
use domain::status::{ObjectCounts, SyncStep};
use engine::load::LoadError;
use engine::port::cluster::{ClusterError, Operator};
use engine::port::generate::Generate;
use engine::port::helm::Helm;
use engine::port::source::{Source, SourceError};
use storage::{Lease, Storage, StorageError, Work};
use tokio::sync::watch;

use crate::port::{Clusters, Credentials};

/// What every run needs of the outside world.
#[derive(Clone)]
pub(crate) struct Ports {
    pub(crate) storage: Arc<Storage>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) generate: Arc<dyn Generate>,
    pub(crate) helm: Arc<dyn Helm>,
    pub(crate) clusters: Arc<dyn Clusters>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) installation: InstallationId,
}

/// A run that holds its lease.
pub(crate) struct Run {
    pub(crate) ports: Ports,
    /// What is wanted and what the last run left.
    pub(crate) work: Work,
    /// Needed by every write.
    pub(crate) lease: Lease,
    pub(crate) started_at: Timestamp,
    /// Everything is to be looked at, not the branch alone.
    pub(crate) whole: bool,
    /// Where it is.
    pub(crate) progress: watch::Sender<Option<Progress>>,
}

/// A step of a run, with how many objects are done.
pub(crate) type Progress = (SyncStep, Option<ObjectCounts>);

impl Run {
    pub(crate) fn id(&self) -> ConfigurationId {
        self.work.id
    }

    pub(crate) fn operator(&self) -> Operator {
        operator_of(&self.work.spec, &self.work.cluster_uid)
    }

    /// The team whose Git mirrors are used.
    pub(crate) fn team(&self) -> Option<ResourceGroupId> {
        team(&self.work.place)
    }

    /// Says where the run is; [`crate::progress`] shows it on the open pages when it lasts.
    pub(crate) fn step(&self, step: SyncStep, counts: Option<ObjectCounts>) {
        self.progress.send_replace(Some((step, counts)));
    }

    /// Before something that cannot be taken back is done outside of the database.
    pub(crate) async fn check_lease(&self) -> Result<(), Stop> {
        Ok(self.ports.storage.check_lease(&self.lease).await?)
    }
}

/// A configuration's operator in a cluster.
pub(crate) fn operator_of(spec: &ConfigurationSpec, cluster: &ClusterUid) -> Operator {
    Operator {
        namespace: spec.operator_namespace.clone(),
        instance: spec.operator_instance_name.clone(),
        scope: spec.operator_scope,
        cluster: cluster.clone(),
    }
}

/// The resource group of a cluster's place.
pub(crate) fn team(place: &domain::access::Place) -> Option<ResourceGroupId> {
    match place {
        domain::access::Place::Subscription(_) => None,
        domain::access::Place::ResourceGroup(_, group) | domain::access::Place::Cluster(_, group, _) => {
            Some(*group)
        }
    }
}

/// Why a run ended before its objects were assessed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// Something the status has to say.
    #[error("{reason:?}")]
    Failed {
        reason: Reason,
        /// What Git or the API server said.
        detail: Option<String>,
        /// The revision that was being looked at.
        revision: Option<String>,
    },
    /// The resource group's syncs of this hour are used up; until when it waits is stored.
    #[error("put off until its turn")]
    PutOff,
    /// The database refused or failed; a lost lease is one of its refusals.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ClusterError> for Stop {
    fn from(ClusterError { reason, detail }: ClusterError) -> Self {
        Self::Failed { reason, detail, revision: None }
    }
}

impl From<SourceError> for Stop {
    fn from(SourceError { reason, detail }: SourceError) -> Self {
        Self::Failed { reason, detail, revision: None }
    }
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        let (reason, detail) = error.reason();
        Self::Failed { reason, detail, revision: None }
    }
}

impl Stop {
    /// Something inside failed; the line in the log is found by the configuration's id.
    pub(crate) fn internal(id: ConfigurationId, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(configuration.id = %id, "a sync of configuration {id} failed inside: {error}");
        Self::Failed { reason: Reason::Internal { id: id.to_string() }, detail: None, revision: None }
    }

    /// Names the revision that was being looked at.
    pub(crate) fn at(self, looked_at: &domain::repository::Revision) -> Self {
        match self {
            Self::Failed { reason, detail, revision: _ } => {
                Self::Failed { reason, detail, revision: Some(looked_at.to_string()) }
            }
            other @ (Self::PutOff | Self::Storage(_)) => other,
        }
    }
}
