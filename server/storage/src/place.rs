//! Subscriptions, resource groups and the roles people have on them.

use domain::access::{Grant, Place, Role, Visible};
use domain::id::{ResourceGroupId, SubscriptionId, UserId};
use domain::name::ResourceGroupName;
use sqlx::QueryBuilder;

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::database::Driver;
use crate::error::{StorageError, Taken, taken};
use crate::unit::UnitOfWork;
use crate::visibility::push_visible_groups;

/// A resource group and the subscription it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceGroupRecord {
    /// Its id.
    pub id: ResourceGroupId,
    /// As written.
    pub name: String,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Display name of that.
    pub subscription_name: String,
}

impl ResourceGroupRecord {
    /// For the decision about rights.
    pub fn place(&self) -> Place {
        Place::ResourceGroup(self.subscription, self.id)
    }
}

const GROUP: &str = "SELECT g.id, g.name, g.subscription_id, u.display_name AS subscription_name \
    FROM resource_groups g JOIN subscriptions u ON u.id = g.subscription_id WHERE 1 = 1";

impl Storage {
    /// The resource groups an actor sees something of, by subscription and name.
    #[tracing::instrument(name = "db.resource_group.list", skip_all, err(level = "debug"))]
    pub async fn resource_groups(&self, visible: &Visible) -> Result<Vec<ResourceGroupRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(GROUP);
        push_visible_groups(&mut query, visible);
        query.push(" ORDER BY u.display_name, u.id, g.name_key");
        let rows: Vec<GroupRow> = query.build_query_as().fetch_all(self.database().read()).await?;
        Ok(readable(rows))
    }

    /// A resource group by name, any case.
    #[tracing::instrument(name = "db.resource_group.find", skip_all, err(level = "debug"))]
    pub async fn resource_group_by_name(
        &self,
        subscription: SubscriptionId,
        name: &str,
    ) -> Result<Option<ResourceGroupRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(GROUP);
        query.push(" AND g.subscription_id = ").push_bind(subscription.to_string());
        query.push(" AND g.name_key = ").push_bind(name.to_lowercase());
        let row: Option<GroupRow> = query.build_query_as().fetch_optional(self.database().read()).await?;
        row.map(ResourceGroupRecord::try_from).transpose()
    }

    /// Display name of a subscription.
    #[tracing::instrument(name = "db.subscription.get", skip_all, err(level = "debug"))]
    pub async fn subscription_name(&self, id: SubscriptionId) -> Result<Option<String>, StorageError> {
        Ok(sqlx::query_scalar("SELECT display_name FROM subscriptions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.database().read())
            .await?)
    }

    /// What a user may do where.
    #[tracing::instrument(name = "db.membership.list", skip_all, err(level = "debug"))]
    pub async fn grants(&self, user: UserId) -> Result<Vec<Grant>, StorageError> {
        let rows: Vec<MembershipRow> = sqlx::query_as(
            "SELECT role, subscription_id, resource_group_id, cluster_id FROM memberships WHERE user_id = $1",
        )
        .bind(user.to_string())
        .fetch_all(self.database().read())
        .await?;
        // a role that cannot be read is none: it grants nothing, and the log says so
        Ok(readable(rows))
    }
}

impl UnitOfWork {
    /// Makes a subscription under an id that was chosen.
    #[tracing::instrument(name = "db.subscription.create", skip_all, err(level = "debug"))]
    pub async fn create_subscription(
        &mut self,
        id: SubscriptionId,
        display_name: &str,
    ) -> Result<(), StorageError> {
        let now = self.now().0;
        sqlx::query("INSERT INTO subscriptions (id, display_name, created_at) VALUES ($1, $2, $3)")
            .bind(id.to_string())
            .bind(display_name)
            .bind(now)
            .execute(self.connection())
            .await
            .map_err(taken(Taken::Subscription))?;
        Ok(())
    }

    /// Makes a resource group.
    #[tracing::instrument(name = "db.resource_group.create", skip_all, err(level = "debug"))]
    pub async fn create_resource_group(
        &mut self,
        subscription: SubscriptionId,
        name: &ResourceGroupName,
    ) -> Result<ResourceGroupId, StorageError> {
        let (id, now) = (ResourceGroupId(self.new_uuid()?), self.now().0);
        sqlx::query(
            "INSERT INTO resource_groups (id, subscription_id, name, name_key, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.to_string())
        .bind(subscription.to_string())
        .bind(name.as_str())
        .bind(name.key())
        .bind(now)
        .execute(self.connection())
        .await
        .map_err(taken(Taken::ResourceGroupName))?;
        Ok(id)
    }

    /// Gives a user a role at a place, instead of the one there.
    #[tracing::instrument(name = "db.membership.put", skip_all, err(level = "debug"))]
    pub async fn grant(&mut self, user: UserId, grant: Grant) -> Result<(), StorageError> {
        self.revoke(user, &grant.place).await?;
        let now = self.now().0;
        let (subscription, group, cluster) = column::place_columns(&grant.place);
        sqlx::query(
            "INSERT INTO memberships (user_id, role, subscription_id, resource_group_id, cluster_id, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(user.to_string())
        .bind(grant.role.as_str())
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .bind(now)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes a user's role at a place; roles above and below stay.
    #[tracing::instrument(name = "db.membership.delete", skip_all, err(level = "debug"))]
    pub async fn revoke(&mut self, user: UserId, place: &Place) -> Result<(), StorageError> {
        let (subscription, group, cluster) = column::place_columns(place);
        sqlx::query(
            "DELETE FROM memberships WHERE user_id = $1 AND subscription_id = $2 \
             AND COALESCE(resource_group_id, '') = $3 AND COALESCE(cluster_id, '') = $4",
        )
        .bind(user.to_string())
        .bind(subscription)
        .bind(group.unwrap_or_default())
        .bind(cluster.unwrap_or_default())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct GroupRow {
    id: String,
    name: String,
    subscription_id: String,
    subscription_name: String,
}

impl TryFrom<GroupRow> for ResourceGroupRecord {
    type Error = StorageError;

    fn try_from(row: GroupRow) -> Result<Self, StorageError> {
        let unreadable = |error: ColumnError| error.of("resource group", &row.id);
        Ok(Self {
            id: column::id("id", &row.id).map_err(unreadable)?,
            subscription: column::id("subscription_id", &row.subscription_id).map_err(unreadable)?,
            name: row.name,
            subscription_name: row.subscription_name,
        })
    }
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    role: String,
    subscription_id: String,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
}

impl MembershipRow {
    fn read(&self) -> Result<Grant, ColumnError> {
        let role: Role = column::word("role", &self.role)?;
        let group = self.resource_group_id.as_deref();
        Ok(Grant { role, place: column::place(&self.subscription_id, group, self.cluster_id.as_deref())? })
    }
}

impl TryFrom<MembershipRow> for Grant {
    type Error = StorageError;

    fn try_from(row: MembershipRow) -> Result<Self, StorageError> {
        row.read().map_err(|error| error.of("role on", &row.subscription_id))
    }
}
