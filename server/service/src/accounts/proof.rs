//! Passwords as somebody types them: compared, and each wrong one costs a pause.

use domain::access::Via;
use domain::service::ServiceError;
use storage::{AuditEntry, AuditOutcome, UserRecord};

use super::{Accounts, USER_NAME_MAX};
use crate::error::{hashed, stored};
use crate::presence::network;

/// First pause after a wrong password; it doubles with each further one.
const FIRST_PAUSE_MILLISECONDS: i64 = 500;
/// Longest pause: nobody can lock a user out for longer by guessing.
const PAUSE_MAX_MILLISECONDS: i64 = 60_000;
/// Wrong passwords from one address that are written down in an hour; all are counted.
pub(super) const REFUSALS_KEPT: u32 = 1000;
/// Wrong passwords that cost no pause: typing errors.
const FREE_FAILURES: u32 = 4;

impl Accounts {
    /// The user of this name, if this is the password. Wherever a password is asked for, a wrong one counts for the next,
    /// and `refused` is written down.
    pub(super) async fn prove(
        &self,
        user_name: &str,
        password: &str,
        via: &Via,
        refused: impl FnOnce() -> AuditEntry,
    ) -> Result<Option<UserRecord>, ServiceError> {
        if user_name.chars().count() > USER_NAME_MAX
            || password.chars().count() > domain::password::PASSWORD_MAX
        {
            return Ok(None);
        }
        // Wrong guesses from elsewhere make nobody wait here.
        let from = network(via.address.as_deref().unwrap_or_default());
        let key = format!("user:{} {from}", user_name.trim().to_lowercase());
        let throttle = self.storage.throttle(&key).await.map_err(stored)?;
        if throttle.next_at.is_some_and(|next| next > self.clock.now()) {
            return Err(ServiceError::Busy);
        }
        let user = self.storage.user_by_name(user_name).await.map_err(stored)?;
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let right = self.passwords.verify(password, hash, &from).await.map_err(hashed)?;
        let Some(user) = user.filter(|_| right) else {
            let noted = self.refusals.admits(&from, self.clock.now());
            self.note_failure(&key, throttle.failures, noted.then(refused)).await?;
            return Ok(None);
        };
        self.storage.clear_throttle(&key).await.map_err(stored)?;
        self.strengthen(&user, password).await?;
        Ok(Some(user))
    }

    /// Hashes a password anew whose stored hash is weaker than those of today. It stays the same password: nobody is
    /// signed out by it, and nothing is written down.
    async fn strengthen(&self, user: &UserRecord, password: &str) -> Result<(), ServiceError> {
        let weak = user.password_hash.as_deref().filter(|before| self.passwords.is_weak(before));
        let Some(before) = weak else { return Ok(()) };
        let hash = self.passwords.hash(password).await.map_err(hashed)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        unit.renew_password_hash(user.id, before, &hash).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    /// Writes down that somebody shows what is none of ours, or was used already.
    pub(crate) async fn note_stranger(&self, what: &str, via: &Via) -> Result<(), ServiceError> {
        let from = network(via.address.as_deref().unwrap_or_default());
        if !self.refusals.admits(&from, self.clock.now()) {
            return Ok(());
        }
        self.write_down(&AuditEntry { target_name: what.to_owned(), ..refused_sign_in("", via) }).await
    }

    /// Notes a wrong password: the next try counts after a pause that doubles each time.
    async fn note_failure(
        &self,
        key: &str,
        failures: u32,
        entry: Option<AuditEntry>,
    ) -> Result<(), ServiceError> {
        let next_at = self.clock.now().plus_milliseconds(pause_milliseconds(failures));
        self.storage.throttle_failure(key, next_at).await.map_err(stored)?;
        match entry {
            Some(entry) => self.write_down(&entry).await,
            None => Ok(()),
        }
    }

    /// What is refused changes nothing else.
    async fn write_down(&self, entry: &AuditEntry) -> Result<(), ServiceError> {
        let mut unit = self.storage.begin().await.map_err(stored)?;
        unit.audit(entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }
}

/// How long nothing counts after so many failures one after the other.
pub(crate) fn pause_milliseconds(failures: u32) -> i64 {
    let doublings = failures.saturating_sub(FREE_FAILURES).min(10);
    if failures < FREE_FAILURES {
        0
    } else {
        (FIRST_PAUSE_MILLISECONDS << doublings).min(PAUSE_MAX_MILLISECONDS)
    }
}

/// A sign-in with a wrong name or password.
pub(super) fn refused_sign_in(user_name: &str, via: &Via) -> AuditEntry {
    let shown: String = user_name.chars().take(USER_NAME_MAX).collect();
    AuditEntry {
        actor: None,
        actor_name: shown.clone(),
        action: "session.create".to_owned(),
        target_kind: "user".to_owned(),
        target_id: String::new(),
        target_name: shown,
        place: None,
        via: via.clone(),
        outcome: AuditOutcome::Refused,
        changes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use argon2::password_hash::PasswordHasher;
    use argon2::{Algorithm, Argon2, Params, Version};
    use domain::clock::{Clock, Timestamp};
    use domain::service::{AccountService, Visit};
    use storage::Storage;

    use super::*;
    use crate::password::Passwords;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp(1_795_435_200_000)
        }
    }

    #[tokio::test]
    async fn a_weak_hash_is_made_anew_by_the_right_password_alone_and_no_session_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fairlead.db");
        let storage = Arc::new(Storage::open(path.to_str().unwrap(), Arc::new(Noon)).await.unwrap());
        let passwords = Passwords::new().unwrap();
        let accounts = Accounts::new(storage.clone(), Arc::new(Noon), passwords.clone());
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let weak = weak.hash_password(b"a long enough pass phrase").unwrap().to_string();
        let mut unit = storage.begin().await.unwrap();
        let user = unit.create_user("ada", false).await.unwrap();
        unit.set_password(user, &weak).await.unwrap();
        unit.commit().await.unwrap();
        let kept = async || storage.user(user).await.unwrap().unwrap().password_hash.unwrap();
        let sign_in = async |password: &str| accounts.sign_in("ada", password, &Visit::default()).await;

        assert!(sign_in("not the password").await.is_err());
        assert_eq!(kept().await, weak);
        let session = sign_in("a long enough pass phrase").await.unwrap();
        let renewed = kept().await;
        assert!(renewed != weak && !passwords.is_weak(&renewed), "{renewed}");
        sign_in("a long enough pass phrase").await.unwrap();
        assert_eq!(kept().await, renewed, "once");
        assert!(accounts.actor(&session.secret).await.unwrap().is_some());
    }
}
