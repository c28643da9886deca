//! Change sets: what past runs did, the newest of each configuration.

use domain::change::{Change, ChangeSet};
use domain::clock::Timestamp;
use domain::id::{ChangeSetId, ConfigurationId};
use domain::reason::Reason;
use domain::status::{Compliance, ConfigurationStatus, ObjectCounts};

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::configuration::readable;
use crate::error::StorageError;
use crate::lease::Lease;
use crate::unit::UnitOfWork;

/// Runs remembered per configuration: enough to see some days of work, and a bound for the table.
const KEPT: i64 = 50;

/// Objects remembered per run: more nobody reads, and a run of the largest size would be a megabyte.
const CHANGES_KEPT: usize = 500;

/// What a run hands to the history.
#[derive(Clone, Debug)]
pub struct NewChangeSet {
    /// What was run: generation, commit and options as one text.
    pub run_key: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// What it did.
    pub change_set: ChangeSet,
}

/// A past run without its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its id.
    pub id: ChangeSetId,
    /// Commit.
    pub revision: Option<String>,
    /// Subject of the commit.
    pub subject: Option<String>,
    /// What it ended with.
    pub compliance: Compliance,
    /// The one sentence then.
    pub reason: Reason,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its counts.
    pub counts: ObjectCounts,
    /// It was begun again after the server had ended in the middle of it.
    pub resumed: bool,
}

/// A past run with its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChangeSet {
    /// Its id.
    pub id: ChangeSetId,
    /// Commit.
    pub revision: Option<String>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What it did, in order.
    pub changes: Vec<Change>,
}

impl Storage {
    /// The newest runs first.
    #[tracing::instrument(name = "db.history.list", skip_all, err(level = "debug"))]
    pub async fn history(&self, id: ConfigurationId, limit: u32) -> Result<Vec<HistoryEntry>, StorageError> {
        let rows: Vec<HistoryRow> = sqlx::query_as(
            "SELECT id, revision, revision_subject, compliance, reason, started_at, ended_at, counts, resumed \
             FROM change_sets WHERE configuration_id = $1 ORDER BY epoch DESC LIMIT $2",
        )
        .bind(id.to_string())
        .bind(i64::from(limit))
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }

    /// The newest run that changed something.
    #[tracing::instrument(name = "db.history.last", skip_all, err(level = "debug"))]
    pub async fn last_change_set(
        &self,
        id: ConfigurationId,
    ) -> Result<Option<StoredChangeSet>, StorageError> {
        let row: Option<(String, Option<String>, i64, String)> = sqlx::query_as(
            "SELECT id, revision, ended_at, changes FROM change_sets \
             WHERE configuration_id = $1 AND n_changes > 0 ORDER BY epoch DESC LIMIT 1",
        )
        .bind(id.to_string())
        .fetch_optional(self.database().read())
        .await?;
        let Some((change_set, revision, ended_at, changes)) = row else { return Ok(None) };
        let unreadable = |error: ColumnError| error.of("change set", &change_set);
        let changes: ChangeSet = column::json("changes", &changes).map_err(unreadable)?;
        Ok(Some(StoredChangeSet {
            id: column::id("id", &change_set).map_err(unreadable)?,
            revision,
            ended_at: Timestamp(ended_at),
            changes: changes.changes,
        }))
    }
}

impl UnitOfWork {
    /// Adds a run once, however often it is recorded, and forgets the oldest.
    pub(crate) async fn add_change_set(
        &mut self,
        lease: &Lease,
        status: &ConfigurationStatus,
        new: &NewChangeSet,
    ) -> Result<(), StorageError> {
        let (id, now) = (self.new_uuid()?, self.now());
        let configuration = lease.configuration().to_string();
        sqlx::query(
            "INSERT INTO change_sets (id, configuration_id, epoch, run_key, started_at, ended_at, revision, \
             revision_subject, compliance, reason, counts, changes, n_changes, resumed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
             (SELECT interrupted FROM configuration_status WHERE configuration_id = $2)) \
             ON CONFLICT (configuration_id, epoch) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(&configuration)
        .bind(lease.epoch())
        .bind(&new.run_key)
        .bind(new.started_at.0)
        .bind(status.last_sync.unwrap_or(now).0)
        .bind(&status.revision)
        .bind(&status.revision_subject)
        .bind(status.compliance.as_str())
        .bind(to_json(&status.reason)?)
        .bind(to_json(&status.counts)?)
        .bind(to_json(&bounded(&new.change_set))?)
        .bind(i64::try_from(new.change_set.changes.len()).unwrap_or(i64::MAX))
        .execute(self.connection())
        .await?;
        sqlx::query(
            "DELETE FROM change_sets WHERE configuration_id = $1 AND epoch <= \
             (SELECT epoch FROM change_sets WHERE configuration_id = $1 ORDER BY epoch DESC LIMIT 1 OFFSET $2)",
        )
        .bind(&configuration)
        .bind(KEPT)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// In the order applied; where there is no room for all, what was refused comes first.
fn bounded(all: &ChangeSet) -> ChangeSet {
    let mut changes = all.changes.clone();
    if changes.len() > CHANGES_KEPT {
        changes.sort_by_key(|change| !change.refused());
        changes.truncate(CHANGES_KEPT);
    }
    ChangeSet { changes }
}

#[derive(sqlx::FromRow)]
struct HistoryRow {
    id: String,
    revision: Option<String>,
    revision_subject: Option<String>,
    compliance: String,
    reason: String,
    started_at: i64,
    ended_at: i64,
    counts: String,
    resumed: bool,
}

impl HistoryRow {
    fn read(self) -> Result<HistoryEntry, ColumnError> {
        Ok(HistoryEntry {
            id: column::id("id", &self.id)?,
            revision: self.revision,
            subject: self.revision_subject,
            compliance: column::word("compliance", &self.compliance)?,
            reason: column::json("reason", &self.reason)?,
            started_at: Timestamp(self.started_at),
            ended_at: Timestamp(self.ended_at),
            counts: column::json("counts", &self.counts)?,
            resumed: self.resumed,
        })
    }
}

impl TryFrom<HistoryRow> for HistoryEntry {
    type Error = StorageError;

    fn try_from(row: HistoryRow) -> Result<Self, StorageError> {
        let id = row.id.clone();
        row.read().map_err(|error| error.of("change set", &id))
    }
}
