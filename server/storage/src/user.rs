//! People who sign in, and what every user has in common.

use domain::access::{Actor, UserKind, Via};
use domain::clock::Timestamp;
use domain::id::UserId;

use crate::Storage;
use crate::column::{self, ColumnError};
use crate::configuration::readable;
use crate::error::{StorageError, Taken, taken};
use crate::unit::UnitOfWork;

/// A person or service account.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Its id.
    pub id: UserId,
    /// Which of the two.
    pub kind: UserKind,
    /// As written.
    pub name: String,
    /// Argon2id, in PHC form; `None` until a password was set.
    pub password_hash: Option<String>,
    /// Owner of everything.
    pub administrator: bool,
}

/// A person in the list of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRecord {
    /// Its id.
    pub id: UserId,
    /// As written.
    pub name: String,
    /// Owner of everything.
    pub administrator: bool,
    /// Signs in with a password of ours.
    pub has_password: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// When a session was used last, of those that are open.
    pub last_seen: Option<Timestamp>,
}

const PERSON: &str = "SELECT u.id, u.name, u.administrator, u.password_hash IS NOT NULL AS has_password, \
    u.created_at, (SELECT MAX(s.last_used_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen \
    FROM users u WHERE u.kind = $1";
const USER: &str = "SELECT id, kind, name, password_hash, administrator FROM users";

