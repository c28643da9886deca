//! Roles: who was assigned which, where.

use domain::access::{Grant, Place, Principal, Role};
use domain::clock::Timestamp;
use domain::id::{RoleAssignmentId, UserId};

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::error::StorageError;
use crate::place::PlaceRecord;
use crate::unit::UnitOfWork;

mod holders;

pub use holders::Holder;

/// A role that was assigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAssignment {
    /// To take it back.
    pub id: RoleAssignmentId,
    /// Who has it.
    pub principal: Principal,
    /// Name of that.
    pub principal_name: String,
    /// What.
    pub role: Role,
    /// Where, with the names on the way there.
    pub place: PlaceRecord,
    /// Since when.
    pub created_at: Timestamp,
    /// Name of whoever assigned it.
    pub created_by: String,
}

const ASSIGNMENT: &str = "SELECT a.id, a.user_id, u.name AS user_name, u.kind AS user_kind, a.provider, a.group_name, \
    a.role, a.subscription_id, a.resource_group_id, a.cluster_id, a.created_at, a.created_by, \
    s.display_name AS subscription_name, g.name AS resource_group_name, \
    g.display_name AS resource_group_display_name, k.name AS cluster_name \
    FROM role_assignments a JOIN subscriptions s ON s.id = a.subscription_id \
    LEFT JOIN resource_groups g ON g.id = a.resource_group_id LEFT JOIN clusters k ON k.id = a.cluster_id \
    LEFT JOIN users u ON u.id = a.user_id";

/// The assignments of a user and of the groups it is in, outermost place first.
const OF_USER: &str = "WHERE a.user_id = $1 OR EXISTS (SELECT 1 FROM user_groups m WHERE m.user_id = $1 \
    AND m.provider = a.provider AND m.group_name = a.group_name) ORDER BY a.subscription_id, \
    a.resource_group_id IS NOT NULL, a.cluster_id IS NOT NULL, a.created_at, a.id";

/// The assignments at a place and at those around it.
const AT_PLACE: &str = "WHERE a.subscription_id = $1 AND (a.resource_group_id IS NULL OR a.resource_group_id = $2) \
    AND (a.cluster_id IS NULL OR a.cluster_id = $3)";

impl Storage {
    /// What a user may do where, by its own assignments and by those of its groups. Asked at every request.
    #[tracing::instrument(name = "db.role.grants", skip_all, err(level = "debug"))]
    pub async fn grants(&self, user: UserId) -> Result<Vec<Grant>, StorageError> {
        let rows: Vec<GrantRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT a.role, a.subscription_id, a.resource_group_id, a.cluster_id FROM role_assignments a {OF_USER}"
        )))
        .bind(user.to_string())
        .fetch_all(self.database().read())
        .await?;
        // a role that cannot be read is none: it grants nothing, and the log says so
        Ok(readable(rows))
    }

    /// The same with where each comes from.
    #[tracing::instrument(name = "db.role.of_user", skip_all, err(level = "debug"))]
    pub async fn assignments_of(&self, user: UserId) -> Result<Vec<RoleAssignment>, StorageError> {
        let rows: Vec<AssignmentRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{ASSIGNMENT} {OF_USER}")))
            .bind(user.to_string())
            .fetch_all(self.database().read())
            .await?;
        Ok(readable(rows))
    }

    /// The assignments that hold at a place: its own and those of the places around it, outermost first.
    #[tracing::instrument(name = "db.role.at_place", skip_all, err(level = "debug"))]
    pub async fn assignments_at(&self, place: &Place) -> Result<Vec<RoleAssignment>, StorageError> {
        let (subscription, group, cluster) = column::place_columns(place);
        let rows: Vec<AssignmentRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{ASSIGNMENT} {AT_PLACE} ORDER BY a.resource_group_id IS NOT NULL, a.cluster_id IS NOT NULL, \
             COALESCE(u.name_key, a.group_name), a.id"
        )))
        .bind(subscription)
        .bind(group.unwrap_or_default())
        .bind(cluster.unwrap_or_default())
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }

    /// One assignment.
    #[tracing::instrument(name = "db.role.get", skip_all, err(level = "debug"))]
    pub async fn role_assignment(
        &self,
        id: RoleAssignmentId,
    ) -> Result<Option<RoleAssignment>, StorageError> {
        let row: Option<AssignmentRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{ASSIGNMENT} WHERE a.id = $1")))
                .bind(id.to_string())
                .fetch_optional(self.database().read())
                .await?;
        row.map(RoleAssignment::try_from).transpose()
    }
}

