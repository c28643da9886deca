//! Use cases on the audit: who did what.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ServiceError;
use crate::access::{Actor, Via};
use crate::clock::Moment;

/// Entries of one page.
pub const ACTIVITY_MAX: u32 = 50;
/// Entries of one export at most; the next one goes on behind its last.
pub const EXPORT_MAX: u32 = 100_000;
/// The word by which only refusals are asked for.
pub const OUTCOME_REFUSED: &str = "refused";

/// Which entries: those of the places the actor sees, and what the actor did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityQuery {
    /// Part of the name of who, of what was done, or of what to.
    pub filter: String,
    /// [`OUTCOME_REFUSED`] for what was refused alone; anything else for all.
    pub outcome: String,
    /// The first day, such as `2026-11-23`, in UTC; empty for all before.
    pub from: String,
    /// The last day; empty for all since.
    pub to: String,
    /// Only entries with a smaller number.
    pub before: Option<i64>,
}

impl ActivityQuery {
    /// Whether it asks for everything there is to see.
    pub fn is_all(&self) -> bool {
        let Self { filter, outcome, from, to, before: _ } = self;
        outcome != OUTCOME_REFUSED && [filter, from, to].iter().all(|text| text.trim().is_empty())
    }
}

/// A page of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityList {
    /// Newest first.
    pub entries: Vec<ActivityRow>,
    /// [`ActivityQuery::before`] of the next page; `None` on the last.
    pub next: Option<i64>,
    pub now: Moment,
}

/// An entry of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityRow {
    /// Grows; the order of events.
    pub seq: i64,
    pub at: Moment,
    /// Name of who did it, at that time.
    pub actor: String,
    /// Name and beginning of the token that was shown; `None` for a session. For owners of the place and whoever it was.
    pub token: Option<String>,
    /// Origin of the page in whose frame it was done. For the same.
    pub parent: Option<String>,
    /// Where the request came from: for owners of the place only.
    pub address: Option<String>,
    /// For instance `configuration.create`.
    pub action: String,
    /// It was refused.
    pub refused: bool,
    /// For instance `configuration`.
    pub target_kind: String,
    pub target_id: String,
    /// At that time.
    pub target: String,
    /// Finds the log lines of the request.
    pub request_id: Option<String>,
    pub changes: Vec<ActivityChange>,
}

/// A field that was changed; a secret only says that it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Use cases on the audit.
#[async_trait]
pub trait ActivityService: Send + Sync {
    /// A page of it.
    async fn list(&self, actor: &Actor, query: &ActivityQuery) -> Result<ActivityList, ServiceError>;
    /// Keeps that a request was refused: one of an actor who has no right to it, or one of nobody knows whom that shows a
    /// credential of no worth or comes from a foreign page. `what` names it for people. Of somebody who asks again and
    /// again not every one is kept.
    async fn refused(&self, actor: Option<&Actor>, via: &Via, what: &str);
    /// The list as JSON lines, newest first, at most [`EXPORT_MAX`] of them. When there are more, a last line says so and
    /// which query goes on behind.
    async fn export(&self, actor: &Actor, query: &ActivityQuery) -> Result<String, ServiceError>;
}
