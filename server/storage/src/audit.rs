//! The audit: who did what, in order. Rows are only ever added.

use domain::access::{Actor, Place};
use domain::clock::Timestamp;
use domain::id::UserId;
use serde::{Deserialize, Serialize};

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::configuration::readable;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// How what was tried ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuditOutcome {
    /// Done.
    Done,
    /// Refused: no right, wrong password and the like.
    Refused,
}

impl AuditOutcome {
    /// The word as stored: the variant's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Refused => "Refused",
        }
    }
}

/// One field that was changed. Never a secret: of those only that they were set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name in ARM bodies.
    pub field: String,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who; `None` for somebody unknown and for the program itself.
    pub actor: Option<UserId>,
    /// The name at that time.
    pub actor_name: String,
    /// What, for instance `configuration.create`.
    pub action: String,
    /// Kind of the thing, for instance `configuration`.
    pub target_kind: String,
    /// Its id.
    pub target_id: String,
    /// Its name at that time.
    pub target_name: String,
    /// Where it is or was, for the decision about who may read this.
    pub place: Option<Place>,
    /// Finds the log lines of the request.
    pub request_id: Option<String>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// What was changed.
    pub changes: Vec<FieldChange>,
}

impl AuditEntry {
    /// Something an actor did to a thing; complete it with the fields that apply.
    pub fn done(
        actor: &Actor,
        action: &str,
        target_kind: &str,
        target_id: String,
        target_name: &str,
    ) -> Self {
        Self {
            actor: Some(actor.user),
            actor_name: actor.name.clone(),
            action: action.to_owned(),
            target_kind: target_kind.to_owned(),
            target_id,
            target_name: target_name.to_owned(),
            place: None,
            request_id: None,
            outcome: AuditOutcome::Done,
            changes: Vec::new(),
        }
    }
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Grows; the order of events.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: AuditEntry,
}

impl Storage {
    /// The newest entries before `before` (all when `None`), newest first.
    #[tracing::instrument(name = "db.audit.list", skip_all, err(level = "debug"))]
    pub async fn audit_entries(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StorageError> {
        let rows: Vec<AuditRow> = sqlx::query_as(
            "SELECT seq, at, actor_id, actor_name, action, target_kind, target_id, target_name, \
             subscription_id, resource_group_id, cluster_id, request_id, outcome, changes \
             FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }
}

impl UnitOfWork {
    /// Adds an entry, in the same transaction as what it tells.
    #[tracing::instrument(name = "db.audit.add", skip_all, err(level = "debug"))]
    pub async fn audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError> {
        let now = self.now().0;
        let (subscription, group, cluster) = match &entry.place {
            Some(place) => {
                let (subscription, group, cluster) = column::place_columns(place);
                (Some(subscription), group, cluster)
            }
            None => (None, None, None),
        };
        sqlx::query(
            "INSERT INTO audit (at, actor_id, actor_name, action, target_kind, target_id, target_name, \
             subscription_id, resource_group_id, cluster_id, request_id, outcome, changes) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(now)
        .bind(entry.actor.map(|actor| actor.to_string()))
        .bind(&entry.actor_name)
        .bind(&entry.action)
        .bind(&entry.target_kind)
        .bind(&entry.target_id)
        .bind(&entry.target_name)
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .bind(&entry.request_id)
        .bind(entry.outcome.as_str())
        .bind(to_json(&entry.changes)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct AuditRow {
    seq: i64,
    at: i64,
    actor_id: Option<String>,
    actor_name: String,
    action: String,
    target_kind: String,
    target_id: String,
    target_name: String,
    subscription_id: Option<String>,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
    request_id: Option<String>,
    outcome: String,
    changes: String,
}

impl AuditRow {
    fn read(self) -> Result<AuditRecord, ColumnError> {
        let place = self.subscription_id.as_deref().map(|subscription| {
            column::place(subscription, self.resource_group_id.as_deref(), self.cluster_id.as_deref())
        });
        Ok(AuditRecord {
            seq: self.seq,
            at: Timestamp(self.at),
            entry: AuditEntry {
                actor: self.actor_id.as_deref().map(|id| column::id("actor_id", id)).transpose()?,
                actor_name: self.actor_name,
                action: self.action,
                target_kind: self.target_kind,
                target_id: self.target_id,
                target_name: self.target_name,
                place: place.transpose()?,
                request_id: self.request_id,
                outcome: column::word("outcome", &self.outcome)?,
                changes: column::json("changes", &self.changes)?,
            },
        })
    }
}

impl TryFrom<AuditRow> for AuditRecord {
    type Error = StorageError;

    fn try_from(row: AuditRow) -> Result<Self, StorageError> {
        let seq = row.seq.to_string();
        row.read().map_err(|error| error.of("audit entry", &seq))
    }
}
