//! People who come by an identity provider, and sign-ins that are on their way there. Callers hash state and browser;
//! neither is stored.

use domain::clock::Timestamp;
use domain::id::UserId;

use crate::Storage;
use crate::column;
use crate::error::StorageError;
use crate::unit::UnitOfWork;

/// Sign-ins on their way at once over all: each is begun by anybody who asks, so the oldest go when there are more.
const PENDING_MAX: i64 = 10_000;
/// And from one address, so that one visitor cannot push the others out.
const PENDING_PER_ADDRESS_MAX: i64 = 200;

/// Who somebody is at a provider. Names and mail addresses are no part of it: they change hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider's name in the settings.
    pub provider: String,
    /// Its issuer: under another one the same subject is somebody else (OpenID Connect Core 5.7).
    pub issuer: String,
    /// The subject, as the provider says it.
    pub subject: String,
}

/// A sign-in to be kept until the browser comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPendingSignIn {
    /// Hash of the state, by which it is found.
    pub state_hash: String,
    /// Hash of what the browser's cookie holds.
    pub browser_hash: String,
    /// The provider's name.
    pub provider: String,
    /// What the identity token must repeat.
    pub nonce: String,
    /// The secret behind the code challenge (RFC 7636).
    pub verifier: String,
    /// Where the person wanted to go.
    pub going_to: String,
    /// From where it was begun, as far as it is known.
    pub address: Option<String>,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// A sign-in whose browser came back.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    /// What the identity token must repeat.
    pub nonce: String,
    /// The secret behind the code challenge.
    pub verifier: String,
    /// Where the person wanted to go.
    pub going_to: String,
}

impl Storage {
    /// Keeps a sign-in, and makes room for it: those whose time is over go, then the oldest.
    #[tracing::instrument(name = "db.pending_sign_in.create", skip_all, err(level = "debug"))]
    pub async fn keep_sign_in(&self, pending: &NewPendingSignIn) -> Result<(), StorageError> {
        let mut unit = self.begin().await?;
        let now = unit.now().0;
        let NewPendingSignIn {
            state_hash,
            browser_hash,
            provider,
            nonce,
            verifier,
            going_to,
            address,
            expires_at,
        } = pending;
        sqlx::query("DELETE FROM pending_sign_ins WHERE expires_at <= $1")
            .bind(now)
            .execute(unit.connection())
            .await?;
        sqlx::query(
            "DELETE FROM pending_sign_ins WHERE state_hash IN (SELECT state_hash FROM pending_sign_ins \
             WHERE address = $1 ORDER BY created_at DESC, state_hash LIMIT -1 OFFSET $2)",
        )
        .bind(address)
        .bind(PENDING_PER_ADDRESS_MAX - 1)
        .execute(unit.connection())
        .await?;
        sqlx::query(
            "DELETE FROM pending_sign_ins WHERE state_hash IN (SELECT state_hash FROM pending_sign_ins \
             ORDER BY created_at DESC, state_hash LIMIT -1 OFFSET $1)",
        )
        .bind(PENDING_MAX - 1)
        .execute(unit.connection())
        .await?;
        sqlx::query(
            "INSERT INTO pending_sign_ins (state_hash, browser_hash, provider, nonce, verifier, going_to, address, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(state_hash)
        .bind(browser_hash)
        .bind(provider)
        .bind(nonce)
        .bind(verifier)
        .bind(going_to)
        .bind(address)
        .bind(now)
        .bind(expires_at.0)
        .execute(unit.connection())
        .await?;
        unit.commit().await
    }

    /// Takes a sign-in away, for this browser and this provider alone. `None` when there is none: it was finished
    /// already, is too old, was begun elsewhere or never. What somebody else brings leaves it where it is.
    #[tracing::instrument(name = "db.pending_sign_in.take", skip_all, err(level = "debug"))]
    pub async fn take_sign_in(
        &self,
        provider: &str,
        state_hash: &str,
        browser_hash: &str,
    ) -> Result<Option<PendingSignIn>, StorageError> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "DELETE FROM pending_sign_ins WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 \
             AND expires_at > $4 RETURNING nonce, verifier, going_to",
        )
        .bind(state_hash)
        .bind(browser_hash)
        .bind(provider)
        .bind(self.now().0)
        .fetch_optional(self.database().write())
        .await?;
        Ok(row.map(|(nonce, verifier, going_to)| PendingSignIn { nonce, verifier, going_to }))
    }
}

impl UnitOfWork {
    /// The user of an identity.
    #[tracing::instrument(name = "db.identity.user", skip_all, err(level = "debug"))]
    pub async fn identity_user(&mut self, identity: &Identity) -> Result<Option<UserId>, StorageError> {
        let Identity { provider, issuer, subject } = identity;
        let user: Option<String> = sqlx::query_scalar(
            "SELECT user_id FROM identities WHERE provider = $1 AND issuer = $2 AND subject = $3",
        )
        .bind(provider)
        .bind(issuer)
        .bind(subject)
        .fetch_optional(self.connection())
        .await?;
        user.map(|user| column::id("user_id", &user).map_err(|error| error.of("identity of", &user)))
            .transpose()
    }

    /// Whether a user comes by an identity provider.
    #[tracing::instrument(name = "db.identity.of", skip_all, err(level = "debug"))]
    pub async fn has_identity(&mut self, user: UserId) -> Result<bool, StorageError> {
        let has: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM identities WHERE user_id = $1)")
            .bind(user.to_string())
            .fetch_one(self.connection())
            .await?;
        Ok(has)
    }

    /// From now on whoever has this identity is this user.
    #[tracing::instrument(name = "db.identity.create", skip_all, err(level = "debug"))]
    pub async fn create_identity(&mut self, identity: &Identity, user: UserId) -> Result<(), StorageError> {
        let now = self.now().0;
        let Identity { provider, issuer, subject } = identity;
        sqlx::query(
            "INSERT INTO identities (provider, issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(provider)
        .bind(issuer)
        .bind(subject)
        .bind(user.to_string())
        .bind(now)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
