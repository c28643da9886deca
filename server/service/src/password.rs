//! Password hashes: Argon2id, computed beside the runtime's threads and a bounded number at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::presence::{Presence, network};

/// Memory of one hash: above OWASP's least of 19 MiB.
const MEMORY_KIB: u32 = 46 * 1024;
/// Passes over it.
const PASSES: u32 = 1;
/// Lanes; hashes run one per thread.
const LANES: u32 = 1;
/// Hashes at once: bounds memory to four times [`MEMORY_KIB`] and leaves the processors to others.
const AT_ONCE: usize = 4;
/// Hashes that wait; more are told to come back, so that a flood of sign-ins cannot pile up.
const WAITING: usize = 64;
/// Passwords from one address that are compared or wait: the others have places left whatever comes from there.
const OF_ONE: usize = 8;

/// Computes and compares password hashes.
#[derive(Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    addresses: Presence,
    /// A hash nobody's password has: unknown users cost as much time as known ones.
    dummy: Arc<str>,
}

/// Why a hash was not computed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many at once.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The hash function refused, or its thread died.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

impl Passwords {
    /// Prepares the dummy hash.
    pub fn new() -> Result<Self, PasswordError> {
        let dummy = hash("a password that nobody has, for users that do not exist")?;
        Ok(Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            addresses: Presence::new(OF_ONE),
            dummy: dummy.into(),
        })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.blocking(move || hash(&password)).await
    }

    /// Whether the password is the stored one. Without a stored one the answer is no, as late as with one. `from` is the
    /// address that it comes from.
    pub async fn verify(
        &self,
        password: &str,
        stored: Option<&str>,
        from: &str,
    ) -> Result<bool, PasswordError> {
        let _present = self.addresses.enter(network(from)).ok_or(PasswordError::Busy)?;
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.dummy).to_owned();
        let password = password.to_owned();
        let matches = self.blocking(move || verify(&password, &stored)).await?;
        Ok(matches && known)
    }

    /// Whether a stored hash is weaker than those that are made today: it is made anew when the password comes along next.
    pub fn is_weak(&self, stored: &str) -> bool {
        let Ok(stored) = PasswordHash::new(stored) else { return true };
        let Ok(params) = Params::try_from(&stored) else { return true };
        Algorithm::try_from(stored.algorithm.as_str()) != Ok(Algorithm::Argon2id)
            || stored.version.is_none_or(|version| version < u32::from(Version::V0x13))
            || params.m_cost() < MEMORY_KIB
            || params.t_cost() < PASSES
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _admitted = self.admitted.try_acquire().map_err(|_| PasswordError::Busy)?;
        let _running =
            self.running.acquire().await.map_err(|error| PasswordError::Failed(error.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| PasswordError::Failed(error.to_string()))?
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, PasswordError> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(failed)?.to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(failed)?;
    Ok(argon2()?.verify_password(password.as_bytes(), &stored).is_ok())
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_accepted() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse battery staple").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse battery staple", Some(&stored), "").await.unwrap());
        assert!(!passwords.verify("correct horse battery stable", Some(&stored), "").await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_less_memory_passes_or_another_kind_is_weak_and_accepted() {
        let passwords = Passwords::new().unwrap();
        let made = |algorithm, version, memory, passes| {
            let params = Params::new(memory, passes, LANES, None).unwrap();
            let hash = Argon2::new(algorithm, version, params).hash_password(b"the pass phrase").unwrap();
            hash.to_string()
        };
        for (stored, weak) in [
            (made(Algorithm::Argon2id, Version::V0x13, MEMORY_KIB, PASSES), false),
            (made(Algorithm::Argon2id, Version::V0x13, MEMORY_KIB + 1, PASSES + 1), false),
            (made(Algorithm::Argon2id, Version::V0x13, MEMORY_KIB - 1, PASSES), true),
            (made(Algorithm::Argon2i, Version::V0x13, MEMORY_KIB, PASSES), true),
            (made(Algorithm::Argon2id, Version::V0x10, MEMORY_KIB, PASSES), true),
        ] {
            assert_eq!(passwords.is_weak(&stored), weak, "{stored}");
            assert!(passwords.verify("the pass phrase", Some(&stored), "").await.unwrap(), "{stored}");
        }
        assert!(passwords.is_weak("no hash at all"));
    }

    #[tokio::test]
    async fn somebody_unknown_is_refused_even_with_the_dummys_password() {
        let passwords = Passwords::new().unwrap();
        let dummy = "a password that nobody has, for users that do not exist";
        assert!(!passwords.verify(dummy, None, "").await.unwrap());
    }

    // S-I2
    #[tokio::test]
    async fn a_flood_from_one_address_leaves_places_for_the_others() {
        let passwords = Passwords::new().unwrap();
        let flood = futures::future::join_all((0..3 * OF_ONE).map(async |number| {
            let password = format!("a guess, number {number}");
            passwords.verify(&password, None, "2001:db8::1").await.is_err()
        }));
        let other = passwords.verify("a pass phrase", None, "192.0.2.7");
        let (turned_away, other) = tokio::join!(flood, other);
        assert_eq!(turned_away.into_iter().filter(|turned_away| *turned_away).count(), 2 * OF_ONE);
        assert!(!other.unwrap(), "it was compared");
        assert!(passwords.verify("a guess", None, "2001:db8::1").await.is_ok(), "there is room again");
    }
}
