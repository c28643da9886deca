//! Reading the audit.

use domain::access::{Place, Visible};
use domain::clock::Timestamp;
use domain::id::UserId;
use sqlx::QueryBuilder;

use super::{AuditOutcome, AuditRecord, AuditRow, COLUMNS};
use crate::Storage;
use crate::configuration::readable;
use crate::database::Driver;
use crate::error::StorageError;
use crate::visibility::contains_pattern;

/// Which entries.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    /// Entries of these places; everything includes those of no place.
    pub visible: Visible,
    /// And what this user did, wherever; nobody's when there is none.
    pub user: Option<UserId>,
    /// Part of the name of who, of what was done, or of what to; empty for all.
    pub text: String,
    /// Only what was refused.
    pub refused: bool,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// And before this one.
    pub until: Option<Timestamp>,
    /// Only entries with a smaller number.
    pub before: Option<i64>,
}

impl Storage {
    /// The newest entries of the filter, newest first.
    #[tracing::instrument(name = "db.audit.list", skip_all, err(level = "debug"))]
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(format!("SELECT {COLUMNS} FROM audit WHERE seq < "));
        query.push_bind(filter.before.unwrap_or(i64::MAX));
        push_visible(&mut query, filter);
        if filter.refused {
            query.push(" AND outcome = ").push_bind(AuditOutcome::Refused.as_str());
        }
        if let Some(from) = filter.from {
            query.push(" AND at >= ").push_bind(from.0);
        }
        if let Some(until) = filter.until {
            query.push(" AND at < ").push_bind(until.0);
        }
        if !filter.text.is_empty() {
            let pattern = contains_pattern(&filter.text);
            query.push(" AND (LOWER(actor_name) LIKE ").push_bind(pattern.clone());
            query.push(" ESCAPE '\\' OR LOWER(action) LIKE ").push_bind(pattern.clone());
            query.push(" ESCAPE '\\' OR LOWER(target_name) LIKE ").push_bind(pattern);
            query.push(" ESCAPE '\\')");
        }
        query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        let rows: Vec<AuditRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }
}

fn push_visible(query: &mut QueryBuilder<Driver>, filter: &AuditFilter) {
    let Visible::Places(places) = &filter.visible else { return };
    query.push(" AND (actor_id = ").push_bind(filter.user.map(|user| user.to_string()));
    for place in places {
        let column = match place {
            Place::Subscription(_) => "subscription_id",
            Place::ResourceGroup(..) => "resource_group_id",
            Place::Cluster(..) => "cluster_id",
        };
        query.push(format!(" OR {column} = ")).push_bind(place.id().to_string());
    }
    query.push(")");
}
