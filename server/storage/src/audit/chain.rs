//! The chain of hashes over the audit: whoever changes or removes a row has to change all that come after, and the
//! newest hash is kept elsewhere too (in the log), so that a tail that was cut off shows as well.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{AuditRow, COLUMNS};
use crate::Storage;
use crate::database::Connection;
use crate::error::StorageError;

/// Rows that are read at once.
const BATCH: i64 = 1_000;

type Words<'row> = (i64, i64, &'row Option<String>, &'row String, &'row String);
type Three<'row, T> = (&'row T, &'row T, &'row T);
type Rest<'row> =
    (&'row Option<String>, &'row Option<String>, &'row Option<String>, &'row String, &'row String);
/// What a hash is over.
pub(super) type Links<'row> = (Words<'row>, Three<'row, String>, Three<'row, Option<String>>, Rest<'row>);

/// The newest entry and its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditEnd {
    /// Its number; 0 before the first.
    pub seq: i64,
    /// Its hash, in hexadecimal; empty before the first.
    pub hash: String,
}

/// What a check of the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every entry follows the one before.
    Whole {
        /// The newest.
        end: AuditEnd,
    },
    /// This entry does not follow the one before: it or one before it was changed, or one was removed.
    Broken {
        /// Its number.
        seq: i64,
    },
    /// The chain ends before an entry that was known.
    Cut {
        /// The newest there is.
        end: AuditEnd,
    },
}

/// The hash of a row behind the one with `before`.
pub(super) fn link(before: &str, row: &impl Serialize) -> String {
    let mut hash = Sha256::new();
    hash.update(before);
    // Texts and numbers are always JSON.
    hash.update(serde_json::to_vec(row).unwrap_or_default());
    HEXLOWER.encode(&hash.finalize())
}

/// The newest entry there is, read inside the transaction that adds the next.
pub(super) async fn newest(connection: &mut Connection) -> Result<AuditEnd, StorageError> {
    let row: Option<(i64, Option<String>)> =
        sqlx::query_as("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(seq, hash)| AuditEnd { seq, hash: hash.unwrap_or_default() }).unwrap_or_default())
}

impl Storage {
    /// The newest entry and its hash, to be kept elsewhere.
    #[tracing::instrument(name = "db.audit.end", skip_all, err(level = "debug"))]
    pub async fn audit_end(&self) -> Result<AuditEnd, StorageError> {
        newest(&mut *self.database().read().acquire().await?).await
    }

    /// Computes every hash again. `known` is an entry that was seen once: without it, or with another hash, the
    /// chain was cut.
    #[tracing::instrument(name = "db.audit.check", skip_all, err(level = "debug"))]
    pub async fn check_audit(&self, known: Option<&AuditEnd>) -> Result<AuditCheck, StorageError> {
        let mut end = AuditEnd::default();
        let mut seen = known.is_none_or(|known| known.seq == 0);
        loop {
            let rows = self.rows_behind(end.seq).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let hash = row.link(&end.hash);
                if row.seq != end.seq + 1 || row.hash.as_deref() != Some(&hash) {
                    return Ok(AuditCheck::Broken { seq: row.seq });
                }
                end = AuditEnd { seq: row.seq, hash };
                seen |= known == Some(&end);
            }
        }
        Ok(if seen { AuditCheck::Whole { end } } else { AuditCheck::Cut { end } })
    }

    async fn rows_behind(&self, seq: i64) -> Result<Vec<AuditRow>, StorageError> {
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS} FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"
        )))
        .bind(seq)
        .bind(BATCH)
        .fetch_all(self.database().read())
        .await?)
    }

    /// Chains the entries of versions that knew no hashes. Once, when the database is opened.
    pub(crate) async fn chain_audit(&self) -> Result<(), StorageError> {
        let first: Option<i64> = sqlx::query_scalar("SELECT MIN(seq) FROM audit WHERE hash IS NULL")
            .fetch_one(self.database().read())
            .await?;
        let Some(first) = first else { return Ok(()) };
        let mut unit = self.begin().await?;
        let before: Option<String> = sqlx::query_scalar("SELECT hash FROM audit WHERE seq = $1")
            .bind(first - 1)
            .fetch_optional(unit.connection())
            .await?
            .flatten();
        let mut before = before.unwrap_or_default();
        let mut seq = first - 1;
        loop {
            let rows = self.rows_behind(seq).await?;
            let Some(last) = rows.last() else { break };
            seq = last.seq;
            for row in rows {
                before = row.link(&before);
                sqlx::query("UPDATE audit SET hash = $1 WHERE seq = $2")
                    .bind(&before)
                    .bind(row.seq)
                    .execute(unit.connection())
                    .await?;
            }
        }
        unit.commit().await
    }
}