impl UnitOfWork {
    /// Assigns a role at a place, instead of the one the principal has there; tells which that was.
    #[tracing::instrument(name = "db.role.assign", skip_all, err(level = "debug"))]
    pub async fn assign(
        &mut self,
        principal: &Principal,
        grant: Grant,
        by: &str,
    ) -> Result<(RoleAssignmentId, Option<Role>), StorageError> {
        let before = self.unassign_at(principal, &grant.place).await?;
        let (id, now) = (RoleAssignmentId(self.new_uuid()?), self.now().0);
        let (user, provider, group_name) = principal_columns(principal);
        let (subscription, group, cluster) = column::place_columns(&grant.place);
        sqlx::query(
            "INSERT INTO role_assignments (id, user_id, provider, group_name, role, subscription_id, \
             resource_group_id, cluster_id, created_at, created_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id.to_string())
        .bind(user)
        .bind(provider)
        .bind(group_name)
        .bind(grant.role.as_str())
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .bind(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok((id, before))
    }

    async fn unassign_at(
        &mut self,
        principal: &Principal,
        place: &Place,
    ) -> Result<Option<Role>, StorageError> {
        let (user, provider, group_name) = principal_columns(principal);
        let (subscription, group, cluster) = column::place_columns(place);
        let role: Option<String> = sqlx::query_scalar(
            "DELETE FROM role_assignments WHERE user_id IS $1 AND provider IS $2 AND group_name IS $3 \
             AND subscription_id = $4 AND resource_group_id IS $5 AND cluster_id IS $6 RETURNING role",
        )
        .bind(user)
        .bind(provider)
        .bind(group_name)
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .fetch_optional(self.connection())
        .await?;
        Ok(role.as_deref().and_then(Role::parse))
    }

    /// Takes an assignment back; those above and below stay. `false` when it is gone already.
    #[tracing::instrument(name = "db.role.unassign", skip_all, err(level = "debug"))]
    pub async fn unassign(&mut self, id: RoleAssignmentId) -> Result<bool, StorageError> {
        let deleted = sqlx::query("DELETE FROM role_assignments WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}

type PrincipalColumns<'principal> = (Option<String>, Option<&'principal str>, Option<&'principal str>);

fn principal_columns(principal: &Principal) -> PrincipalColumns<'_> {
    match principal {
        Principal::Person(user) | Principal::ServiceAccount(user) => (Some(user.to_string()), None, None),
        Principal::Group { provider, name } => (None, Some(provider), Some(name)),
    }
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    role: String,
    subscription_id: String,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
}

impl GrantRow {
    fn read(&self) -> Result<Grant, ColumnError> {
        let group = self.resource_group_id.as_deref();
        let place = column::place(&self.subscription_id, group, self.cluster_id.as_deref())?;
        Ok(Grant { role: column::word("role", &self.role)?, place })
    }
}

impl TryFrom<GrantRow> for Grant {
    type Error = StorageError;

    fn try_from(row: GrantRow) -> Result<Self, StorageError> {
        row.read().map_err(|error| error.of("role on", &row.subscription_id))
    }
}

#[derive(sqlx::FromRow)]
struct AssignmentRow {
    id: String,
    user_id: Option<String>,
    user_name: Option<String>,
    user_kind: Option<String>,
    provider: Option<String>,
    group_name: Option<String>,
    role: String,
    subscription_id: String,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
    created_at: i64,
    created_by: String,
    subscription_name: String,
    resource_group_name: Option<String>,
    resource_group_display_name: Option<String>,
    cluster_name: Option<String>,
}

impl AssignmentRow {
    fn read(self) -> Result<RoleAssignment, ColumnError> {
        let (principal, principal_name) = match (self.user_id, self.provider, self.group_name) {
            (None, Some(provider), Some(name)) => (Principal::Group { provider, name: name.clone() }, name),
            (user, ..) => {
                let user = column::id("user_id", &user.unwrap_or_default())?;
                let kind = column::word("kind", &self.user_kind.unwrap_or_default())?;
                (Principal::of_user(kind, user), self.user_name.unwrap_or_default())
            }
        };
        let group = self.resource_group_id.as_deref();
        let place = column::place(&self.subscription_id, group, self.cluster_id.as_deref())?;
        Ok(RoleAssignment {
            id: column::id("id", &self.id)?,
            principal,
            principal_name,
            role: column::word("role", &self.role)?,
            place: PlaceRecord {
                place,
                subscription_name: self.subscription_name,
                resource_group_name: self.resource_group_name,
                resource_group_display_name: self.resource_group_display_name,
                cluster_name: self.cluster_name,
            },
            created_at: Timestamp(self.created_at),
            created_by: self.created_by,
        })
    }
}

impl TryFrom<AssignmentRow> for RoleAssignment {
    type Error = StorageError;

    fn try_from(row: AssignmentRow) -> Result<Self, StorageError> {
        let id = row.id.clone();
        row.read().map_err(|error| error.of("role assignment", &id))
    }
}
