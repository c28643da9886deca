//! Webhooks: a configuration's address that its Git host tells of pushes. The secret is in `secret.rs`.

use domain::clock::Timestamp;
use domain::id::{ConfigurationId, UserId};

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// A webhook as its configuration shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Last part of its path: random, and the same for as long as the webhook lives.
    pub address: String,
    /// When its secret was made.
    pub made_at: Timestamp,
    /// The last one with the right secret.
    pub taken_at: Option<Timestamp>,
    /// The last one without it.
    pub refused_at: Option<Timestamp>,
}

/// What a webhook that comes in is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookTarget {
    /// Whose it is.
    pub configuration: ConfigurationId,
    /// What is read, to tell whether this is what it names.
    pub repository_url: String,
    /// Its branch.
    pub branch: String,
    /// Nothing is done for it.
    pub suspended: bool,
    /// A hint that waits already, and for when.
    pub hint_at: Option<Timestamp>,
}

impl Storage {
    /// The webhook of a configuration; `None` when it has none.
    #[tracing::instrument(name = "db.webhook.get", skip_all, err(level = "debug"))]
    pub async fn webhook(&self, id: ConfigurationId) -> Result<Option<WebhookRecord>, StorageError> {
        let row: Option<(String, i64, Option<i64>, Option<i64>)> = sqlx::query_as(
            "SELECT address, made_at, taken_at, refused_at FROM webhooks WHERE configuration_id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(self.database().read())
        .await?;
        Ok(row.map(|(address, made_at, taken_at, refused_at)| WebhookRecord {
            address,
            made_at: Timestamp(made_at),
            taken_at: taken_at.map(Timestamp),
            refused_at: refused_at.map(Timestamp),
        }))
    }

    /// What is behind an address; `None` when nothing is.
    #[tracing::instrument(name = "db.webhook.target", skip_all, err(level = "debug"))]
    pub async fn webhook_target(&self, address: &str) -> Result<Option<WebhookTarget>, StorageError> {
        let row: Option<(String, String, String, bool, Option<i64>)> = sqlx::query_as(
            "SELECT c.id, c.repository_url, c.branch, c.suspended_at IS NOT NULL, s.hint_at \
             FROM webhooks w JOIN configurations c ON c.id = w.configuration_id \
             JOIN configuration_status s ON s.configuration_id = c.id WHERE w.address = $1",
        )
        .bind(address)
        .fetch_optional(self.database().read())
        .await?;
        let Some((id, repository_url, branch, suspended, hint_at)) = row else { return Ok(None) };
        Ok(Some(WebhookTarget {
            configuration: column::id("id", &id).map_err(|error| error.of("configuration", &id))?,
            repository_url,
            branch,
            suspended,
            hint_at: hint_at.map(Timestamp),
        }))
    }

    /// Notes that one was taken now.
    #[tracing::instrument(name = "db.webhook.taken", skip_all, err(level = "debug"))]
    pub async fn webhook_taken(&self, id: ConfigurationId) -> Result<(), StorageError> {
        sqlx::query("UPDATE webhooks SET taken_at = $1 WHERE configuration_id = $2")
            .bind(self.now().0)
            .bind(id.to_string())
            .execute(self.database().write())
            .await?;
        Ok(())
    }

    /// Notes that one was refused now.
    #[tracing::instrument(name = "db.webhook.refused", skip_all, err(level = "debug"))]
    pub async fn webhook_refused(&self, id: ConfigurationId) -> Result<(), StorageError> {
        sqlx::query("UPDATE webhooks SET refused_at = $1 WHERE configuration_id = $2")
            .bind(self.now().0)
            .bind(id.to_string())
            .execute(self.database().write())
            .await?;
        Ok(())
    }
}

impl UnitOfWork {
    /// Makes a configuration's webhook at `address`, or makes the one it has anew at the address it has; gives back which.
    /// What was noted of the earlier one is forgotten. `None` when the configuration is gone.
    #[tracing::instrument(name = "db.webhook.put", skip_all, err(level = "debug"))]
    pub async fn put_webhook(
        &mut self,
        id: ConfigurationId,
        address: &str,
        by: UserId,
    ) -> Result<Option<String>, StorageError> {
        let now = self.now().0;
        Ok(sqlx::query_scalar(
            "INSERT INTO webhooks (configuration_id, address, made_at, made_by) \
             SELECT id, $1, $2, $3 FROM configurations WHERE id = $4 \
             ON CONFLICT (configuration_id) DO UPDATE SET made_at = excluded.made_at, made_by = excluded.made_by, \
             taken_at = NULL, refused_at = NULL RETURNING address",
        )
        .bind(address)
        .bind(now)
        .bind(by.to_string())
        .bind(id.to_string())
        .fetch_optional(self.connection())
        .await?)
    }

    /// Deletes a configuration's webhook. `false` when it has none.
    #[tracing::instrument(name = "db.webhook.delete", skip_all, err(level = "debug"))]
    pub async fn delete_webhook(&mut self, id: ConfigurationId) -> Result<bool, StorageError> {
        let deleted = sqlx::query("DELETE FROM webhooks WHERE configuration_id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}
