//! The audit, as far as the actor may read it, and refusals, which nobody else keeps. `query` is what is asked for, `export`
//! the file.

mod export;
mod query;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Role, Via};
use domain::clock::Clock;
use domain::service::{
    ACTIVITY_MAX, ActivityChange, ActivityList, ActivityQuery, ActivityRow, ActivityService, EXPORT_MAX,
    ServiceError,
};
use storage::{AuditEntry, AuditOutcome, AuditRecord, FieldChange, Storage};

use crate::error::stored;
use crate::moment::moment;
use crate::pace::Pace;
use crate::presence::network;

/// Refusals that are kept of one user or address in an hour.
const REFUSALS_KEPT: u32 = 100;
/// Characters of what was refused.
const REFUSED_CHARACTERS: usize = 300;

/// Use cases on the audit.
#[derive(Clone)]
pub struct Activity {
    storage: Arc<Storage>,
    clock: Arc<dyn Clock>,
    refusals: Arc<Pace>,
}

impl Activity {
    /// Over this database.
    pub fn new(storage: Arc<Storage>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, clock, refusals: Arc::new(Pace::new(REFUSALS_KEPT)) }
    }

    async fn read(
        &self,
        actor: &Actor,
        query: &ActivityQuery,
        limit: u32,
    ) -> Result<Vec<ActivityRow>, ServiceError> {
        let filter = query::filter(actor, query)?;
        let records = self.storage.audit_entries(&filter, limit).await.map_err(stored)?;
        Ok(records.into_iter().map(|record| row(actor, record)).collect())
    }
}

#[async_trait]
impl ActivityService for Activity {
    async fn list(&self, actor: &Actor, query: &ActivityQuery) -> Result<ActivityList, ServiceError> {
        let mut entries = self.read(actor, query, ACTIVITY_MAX + 1).await?;
        let more = entries.len() > ACTIVITY_MAX as usize;
        entries.truncate(ACTIVITY_MAX as usize);
        let next = entries.last().filter(|_| more).map(|last| last.seq);
        Ok(ActivityList { entries, next, now: moment(self.clock.now()) })
    }

    async fn export(&self, actor: &Actor, query: &ActivityQuery) -> Result<String, ServiceError> {
        self.export_up_to(actor, query, EXPORT_MAX).await
    }

    async fn refused(&self, actor: Option<&Actor>, via: &Via, what: &str) {
        let user = actor.map(|actor| actor.user.to_string());
        let sender = user.or_else(|| via.address.as_deref().map(network)).unwrap_or_default();
        if !self.refusals.admits(&sender, self.clock.now()) {
            return;
        }
        let entry = AuditEntry {
            actor: actor.map(|actor| actor.user),
            actor_name: actor.map(|actor| actor.name.clone()).unwrap_or_default(),
            action: "request.refuse".to_owned(),
            target_kind: "request".to_owned(),
            target_id: String::new(),
            target_name: what.chars().take(REFUSED_CHARACTERS).collect(),
            place: None,
            via: via.clone(),
            outcome: AuditOutcome::Refused,
            changes: Vec::new(),
        };
        let kept = async {
            let mut unit = self.storage.begin().await?;
            unit.audit(&entry).await?;
            unit.commit().await
        };
        if let Err(error) = kept.await {
            tracing::warn!("that {} was refused cannot be kept: {error}", entry.target_name);
        }
    }
}

/// Where a request came from is for those who look after the place, and for whoever made it; not for everybody who
/// looks into a frame or has a token of theirs.
fn row(actor: &Actor, record: AuditRecord) -> ActivityRow {
    let AuditRecord { seq, at, entry, hash: _ } = record;
    let owner = match &entry.place {
        Some(place) => actor.role_at(place) == Some(Role::Owner),
        None => actor.administers(),
    };
    let told = owner || (entry.actor == Some(actor.user) && !actor.is_narrowed());
    ActivityRow {
        seq,
        at: moment(at),
        actor: entry.actor_name,
        token: entry.via.token.filter(|_| told),
        parent: entry.via.parent.filter(|_| told),
        address: entry.via.address.filter(|_| told),
        action: entry.action,
        refused: entry.outcome == AuditOutcome::Refused,
        target_kind: entry.target_kind,
        target_id: entry.target_id,
        target: entry.target_name,
        request_id: entry.via.request_id,
        changes: entry.changes.into_iter().map(change).collect(),
    }
}

fn change(FieldChange { field, before, after }: FieldChange) -> ActivityChange {
    ActivityChange { field, before, after }
}
