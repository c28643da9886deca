//! Configurations: spec and what is known of them.

mod list;
mod work;
mod write;

pub use list::{ConfigurationFilter, ConfigurationPage, NamedConfiguration};
pub(crate) use list::{count, page};
pub use work::{OperatorObject, OperatorOf, Work};

use domain::access::Place;
use domain::clock::Timestamp;
use domain::configuration::{ConfigurationSpec, OperatorScope};
use domain::health::Health;
use domain::id::{ClusterId, ConfigurationId};
use domain::object::ObjectKey;
use domain::reason::{ObjectReason, Reason};
use domain::status::{Compliance, MessageLevel, ObjectCounts, SyncStep};
use serde::{Deserialize, Serialize};

use crate::column::{self, ColumnError};
use crate::error::StorageError;
use crate::sync::StoredPutOff;

/// A row of a list: enough to show it, without the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationSummary {
    /// Its name as written.
    pub name: String,
    /// Name of its cluster.
    pub cluster_name: String,
    /// As the user wrote it.
    pub repository_url: String,
    /// `--git-branch`
    pub branch: String,
    /// The operator's service account.
    pub operator_instance_name: String,
    /// Where the operator objects are.
    pub operator_namespace: String,
    /// What the operator may do.
    pub operator_scope: OperatorScope,
    /// What changes while it is looked at.
    pub state: StoredState,
}

/// What a live page follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredState {
    /// Which configuration.
    pub id: ConfigurationId,
    /// Its cluster and what that lies in, for the decision about rights.
    pub place: Place,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Grows with every change.
    pub version: i64,
    /// In ARM's words.
    pub compliance: Compliance,
    /// How loud.
    pub level: MessageLevel,
    /// The one sentence.
    pub reason: Reason,
    /// Worst health of its objects; `None` without objects.
    pub health: Option<Health>,
    /// Commit of the last sync whose load was applied.
    pub revision: Option<String>,
    /// When the last sync ended.
    pub last_sync: Option<Timestamp>,
    /// Step of the sync that runs now.
    pub syncing: Option<SyncStep>,
    /// Counts of the last sync, or of the running one while it applies.
    pub counts: ObjectCounts,
    /// Since when the cluster does not answer.
    pub offline_since: Option<Timestamp>,
    /// Since when a person has stopped its syncs.
    pub suspended_since: Option<Timestamp>,
    /// The next sync waits for a turn.
    pub put_off: Option<StoredPutOff>,
}

/// One configuration with its spec and the finer parts of its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationRecord {
    /// As in lists.
    pub summary: ConfigurationSummary,
    /// The whole spec.
    pub spec: ConfigurationSpec,
    /// Grows with each change of the spec; what a sync is for.
    pub generation: i64,
    /// For optimistic saving.
    pub spec_version: i64,
    /// Generation the status speaks of; 0 before the first sync.
    pub observed_generation: i64,
    /// What the API server or Git said.
    pub detail: Option<String>,
    /// Subject and author of the revision.
    pub revision_subject: Option<String>,
    /// When an object was last applied.
    pub last_config_applied: Option<Timestamp>,
    /// Objects of the last load that were left out.
    pub left_out: Vec<LeftOut>,
    /// The operator objects as last made or found.
    pub operator_objects: Vec<OperatorObject>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its spec was changed last.
    pub updated_at: Timestamp,
    /// Public half of the ssh key its repository is read with.
    pub repository_public_key: Option<String>,
    /// A wish for a sync that no run has taken up yet.
    pub sync_requested_at: Option<Timestamp>,
    /// When the next sync is due without any wish.
    pub next_due_at: Timestamp,
}

/// An object of the load that is not this configuration's to apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which object.
    pub object: ObjectKey,
    /// File and line of its manifest.
    pub place: String,
    /// Why.
    pub reason: ObjectReason,
    /// What the API server said, verbatim and scrubbed.
    pub detail: Option<String>,
}

/// Columns and joins of a [`SummaryRow`], over the aliases `c`, `s`, `k` and `g`.
pub(crate) const SUMMARY: &str = "SELECT c.id, c.cluster_id, k.name AS cluster_name, k.resource_group_id, \
    g.subscription_id, c.name, c.repository_url, c.branch, c.operator_instance_name, c.operator_namespace, \
    c.operator_scope, s.version, s.compliance, s.level, s.reason, s.health, s.revision, s.last_sync, s.syncing, \
    s.counts, k.offline_since, c.suspended_at, s.put_off_until, s.put_off_limit \
    FROM configurations c \
    JOIN configuration_status s ON s.configuration_id = c.id \
    JOIN clusters k ON k.id = c.cluster_id \
    JOIN resource_groups g ON g.id = k.resource_group_id \
    WHERE 1 = 1";

