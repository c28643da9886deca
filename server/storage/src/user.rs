//! People who sign in.

use domain::access::Actor;
use domain::id::UserId;

use crate::Storage;
use crate::column;
use crate::error::{StorageError, Taken, taken};
use crate::unit::UnitOfWork;

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Its id.
    pub id: UserId,
    /// As written.
    pub name: String,
    /// Argon2id, in PHC form; `None` until a password was set.
    pub password_hash: Option<String>,
    /// Owner of everything.
    pub administrator: bool,
}

/// The form user names are compared by.
fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Storage {
    /// A user by name, any case.
    #[tracing::instrument(name = "db.user.find", skip_all, err(level = "debug"))]
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRecord>, StorageError> {
        let row: Option<UserRow> =
            sqlx::query_as("SELECT id, name, password_hash, administrator FROM users WHERE name_key = $1")
                .bind(name_key(name))
                .fetch_optional(self.database().read())
                .await?;
        row.map(UserRecord::try_from).transpose()
    }

    /// A user by id.
    #[tracing::instrument(name = "db.user.get", skip_all, err(level = "debug"))]
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>, StorageError> {
        let row: Option<UserRow> =
            sqlx::query_as("SELECT id, name, password_hash, administrator FROM users WHERE id = $1")
                .bind(id.to_string())
                .fetch_optional(self.database().read())
                .await?;
        row.map(UserRecord::try_from).transpose()
    }

    /// The first administrator that was made; `None` on a new database.
    #[tracing::instrument(name = "db.user.administrator", skip_all, err(level = "debug"))]
    pub async fn administrator(&self) -> Result<Option<UserRecord>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(
            "SELECT id, name, password_hash, administrator FROM users WHERE administrator = TRUE \
             ORDER BY id LIMIT 1",
        )
        .fetch_optional(self.database().read())
        .await?;
        row.map(UserRecord::try_from).transpose()
    }

    /// A user as every use case takes it: with what was granted.
    pub async fn actor(&self, id: UserId) -> Result<Option<Actor>, StorageError> {
        let Some(user) = self.user(id).await? else { return Ok(None) };
        let UserRecord { id, name, password_hash: _, administrator } = user;
        Ok(Some(Actor { user: id, name, administrator, grants: self.grants(id).await? }))
    }
}

impl UnitOfWork {
    /// Makes a user without a password.
    #[tracing::instrument(name = "db.user.create", skip_all, err(level = "debug"))]
    pub async fn create_user(&mut self, name: &str, administrator: bool) -> Result<UserId, StorageError> {
        let (id, now) = (UserId(self.new_uuid()?), self.now().0);
        sqlx::query(
            "INSERT INTO users (id, name, name_key, administrator, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.to_string())
        .bind(name.trim())
        .bind(name_key(name))
        .bind(administrator)
        .bind(now)
        .execute(self.connection())
        .await
        .map_err(taken(Taken::UserName))?;
        Ok(id)
    }

    /// Sets the hash of a user's password and ends all sessions. `false` when the user is gone.
    #[tracing::instrument(name = "db.user.set_password", skip_all, err(level = "debug"))]
    pub async fn set_password(&mut self, id: UserId, password_hash: &str) -> Result<bool, StorageError> {
        let updated = sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
            .bind(password_hash)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        sqlx::query("DELETE FROM sessions WHERE user_id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(updated.rows_affected() > 0)
    }
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: String,
    name: String,
    password_hash: Option<String>,
    administrator: bool,
}

impl TryFrom<UserRow> for UserRecord {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        let UserRow { id, name, password_hash, administrator } = row;
        let id = column::id("id", &id).map_err(|error| error.of("user", &id))?;
        Ok(Self { id, name, password_hash, administrator })
    }
}
