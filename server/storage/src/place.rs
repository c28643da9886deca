//! Subscriptions and resource groups.

use domain::access::{Place, Visible};
use domain::id::{ResourceGroupId, SubscriptionId};
use domain::name::ResourceGroupName;
use domain::quota::Quota;
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::database::Driver;
use crate::error::{StorageError, Taken, taken};
use crate::quota::{QuotaRecord, QuotaRow};
use crate::unit::UnitOfWork;
use crate::visibility::{push_visible, push_visible_groups, push_visible_places};

/// A resource group and the subscription it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceGroupRecord {
    /// Its id.
    pub id: ResourceGroupId,
    /// As written.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Display name of that.
    pub subscription_name: String,
    /// How much it may hold and do.
    pub quota: Quota,
}

impl ResourceGroupRecord {
    /// For the decision about rights.
    pub fn place(&self) -> Place {
        Place::ResourceGroup(self.subscription, self.id)
    }
}

/// A place and the names on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRecord {
    /// Which.
    pub place: Place,
    /// Display name of its subscription.
    pub subscription_name: String,
    /// Name of its resource group, if it is one or in one.
    pub resource_group_name: Option<String>,
    /// Display name of that.
    pub resource_group_display_name: Option<String>,
    /// Name of the cluster, if it is one.
    pub cluster_name: Option<String>,
}

/// A subscription or resource group in the list of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPlace {
    /// Which; never a cluster.
    pub place: Place,
    /// Display name of its subscription.
    pub subscription_name: String,
    /// Its name, if it is a resource group.
    pub resource_group_name: Option<String>,
    /// Its display name, if it is a resource group.
    pub resource_group_display_name: Option<String>,
    /// Clusters in it that the actor sees.
    pub clusters: u32,
}

/// The three kinds of places under one id, which only one of them has.
const PLACE: &str = "SELECT u.id AS subscription_id, u.display_name AS subscription_name, \
    NULL AS resource_group_id, NULL AS resource_group_name, NULL AS resource_group_display_name, \
    NULL AS cluster_id, NULL AS cluster_name \
    FROM subscriptions u WHERE u.id = $1 \
    UNION ALL SELECT u.id, u.display_name, g.id, g.name, g.display_name, NULL, NULL \
    FROM resource_groups g JOIN subscriptions u ON u.id = g.subscription_id WHERE g.id = $1 \
    UNION ALL SELECT u.id, u.display_name, g.id, g.name, g.display_name, k.id, k.name FROM clusters k \
    JOIN resource_groups g ON g.id = k.resource_group_id JOIN subscriptions u ON u.id = g.subscription_id \
    WHERE k.id = $1";

const LISTED: &str = "SELECT u.id AS subscription_id, u.display_name AS subscription_name, \
    g.id AS resource_group_id, g.name AS resource_group_name, g.display_name AS resource_group_display_name, \
    (SELECT COUNT(*) FROM clusters k WHERE k.resource_group_id = g.id";

const GROUP: &str = "SELECT g.id, g.name, g.display_name, g.subscription_id, u.display_name AS subscription_name, \
    g.quota_configurations, g.quota_clusters, g.quota_objects_per_sync, g.quota_syncs_per_hour, \
    g.quota_repository_mebibytes, g.quota_version \
    FROM resource_groups g JOIN subscriptions u ON u.id = g.subscription_id WHERE 1 = 1";

impl Storage {
    /// The resource groups an actor sees something of, by display names.
    #[tracing::instrument(name = "db.resource_group.list", skip_all, err(level = "debug"))]
    pub async fn resource_groups(&self, visible: &Visible) -> Result<Vec<ResourceGroupRecord>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(GROUP);
        push_visible_groups(&mut query, visible);
        query.push(" ORDER BY u.display_name, u.id, LOWER(g.display_name), g.name_key");
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

    /// Which place has this id, whatever it is, with the names on the way to it.
    #[tracing::instrument(name = "db.place.find", skip_all, err(level = "debug"))]
    pub async fn place(&self, id: Uuid) -> Result<Option<PlaceRecord>, StorageError> {
        let row: Option<PlaceRow> =
            sqlx::query_as(PLACE).bind(id.to_string()).fetch_optional(self.database().read()).await?;
        row.map(PlaceRecord::try_from).transpose()
    }

