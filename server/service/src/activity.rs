//! The audit, as far as the actor may read it, and refusals, which nobody else keeps. `query` is what is asked for, `export`
//! the file.

mod export;
mod query;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::access::{Actor, Role};
use domain::clock::{Clock, Timestamp};
use domain::id::UserId;
use domain::service::{
    ACTIVITY_MAX, ActivityChange, ActivityList, ActivityQuery, ActivityRow, ActivityService, EXPORT_MAX,
    ServiceError,
};
use storage::{AuditEntry, AuditOutcome, AuditRecord, FieldChange, Storage};

use crate::error::stored;
use crate::moment::moment;

/// Refusals of one user in an hour that are kept: more tell nothing new, and each is a write that nobody had a right to.
const REFUSALS_KEPT: u32 = 100;
const HOUR_MILLISECONDS: i64 = 3_600_000;
/// Characters of what was refused.
const REFUSED_CHARACTERS: usize = 300;

/// Use cases on the audit.
#[derive(Clone)]
pub struct Activity {
    storage: Arc<Storage>,
    clock: Arc<dyn Clock>,
    pace: Arc<Mutex<Pace>>,
}

/// Refusals of this hour by who asked.
#[derive(Debug, Default)]
struct Pace {
    hour: i64,
    kept: HashMap<UserId, u32>,
}

impl Pace {
    /// Whether one more of this user is kept.
    fn admits(&mut self, user: UserId, now: Timestamp) -> bool {
        let hour = now.0.div_euclid(HOUR_MILLISECONDS);
        if self.hour != hour {
            *self = Self { hour, kept: HashMap::new() };
        }
        let kept = self.kept.entry(user).or_default();
        *kept += 1;
        *kept <= REFUSALS_KEPT
    }
}

impl Activity {
    /// Over this database.
    pub fn new(storage: Arc<Storage>, clock: Arc<dyn Clock>) -> Self {
        Self { storage, clock, pace: Arc::default() }
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

    async fn refused(&self, actor: &Actor, what: &str) {
        let now = self.clock.now();
        if !self.pace.lock().unwrap_or_else(PoisonError::into_inner).admits(actor.user, now) {
            return;
        }
        let what: String = what.chars().take(REFUSED_CHARACTERS).collect();
        let mut entry = AuditEntry::done(actor, "request.refuse", "request", String::new(), &what);
        entry.outcome = AuditOutcome::Refused;
        let kept = async {
            let mut unit = self.storage.begin().await?;
            unit.audit(&entry).await?;
            unit.commit().await
        };
        if let Err(error) = kept.await {
            tracing::warn!("that {what} was refused to {} cannot be kept: {error}", actor.name);
        }
    }
}

/// Where a request came from is for those who look after the place, and for whoever made it.
fn row(actor: &Actor, record: AuditRecord) -> ActivityRow {
    let AuditRecord { seq, at, entry, hash: _ } = record;
    let owner = match &entry.place {
        Some(place) => actor.role_at(place) == Some(Role::Owner),
        None => actor.administers(),
    };
    let told = owner || entry.actor == Some(actor.user);
    ActivityRow {
        seq,
        at: moment(at),
        actor: entry.actor_name,
        token: entry.via.token.filter(|_| told),
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
