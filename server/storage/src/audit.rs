//! The audit: who did what, in order. Rows are only ever added, each with a hash over itself and the one before
//! (`chain`); `list` reads them.

mod chain;
mod list;

use domain::access::{Actor, Place, Via};
use domain::clock::Timestamp;
use domain::id::UserId;
use serde::{Deserialize, Serialize};

use crate::column::{self, ColumnError, to_json};
use crate::database::Connection;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

use self::chain::Links;

pub use self::chain::{AuditCheck, AuditEnd};
pub use self::list::AuditFilter;

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
    /// How the request came.
    pub via: Via,
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
            via: actor.via.clone(),
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
    /// Over this entry and the one before.
    pub hash: String,
}

impl UnitOfWork {
    /// Adds an entry, in the same transaction as what it tells.
    #[tracing::instrument(name = "db.audit.add", skip_all, err(level = "debug"))]
    pub async fn audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError> {
        let now = self.now();
        let before = chain::newest(self.connection()).await?;
        let mut row = AuditRow::of(before.seq + 1, now, entry)?;
        row.hash = Some(row.link(&before.hash));
        row.insert(self.connection()).await
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
    address: Option<String>,
    token: Option<String>,
    parent: Option<String>,
    hash: Option<String>,
}

const COLUMNS: &str = "seq, at, actor_id, actor_name, action, target_kind, target_id, target_name, subscription_id, \
    resource_group_id, cluster_id, request_id, outcome, changes, address, token, parent, hash";

impl AuditRow {
    fn of(seq: i64, at: Timestamp, entry: &AuditEntry) -> Result<Self, StorageError> {
        let (subscription_id, resource_group_id, cluster_id) = match &entry.place {
            Some(place) => {
                let (subscription, group, cluster) = column::place_columns(place);
                (Some(subscription), group, cluster)
            }
            None => (None, None, None),
        };
        Ok(Self {
            seq,
            at: at.0,
            actor_id: entry.actor.map(|actor| actor.to_string()),
            actor_name: entry.actor_name.clone(),
            action: entry.action.clone(),
            target_kind: entry.target_kind.clone(),
            target_id: entry.target_id.clone(),
            target_name: entry.target_name.clone(),
            subscription_id,
            resource_group_id,
            cluster_id,
            request_id: entry.via.request_id.clone(),
            outcome: entry.outcome.as_str().to_owned(),
            changes: to_json(&entry.changes)?,
            address: entry.via.address.clone(),
            token: entry.via.token.clone(),
            parent: entry.via.parent.clone(),
            hash: None,
        })
    }

    async fn insert(&self, connection: &mut Connection) -> Result<(), StorageError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO audit ({COLUMNS}) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        )))
        .bind(self.seq)
        .bind(self.at)
        .bind(&self.actor_id)
        .bind(&self.actor_name)
        .bind(&self.action)
        .bind(&self.target_kind)
        .bind(&self.target_id)
        .bind(&self.target_name)
        .bind(&self.subscription_id)
        .bind(&self.resource_group_id)
        .bind(&self.cluster_id)
        .bind(&self.request_id)
        .bind(&self.outcome)
        .bind(&self.changes)
        .bind(&self.address)
        .bind(&self.token)
        .bind(&self.parent)
        .bind(&self.hash)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// All that the hash is over of every row, in this order for ever.
    fn links(&self) -> Links<'_> {
        (
            (self.seq, self.at, &self.actor_id, &self.actor_name, &self.action),
            (&self.target_kind, &self.target_id, &self.target_name),
            (&self.subscription_id, &self.resource_group_id, &self.cluster_id),
            (&self.request_id, &self.address, &self.token, &self.outcome, &self.changes),
        )
    }

    /// The hash that this row has to have behind the one before.
    fn link(&self, before: &str) -> String {
        match &self.parent {
            // The rows from before there were parents keep their hashes.
            None => chain::link(before, &self.links()),
            Some(parent) => chain::link(before, &(self.links(), parent)),
        }
    }

    fn read(self) -> Result<AuditRecord, ColumnError> {
        let place = self.subscription_id.as_deref().map(|subscription| {
            column::place(subscription, self.resource_group_id.as_deref(), self.cluster_id.as_deref())
        });
        Ok(AuditRecord {
            hash: self.hash.unwrap_or_default(),
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
                via: Via {
                    address: self.address,
                    request_id: self.request_id,
                    token: self.token,
                    parent: self.parent,
                },
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
