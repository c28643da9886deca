//! Service accounts: users that have tokens and never sign in.

use domain::access::{Place, UserKind};
use domain::clock::Timestamp;
use domain::id::UserId;

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::error::{StorageError, Taken, taken};
use crate::unit::UnitOfWork;
use crate::user::name_key;

/// A service account to be made.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    /// To tell it from others; unique among all users.
    pub name: String,
    /// Where it belongs.
    pub place: Place,
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccountRecord {
    /// Its id.
    pub id: UserId,
    /// As written.
    pub name: String,
    /// Where it belongs.
    pub place: Place,
    /// Since when.
    pub created_at: Timestamp,
}

const SERVICE_ACCOUNT: &str = "SELECT id, name, subscription_id, resource_group_id, cluster_id, created_at \
    FROM users WHERE kind = $1";

impl Storage {
    /// The service accounts that belong to this very place, by name.
    #[tracing::instrument(name = "db.user.service_accounts", skip_all, err(level = "debug"))]
    pub async fn service_accounts(&self, place: &Place) -> Result<Vec<ServiceAccountRecord>, StorageError> {
        let (subscription, group, cluster) = column::place_columns(place);
        let rows: Vec<ServiceAccountRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{SERVICE_ACCOUNT} AND subscription_id = $2 AND resource_group_id IS $3 AND cluster_id IS $4 \
             ORDER BY name_key"
        )))
        .bind(UserKind::ServiceAccount.as_str())
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
    }

    /// A service account.
    #[tracing::instrument(name = "db.user.service_account", skip_all, err(level = "debug"))]
    pub async fn service_account(&self, id: UserId) -> Result<Option<ServiceAccountRecord>, StorageError> {
        let row: Option<ServiceAccountRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{SERVICE_ACCOUNT} AND id = $2")))
                .bind(UserKind::ServiceAccount.as_str())
                .bind(id.to_string())
                .fetch_optional(self.database().read())
                .await?;
        row.map(ServiceAccountRecord::try_from).transpose()
    }
}

impl UnitOfWork {
    /// Makes a service account. Without a role that is assigned to it, it may do nothing.
    #[tracing::instrument(name = "db.user.create_service_account", skip_all, err(level = "debug"))]
    pub async fn create_service_account(
        &mut self,
        account: &NewServiceAccount,
    ) -> Result<UserId, StorageError> {
        let (id, now) = (UserId(self.new_uuid()?), self.now().0);
        let (subscription, group, cluster) = column::place_columns(&account.place);
        sqlx::query(
            "INSERT INTO users (id, kind, name, name_key, administrator, created_at, subscription_id, \
             resource_group_id, cluster_id) VALUES ($1, $2, $3, $4, FALSE, $5, $6, $7, $8)",
        )
        .bind(id.to_string())
        .bind(UserKind::ServiceAccount.as_str())
        .bind(account.name.trim())
        .bind(name_key(&account.name))
        .bind(now)
        .bind(subscription)
        .bind(group)
        .bind(cluster)
        .execute(self.connection())
        .await
        .map_err(taken(Taken::UserName))?;
        Ok(id)
    }
}

#[derive(sqlx::FromRow)]
struct ServiceAccountRow {
    id: String,
    name: String,
    subscription_id: String,
    resource_group_id: Option<String>,
    cluster_id: Option<String>,
    created_at: i64,
}

impl TryFrom<ServiceAccountRow> for ServiceAccountRecord {
    type Error = StorageError;

    fn try_from(row: ServiceAccountRow) -> Result<Self, StorageError> {
        let unreadable = |error: ColumnError| error.of("service account", &row.id);
        let group = row.resource_group_id.as_deref();
        Ok(Self {
            id: column::id("id", &row.id).map_err(unreadable)?,
            place: column::place(&row.subscription_id, group, row.cluster_id.as_deref())
                .map_err(unreadable)?,
            name: row.name,
            created_at: Timestamp(row.created_at),
        })
    }
}