/// The form user names are compared by.
pub(crate) fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Storage {
    /// A user by name, any case.
    #[tracing::instrument(name = "db.user.find", skip_all, err(level = "debug"))]
    pub async fn user_by_name(&self, name: &str) -> Result<Option<UserRecord>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{USER} WHERE name_key = $1")))
            .bind(name_key(name))
            .fetch_optional(self.database().read())
            .await?;
        row.map(UserRecord::try_from).transpose()
    }

    /// A user by id.
    #[tracing::instrument(name = "db.user.get", skip_all, err(level = "debug"))]
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{USER} WHERE id = $1")))
            .bind(id.to_string())
            .fetch_optional(self.database().read())
            .await?;
        row.map(UserRecord::try_from).transpose()
    }

    /// The first administrator that was made; `None` on a new database.
    #[tracing::instrument(name = "db.user.administrator", skip_all, err(level = "debug"))]
    pub async fn administrator(&self) -> Result<Option<UserRecord>, StorageError> {
        let row: Option<UserRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{USER} WHERE administrator = TRUE ORDER BY id LIMIT 1"
        )))
        .fetch_optional(self.database().read())
        .await?;
        row.map(UserRecord::try_from).transpose()
    }

    /// A user as every use case takes it: with what was granted.
    pub async fn actor(&self, id: UserId) -> Result<Option<Actor>, StorageError> {
        let Some(user) = self.user(id).await? else { return Ok(None) };
        let UserRecord { id, kind: _, name, password_hash: _, administrator } = user;
        let grants = self.grants(id).await?;
        Ok(Some(Actor { user: id, name, administrator, grants, limit: None, via: Via::default() }))
    }

    /// A person, as the list shows it.
    #[tracing::instrument(name = "db.user.person", skip_all, err(level = "debug"))]
    pub async fn person(&self, id: UserId) -> Result<Option<PersonRecord>, StorageError> {
        let row: Option<PersonRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{PERSON} AND u.id = $2")))
            .bind(UserKind::Person.as_str())
            .bind(id.to_string())
            .fetch_optional(self.database().read())
            .await?;
        row.map(PersonRecord::try_from).transpose()
    }

    /// People, by name: those behind `after`, at most `limit` of them.
    #[tracing::instrument(name = "db.user.people", skip_all, err(level = "debug"))]
    pub async fn people(&self, after: &str, limit: u32) -> Result<Vec<PersonRecord>, StorageError> {
        let rows: Vec<PersonRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{PERSON} AND u.name_key > $2 ORDER BY u.name_key LIMIT $3"
        )))
        .bind(UserKind::Person.as_str())
        .bind(name_key(after))
        .bind(limit)
        .fetch_all(self.database().read())
        .await?;
        Ok(readable(rows))
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

    /// Forgets a user with its sessions, tokens and roles; the audit keeps the name. `false` when it is gone already.
    #[tracing::instrument(name = "db.user.delete", skip_all, err(level = "debug"))]
    pub async fn delete_user(&mut self, id: UserId) -> Result<bool, StorageError> {
        let deleted = sqlx::query("DELETE FROM users WHERE id = $1")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }

    /// The groups a person is in from now on, as one identity provider says.
    #[tracing::instrument(name = "db.user.set_groups", skip_all, err(level = "debug"))]
    pub async fn set_groups(
        &mut self,
        id: UserId,
        provider: &str,
        groups: &[String],
    ) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM user_groups WHERE user_id = $1 AND provider = $2")
            .bind(id.to_string())
            .bind(provider)
            .execute(self.connection())
            .await?;
        for group in groups {
            sqlx::query(
                "INSERT INTO user_groups (user_id, provider, group_name) VALUES ($1, $2, $3) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(id.to_string())
            .bind(provider)
            .bind(group)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// Makes a user an administrator, or takes that away.
    #[tracing::instrument(name = "db.user.set_administrator", skip_all, err(level = "debug"))]
    pub async fn set_administrator(&mut self, id: UserId, administrator: bool) -> Result<(), StorageError> {
        sqlx::query("UPDATE users SET administrator = $1 WHERE id = $2")
            .bind(administrator)
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// What a user is called.
    #[tracing::instrument(name = "db.user.name", skip_all, err(level = "debug"))]
    pub async fn user_name(&mut self, id: UserId) -> Result<String, StorageError> {
        let name: String = sqlx::query_scalar("SELECT name FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(self.connection())
            .await?;
        Ok(name)
    }

    /// Whether a user has this name, in any case of its letters.
    #[tracing::instrument(name = "db.user.named", skip_all, err(level = "debug"))]
    pub async fn is_user_name_taken(&mut self, name: &str) -> Result<bool, StorageError> {
        let taken: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE name_key = $1)")
            .bind(name_key(name))
            .fetch_one(self.connection())
            .await?;
        Ok(taken)
    }

    /// Stores another hash of the password that a user has, unless that was changed meanwhile.
    #[tracing::instrument(name = "db.user.renew_password_hash", skip_all, err(level = "debug"))]
    pub async fn renew_password_hash(
        &mut self,
        id: UserId,
        before: &str,
        password_hash: &str,
    ) -> Result<(), StorageError> {
        sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
            .bind(password_hash)
            .bind(id.to_string())
            .bind(before)
            .execute(self.connection())
            .await?;
        Ok(())
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
    kind: String,
    name: String,
    password_hash: Option<String>,
    administrator: bool,
}

impl TryFrom<UserRow> for UserRecord {
    type Error = StorageError;

    fn try_from(row: UserRow) -> Result<Self, StorageError> {
        let UserRow { id, kind, name, password_hash, administrator } = row;
        let unreadable = |error: ColumnError| error.of("user", &id);
        let kind = column::word("kind", &kind).map_err(unreadable)?;
        let id = column::id("id", &id).map_err(unreadable)?;
        Ok(Self { id, kind, name, password_hash, administrator })
    }
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: String,
    name: String,
    administrator: bool,
    has_password: bool,
    created_at: i64,
    last_seen: Option<i64>,
}

impl TryFrom<PersonRow> for PersonRecord {
    type Error = StorageError;

    fn try_from(row: PersonRow) -> Result<Self, StorageError> {
        let PersonRow { id, name, administrator, has_password, created_at, last_seen } = row;
        Ok(Self {
            id: column::id("id", &id).map_err(|error| error.of("user", &id))?,
            name,
            administrator,
            has_password,
            created_at: Timestamp(created_at),
            last_seen: last_seen.map(Timestamp),
        })
    }
}