    /// The subscriptions and resource groups an actor sees something of, each with its number of clusters. Groups
    /// come with their subscription; one without groups comes alone.
    #[tracing::instrument(name = "db.place.list", skip_all, err(level = "debug"))]
    pub async fn places(&self, visible: &Visible) -> Result<Vec<ListedPlace>, StorageError> {
        let mut query = QueryBuilder::<Driver>::new(LISTED);
        push_visible(&mut query, visible);
        query.push(
            ") AS clusters FROM subscriptions u \
             LEFT JOIN resource_groups g ON g.subscription_id = u.id WHERE 1 = 1",
        );
        push_visible_places(&mut query, visible);
        query.push(" ORDER BY u.display_name, u.id, LOWER(g.display_name), g.name_key");
        let rows: Vec<ListedRow> = query.build_query_as().fetch_all(self.database().read()).await?;
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

    /// Makes a resource group, called by its name at first.
    #[tracing::instrument(name = "db.resource_group.create", skip_all, err(level = "debug"))]
    pub async fn create_resource_group(
        &mut self,
        subscription: SubscriptionId,
        name: &ResourceGroupName,
    ) -> Result<ResourceGroupId, StorageError> {
        let (id, now) = (ResourceGroupId(self.new_uuid()?), self.now().0);
        sqlx::query(
            "INSERT INTO resource_groups (id, subscription_id, name, name_key, display_name, created_at) \
             VALUES ($1, $2, $3, $4, $3, $5)",
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

    /// Gives a subscription another display name. `false` when it is gone.
    #[tracing::instrument(name = "db.subscription.rename", skip_all, err(level = "debug"))]
    pub async fn rename_subscription(
        &mut self,
        id: SubscriptionId,
        display_name: &str,
    ) -> Result<bool, StorageError> {
        self.rename("UPDATE subscriptions SET display_name = $1 WHERE id = $2", id.0, display_name).await
    }

    /// Gives a resource group another display name. `false` when it is gone.
    #[tracing::instrument(name = "db.resource_group.rename", skip_all, err(level = "debug"))]
    pub async fn rename_resource_group(
        &mut self,
        id: ResourceGroupId,
        display_name: &str,
    ) -> Result<bool, StorageError> {
        self.rename("UPDATE resource_groups SET display_name = $1 WHERE id = $2", id.0, display_name).await
    }

    /// Deletes a subscription with the roles on it. The database refuses it while it has resource groups.
    #[tracing::instrument(name = "db.subscription.delete", skip_all, err(level = "debug"))]
    pub async fn delete_subscription(&mut self, id: SubscriptionId) -> Result<bool, StorageError> {
        self.delete_empty("DELETE FROM subscriptions WHERE id = $1", id.0).await
    }

    /// Deletes a resource group with the roles on it. The database refuses it while it has clusters.
    #[tracing::instrument(name = "db.resource_group.delete", skip_all, err(level = "debug"))]
    pub async fn delete_resource_group(&mut self, id: ResourceGroupId) -> Result<bool, StorageError> {
        self.delete_empty("DELETE FROM resource_groups WHERE id = $1", id.0).await
    }

    async fn rename(
        &mut self,
        statement: &'static str,
        id: Uuid,
        display_name: &str,
    ) -> Result<bool, StorageError> {
        let renamed =
            sqlx::query(statement).bind(display_name).bind(id.to_string()).execute(self.connection()).await?;
        Ok(renamed.rows_affected() > 0)
    }

    async fn delete_empty(&mut self, statement: &'static str, id: Uuid) -> Result<bool, StorageError> {
        let deleted = sqlx::query(statement).bind(id.to_string()).execute(self.connection()).await;
        match deleted {
            Ok(deleted) => Ok(deleted.rows_affected() > 0),
            Err(error) if is_in_use(&error) => Err(StorageError::InUse),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_in_use(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

#[derive(sqlx::FromRow)]
struct GroupRow {
    id: String,
    name: String,
    display_name: String,
    subscription_id: String,
    subscription_name: String,
    #[sqlx(flatten)]
    quota: QuotaRow,
}

impl TryFrom<GroupRow> for ResourceGroupRecord {
    type Error = StorageError;

    fn try_from(row: GroupRow) -> Result<Self, StorageError> {
        let unreadable = |error: ColumnError| error.of("resource group", &row.id);
        Ok(Self {
            id: column::id("id", &row.id).map_err(unreadable)?,
            subscription: column::id("subscription_id", &row.subscription_id).map_err(unreadable)?,
            name: row.name,
            display_name: row.display_name,
            subscription_name: row.subscription_name,
            quota: QuotaRecord::from(row.quota).quota,
        })
    }
}

#[derive(sqlx::FromRow)]
struct PlaceRow {
    subscription_id: String,
    subscription_name: String,
    resource_group_id: Option<String>,
    resource_group_name: Option<String>,
    resource_group_display_name: Option<String>,
    cluster_id: Option<String>,
    cluster_name: Option<String>,
}

impl TryFrom<PlaceRow> for PlaceRecord {
    type Error = StorageError;

    fn try_from(row: PlaceRow) -> Result<Self, StorageError> {
        let group = row.resource_group_id.as_deref();
        let place = column::place(&row.subscription_id, group, row.cluster_id.as_deref());
        Ok(Self {
            place: place.map_err(|error| error.of("place in", &row.subscription_id))?,
            subscription_name: row.subscription_name,
            resource_group_name: row.resource_group_name,
            resource_group_display_name: row.resource_group_display_name,
            cluster_name: row.cluster_name,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    subscription_id: String,
    subscription_name: String,
    resource_group_id: Option<String>,
    resource_group_name: Option<String>,
    resource_group_display_name: Option<String>,
    clusters: i64,
}

impl TryFrom<ListedRow> for ListedPlace {
    type Error = StorageError;

    fn try_from(row: ListedRow) -> Result<Self, StorageError> {
        let place = column::place(&row.subscription_id, row.resource_group_id.as_deref(), None);
        Ok(Self {
            place: place.map_err(|error| error.of("place in", &row.subscription_id))?,
            subscription_name: row.subscription_name,
            resource_group_name: row.resource_group_name,
            resource_group_display_name: row.resource_group_display_name,
            clusters: u32::try_from(row.clusters).unwrap_or(u32::MAX),
        })
    }
}
