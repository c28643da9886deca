//! Failed sign-ins per user name and per address: the longer the row of failures, the longer the wait.

use domain::clock::Timestamp;

use crate::Storage;
use crate::error::StorageError;

/// How a key stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    /// Failures one after the other.
    pub failures: u32,
    /// No attempt counts before this; `None` when the next is free.
    pub next_at: Option<Timestamp>,
}

impl Storage {
    /// How a key stands; an unknown one is free.
    #[tracing::instrument(name = "db.throttle.get", skip_all, err(level = "debug"))]
    pub async fn throttle(&self, key: &str) -> Result<Throttle, StorageError> {
        let row: Option<(i64, i64)> =
            sqlx::query_as("SELECT failures, next_at FROM sign_in_throttle WHERE throttle_key = $1")
                .bind(key)
                .fetch_optional(self.database().read())
                .await?;
        Ok(row.map_or_else(Throttle::default, |(failures, next_at)| Throttle {
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            next_at: Some(Timestamp(next_at)),
        }))
    }

    /// One more failure; no attempt counts before `next_at`. Gives back the failures so far.
    #[tracing::instrument(name = "db.throttle.fail", skip_all, err(level = "debug"))]
    pub async fn throttle_failure(&self, key: &str, next_at: Timestamp) -> Result<u32, StorageError> {
        let failures: i64 = sqlx::query_scalar(
            "INSERT INTO sign_in_throttle (throttle_key, failures, next_at, updated_at) VALUES ($1, 1, $2, $3) \
             ON CONFLICT (throttle_key) DO UPDATE SET failures = sign_in_throttle.failures + 1, \
             next_at = excluded.next_at, updated_at = excluded.updated_at RETURNING failures",
        )
        .bind(key)
        .bind(next_at.0)
        .bind(self.now().0)
        .fetch_one(self.database().write())
        .await?;
        Ok(u32::try_from(failures).unwrap_or(u32::MAX))
    }

    /// The attempt was right.
    #[tracing::instrument(name = "db.throttle.clear", skip_all, err(level = "debug"))]
    pub async fn clear_throttle(&self, key: &str) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM sign_in_throttle WHERE throttle_key = $1")
            .bind(key)
            .execute(self.database().write())
            .await?;
        Ok(())
    }
}
