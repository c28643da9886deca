//! Lists of objects that left Git and wait for a person, and what persons said to them.

use domain::clock::Timestamp;
use domain::id::{ConfigurationId, UserId};
use domain::prune::{PruneCause, PruneGuard, PruneObject};

use crate::Storage;
use crate::column::{self, ColumnError, to_json};
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// A list as a sync found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPruneList {
    /// Why there is one; one of each cause.
    pub cause: PruneCause,
    /// Names exactly these objects.
    pub hash: String,
    /// What speaks against deleting them.
    pub guards: Vec<PruneGuard>,
    /// Which.
    pub objects: Vec<PruneObject>,
}

/// A list as it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneList {
    /// As found.
    pub list: NewPruneList,
    /// When exactly these objects were found first.
    pub since: Timestamp,
    /// Who said that they may go, and when.
    pub confirmed: Option<(UserId, Timestamp)>,
}

impl Storage {
    /// The lists of a configuration, by cause.
    #[tracing::instrument(name = "db.prune.list", skip_all, err(level = "debug"))]
    pub async fn prune_lists(&self, id: ConfigurationId) -> Result<Vec<PruneList>, StorageError> {
        let rows: Vec<PruneRow> = sqlx::query_as(
            "SELECT cause, hash, guards, objects, since, confirmed_by, confirmed_at FROM prune_lists \
             WHERE configuration_id = $1 ORDER BY cause",
        )
        .bind(id.to_string())
        .fetch_all(self.database().read())
        .await?;
        rows.into_iter()
            .map(|row| row.read().map_err(|error| error.of("prune list of", &id.to_string())))
            .collect()
    }
}

impl UnitOfWork {
    /// A person says that exactly the objects of the list with this hash may go. `false` when there is no such list
    /// any more: it has changed, and the person saw another one.
    #[tracing::instrument(name = "db.prune.confirm", skip_all, err(level = "debug"))]
    pub async fn confirm_prune(
        &mut self,
        id: ConfigurationId,
        hash: &str,
        by: UserId,
    ) -> Result<bool, StorageError> {
        let now = self.now().0;
        let confirmed = sqlx::query(
            "UPDATE prune_lists SET confirmed_by = $1, confirmed_at = $2 \
             WHERE configuration_id = $3 AND hash = $4 AND cause <> $5",
        )
        .bind(by.to_string())
        .bind(now)
        .bind(id.to_string())
        .bind(hash)
        .bind(PruneCause::Dry.as_str())
        .execute(self.connection())
        .await?;
        Ok(confirmed.rows_affected() > 0)
    }

    /// Makes these the lists of a configuration. One that was there already keeps its age and what a person said.
    pub(crate) async fn replace_prune_lists(
        &mut self,
        id: ConfigurationId,
        lists: &[NewPruneList],
    ) -> Result<(), StorageError> {
        let now = self.now().0;
        for cause in [PruneCause::Guard, PruneCause::LeftBehind, PruneCause::Dry] {
            let hash = lists.iter().find(|list| list.cause == cause).map_or("", |list| list.hash.as_str());
            sqlx::query("DELETE FROM prune_lists WHERE configuration_id = $1 AND cause = $2 AND hash <> $3")
                .bind(id.to_string())
                .bind(cause.as_str())
                .bind(hash)
                .execute(self.connection())
                .await?;
        }
        for list in lists {
            // no `..`: a new part of a list must be stored
            let NewPruneList { cause, hash, guards, objects } = list;
            sqlx::query(
                "INSERT INTO prune_lists (configuration_id, cause, hash, guards, objects, since) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (configuration_id, cause) DO UPDATE SET guards = excluded.guards",
            )
            .bind(id.to_string())
            .bind(cause.as_str())
            .bind(hash)
            .bind(to_json(guards)?)
            .bind(to_json(objects)?)
            .bind(now)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct PruneRow {
    cause: String,
    hash: String,
    guards: String,
    objects: String,
    since: i64,
    confirmed_by: Option<String>,
    confirmed_at: Option<i64>,
}

impl PruneRow {
    fn read(self) -> Result<PruneList, ColumnError> {
        let by = self.confirmed_by.map(|by| column::id("confirmed_by", &by)).transpose()?;
        Ok(PruneList {
            list: NewPruneList {
                cause: column::word("cause", &self.cause)?,
                hash: self.hash,
                guards: column::json("guards", &self.guards)?,
                objects: column::json("objects", &self.objects)?,
            },
            since: Timestamp(self.since),
            confirmed: by.zip(self.confirmed_at.map(Timestamp)),
        })
    }
}
