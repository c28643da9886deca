//! Who has a role at a place, with the members of groups one by one.

use domain::access::{Place, Principal};
use domain::id::{RoleAssignmentId, UserId};

use super::AT_PLACE;
use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::error::StorageError;

/// Somebody for whom an assignment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person or service account.
    pub principal: Principal,
    /// Its name.
    pub name: String,
    /// Owner of everything, whatever was assigned.
    pub administrator: bool,
    /// The assignment: to it, or to a group that it is in.
    pub assignment: RoleAssignmentId,
}

impl Storage {
    /// Everybody for whom an assignment holds at a place, by name and once for each; at most `limit` of these.
    #[tracing::instrument(name = "db.role.holders", skip_all, err(level = "debug"))]
    pub async fn role_holders(&self, place: &Place, limit: u32) -> Result<Vec<Holder>, StorageError> {
        let (subscription, group, cluster) = column::place_columns(place);
        let columns = "SELECT u.id, u.kind, u.name, u.administrator, a.id AS assignment, u.name_key FROM role_assignments a";
        let rows: Vec<HolderRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{columns} JOIN users u ON u.id = a.user_id {AT_PLACE} UNION ALL \
             {columns} JOIN user_groups m ON m.provider = a.provider AND m.group_name = a.group_name \
             JOIN users u ON u.id = m.user_id {AT_PLACE} ORDER BY 6, 1 LIMIT $4"
        )))
        .bind(subscription)
        .bind(group.unwrap_or_default())
        .bind(cluster.unwrap_or_default())
        .bind(limit)
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    id: String,
    kind: String,
    name: String,
    administrator: bool,
    assignment: String,
}

impl HolderRow {
    fn read(self) -> Result<Holder, ColumnError> {
        let user: UserId = column::id("id", &self.id)?;
        Ok(Holder {
            principal: Principal::of_user(column::word("kind", &self.kind)?, user),
            name: self.name,
            administrator: self.administrator,
            assignment: column::id("assignment", &self.assignment)?,
        })
    }
}

impl TryFrom<HolderRow> for Holder {
    type Error = StorageError;

    fn try_from(row: HolderRow) -> Result<Self, StorageError> {
        let id = row.id.clone();
        row.read().map_err(|error| error.of("user", &id))
    }
}