/// A row of [`SUMMARY`].
#[derive(sqlx::FromRow)]
pub(crate) struct SummaryRow {
    id: String,
    cluster_id: String,
    cluster_name: String,
    resource_group_id: String,
    subscription_id: String,
    name: String,
    repository_url: String,
    branch: String,
    operator_instance_name: String,
    operator_namespace: String,
    operator_scope: String,
    version: i64,
    compliance: String,
    level: String,
    reason: String,
    health: Option<String>,
    revision: Option<String>,
    last_sync: Option<i64>,
    syncing: Option<String>,
    counts: String,
    offline_since: Option<i64>,
    suspended_at: Option<i64>,
    put_off_until: Option<i64>,
    put_off_limit: Option<i64>,
}

/// The columns of a status that may fail to be read.
struct Words {
    compliance: Compliance,
    level: MessageLevel,
    reason: Reason,
    health: Option<Health>,
    syncing: Option<SyncStep>,
    counts: ObjectCounts,
    operator_scope: OperatorScope,
}

impl SummaryRow {
    fn words(&self) -> Result<Words, ColumnError> {
        Ok(Words {
            compliance: column::word("compliance", &self.compliance)?,
            level: column::word("level", &self.level)?,
            reason: column::json("reason", &self.reason)?,
            health: column::optional_word("health", self.health.as_deref())?,
            syncing: column::optional_word("syncing", self.syncing.as_deref())?,
            counts: column::json("counts", &self.counts)?,
            operator_scope: column::scope("operator_scope", &self.operator_scope)?,
        })
    }

    /// One bad row must not hide the others: it is shown as failed, and the log says what is wrong with it.
    fn words_or_failed(&self) -> Words {
        self.words().unwrap_or_else(|error| {
            tracing::error!(
                configuration.id = %self.id,
                "the stored status of configuration {} cannot be read: {error}",
                self.id
            );
            Words {
                compliance: Compliance::Failed,
                level: MessageLevel::Error,
                reason: Reason::Internal { id: self.id.clone() },
                health: None,
                syncing: None,
                counts: ObjectCounts::default(),
                operator_scope: column::scope("operator_scope", &self.operator_scope).unwrap_or_default(),
            }
        })
    }
}

impl TryFrom<SummaryRow> for ConfigurationSummary {
    type Error = StorageError;

    /// Fails only when the row's ids are none.
    fn try_from(row: SummaryRow) -> Result<Self, StorageError> {
        let words = row.words_or_failed();
        let unreadable = |error: ColumnError| error.of("configuration", &row.id);
        let id = column::id("id", &row.id).map_err(unreadable)?;
        let cluster = column::id("cluster_id", &row.cluster_id).map_err(unreadable)?;
        let place = column::place(&row.subscription_id, Some(&row.resource_group_id), Some(&row.cluster_id))
            .map_err(unreadable)?;
        Ok(Self {
            name: row.name,
            cluster_name: row.cluster_name,
            repository_url: row.repository_url,
            branch: row.branch,
            operator_instance_name: row.operator_instance_name,
            operator_namespace: row.operator_namespace,
            operator_scope: words.operator_scope,
            state: StoredState {
                id,
                place,
                cluster,
                version: row.version,
                compliance: words.compliance,
                level: words.level,
                reason: words.reason,
                health: words.health,
                revision: row.revision,
                last_sync: row.last_sync.map(Timestamp),
                syncing: words.syncing,
                counts: words.counts,
                offline_since: row.offline_since.map(Timestamp),
                suspended_since: row.suspended_at.map(Timestamp),
                put_off: row
                    .put_off_until
                    .zip(row.put_off_limit)
                    .map(|(until, limit)| StoredPutOff { until: Timestamp(until), limit: count(limit) }),
            },
        })
    }
}

/// Keeps what can be shown and logs what cannot.
pub(crate) fn readable<Row, T>(rows: Vec<Row>) -> Vec<T>
where
    T: TryFrom<Row, Error = StorageError>,
{
    rows.into_iter()
        .filter_map(|row| {
            T::try_from(row).inspect_err(|error| tracing::error!("a row is left out of a list: {error}")).ok()
        })
        .collect()
}
