//! The vault: seals and opens by the keys of a ring, which may be exchanged meanwhile.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use domain::secret::{SealedSecret, SecretContext};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::key_ring::{KeyRing, RingSource};
use crate::seal::{MissingKey, OpenError, Purpose, ResealError, SealError, open_with, seal_with};

/// Seals and opens secrets by the keys of a ring.
pub struct Vault {
    ring: RwLock<Arc<KeyRing>>,
    source: Option<Box<dyn RingSource>>,
    /// Held from reading the source until the ring is exchanged: an earlier reading never replaces a later one.
    reading: Mutex<()>,
}

impl Vault {
    /// A vault with these keys, for as long as it lives.
    pub fn new(ring: KeyRing) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), source: None, reading: Mutex::new(()) }
    }

    /// A vault with these keys, which asks for the present ones before it seals and when it meets a key that it
    /// does not know. A source that cannot be read then is a warning in the log: the keys at hand still serve.
    pub fn following(ring: KeyRing, source: Box<dyn RingSource>) -> Self {
        Self { source: Some(source), ..Self::new(ring) }
    }

    /// Whether all these keys are there; the server must not start without one that stored secrets need.
    pub fn check<Id: AsRef<str>>(&self, ids_in_use: impl IntoIterator<Item = Id>) -> Result<(), MissingKey> {
        let ring = self.ring();
        match ids_in_use.into_iter().find(|id| !ring.has(id.as_ref())) {
            Some(id) => Err(MissingKey { id: id.as_ref().to_owned() }),
            None => Ok(()),
        }
    }

    /// By what each of these keys is known again, as far as they are there.
    pub fn fingerprints(&self, ids: &[String]) -> Vec<(String, Vec<u8>)> {
        let ring = self.ring();
        ids.iter().filter_map(|id| Some((id.clone(), ring.fingerprint(id)?))).collect()
    }

    /// Id of the key that new secrets are sealed by now.
    pub fn active_id(&self) -> String {
        self.present().active_id().to_owned()
    }

    /// Ids of all keys at hand.
    pub fn ids(&self) -> Vec<String> {
        self.ring().ids().map(str::to_owned).collect()
    }

    /// Seals a value for its place: a new data key, wrapped by the active key. Called within the transaction that
    /// stores it: so no key is taken away between the two ([`KeyRing::remove`] is called within one as well).
    pub fn seal(&self, context: &SecretContext, value: &[u8]) -> Result<SealedSecret, SealError> {
        let ring = self.present();
        let wrapping_key = ring.key(ring.active_id()).ok_or(SealError::Cipher)?;
        seal_with(wrapping_key, ring.active_id(), context, value)
    }

    /// Seals a secret by the active key, for the same place. `None` when it is already. What it says stays in here.
    ///
    /// The id of the key is bound into both layers, so that the value is encrypted anew too, by a new data key.
    pub fn reseal(
        &self,
        context: &SecretContext,
        sealed: &SealedSecret,
    ) -> Result<Option<SealedSecret>, ResealError> {
        if self.active_id() == sealed.key_id {
            return Ok(None);
        }
        let value = self.open(context, sealed, Purpose::Rotation)?;
        Ok(Some(self.seal(context, &value)?))
    }

    /// Opens a secret that was sealed for exactly this place.
    pub fn open(
        &self,
        context: &SecretContext,
        sealed: &SealedSecret,
        purpose: Purpose,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        metrics::counter!("fairlead_secret_opened_total", "purpose" => purpose.as_str()).increment(1);
        tracing::debug!(
            secret.owner_kind = %context.owner_kind,
            secret.owner_id = %context.owner_id,
            secret.field = %context.field,
            purpose = ?purpose,
            "opening the secret {} of {} {}",
            context.field,
            context.owner_kind,
            context.owner_id
        );
        let mut ring = self.ring();
        if !ring.has(&sealed.key_id) {
            ring = self.read_again();
        }
        let wrapping_key =
            ring.key(&sealed.key_id).ok_or_else(|| OpenError::MissingKey { id: sealed.key_id.clone() })?;
        open_with(wrapping_key, context, sealed)
    }

    /// The same for secrets that are text.
    pub fn open_text(
        &self,
        context: &SecretContext,
        sealed: &SealedSecret,
        purpose: Purpose,
    ) -> Result<SecretString, OpenError> {
        let value = self.open(context, sealed, purpose)?;
        let text = std::str::from_utf8(&value).map_err(|_| OpenError::NotText)?;
        Ok(SecretString::from(text))
    }

    /// The keys at hand.
    fn ring(&self) -> Arc<KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys as they are now.
    fn present(&self) -> Arc<KeyRing> {
        let changed = self.source.as_ref().is_some_and(|source| source.changed());
        if changed { self.read_again() } else { self.ring() }
    }

    fn read_again(&self) -> Arc<KeyRing> {
        let Some(source) = &self.source else { return self.ring() };
        let _alone = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        match source.read() {
            Ok(ring) => {
                let ring = Arc::new(ring);
                let mut place = self.ring.write().unwrap_or_else(PoisonError::into_inner);
                if place.active_id() != ring.active_id() {
                    tracing::info!("new secrets are sealed by the key {} from now on", ring.active_id());
                }
                *place = Arc::clone(&ring);
                ring
            }
            Err(error) => {
                tracing::warn!("the keys cannot be read again, those at hand stay in use: {error}");
                self.ring()
            }
        }
    }
}

/// Ids only.
impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Vault").field("ring", &self.ring()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use domain::id::{InstallationId, SecretId};
    use uuid::Uuid;

    use super::*;
    use crate::FileSource;

    fn context() -> SecretContext {
        SecretContext {
            installation: InstallationId(Uuid::from_u128(1)),
            tenant: "team-a".to_owned(),
            owner_kind: "cluster".to_owned(),
            owner_id: "c1".to_owned(),
            field: "kubeconfig".to_owned(),
            secret: SecretId(Uuid::from_u128(2)),
            version: 3,
        }
    }

    fn ring_file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        KeyRing::load_or_create(&path, false).unwrap();
        (folder, path)
    }

    fn following(path: &Path) -> Vault {
        Vault::following(KeyRing::load(path).unwrap(), Box::new(FileSource::new(path)))
    }

    fn open(vault: &Vault, sealed: &SealedSecret) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        vault.open(&context(), sealed, Purpose::Connection)
    }

    #[test]
    fn a_key_that_becomes_active_beside_a_running_vault_seals_from_the_next_secret_on() {
        let (_folder, path) = ring_file();
        let vault = following(&path);
        let older = vault.seal(&context(), b"value").unwrap();
        let id = KeyRing::add_active(&path).unwrap();
        let newer = vault.seal(&context(), b"value").unwrap();
        assert_eq!(newer.key_id, id);
        assert_ne!(older.key_id, id);
        assert!(open(&vault, &older).is_ok() && open(&vault, &newer).is_ok());
    }

    #[test]
    fn a_secret_that_another_process_sealed_by_a_new_key_opens() {
        let (_folder, path) = ring_file();
        let vault = following(&path);
        KeyRing::add_active(&path).unwrap();
        let sealed = following(&path).seal(&context(), b"value").unwrap();
        assert_eq!(**open(&vault, &sealed).unwrap(), *b"value");
        let fixed = Vault::new(KeyRing::parse(&format!("a:{}:active", "A".repeat(43) + "=")).unwrap());
        assert_eq!(open(&fixed, &sealed), Err(OpenError::MissingKey { id: sealed.key_id.clone() }));
    }

    #[test]
    fn a_secret_sealed_again_needs_the_old_key_no_more_and_opens_in_no_other_place() {
        let (_folder, path) = ring_file();
        let vault = following(&path);
        let sealed = vault.seal(&context(), b"value").unwrap();
        assert!(vault.reseal(&context(), &sealed).unwrap().is_none(), "it is sealed by the active key");
        KeyRing::add_active(&path).unwrap();
        let again = vault.reseal(&context(), &sealed).unwrap().unwrap();
        KeyRing::remove(&path, &BTreeSet::from([sealed.key_id.clone()])).unwrap();
        let vault = following(&path);
        assert_eq!(**open(&vault, &again).unwrap(), *b"value");
        assert_eq!(open(&vault, &sealed), Err(OpenError::MissingKey { id: sealed.key_id.clone() }));
        let elsewhere = SecretContext { tenant: "team-b".to_owned(), ..context() };
        assert_eq!(vault.open(&elsewhere, &again, Purpose::Connection), Err(OpenError::Damaged));
    }

    #[test]
    fn a_secret_that_does_not_open_is_not_sealed_again() {
        let (_folder, path) = ring_file();
        let vault = following(&path);
        let mut sealed = vault.seal(&context(), b"value").unwrap();
        sealed.ciphertext[0] ^= 1;
        KeyRing::add_active(&path).unwrap();
        let refused = vault.reseal(&context(), &sealed);
        assert!(matches!(refused, Err(ResealError::Open(OpenError::Damaged))));
    }

    #[test]
    fn a_file_that_becomes_unreadable_leaves_the_keys_at_hand_in_use() {
        let (_folder, path) = ring_file();
        let vault = following(&path);
        let sealed = vault.seal(&context(), b"value").unwrap();
        std::fs::write(&path, "half a ri").unwrap();
        assert_eq!(vault.seal(&context(), b"value").unwrap().key_id, sealed.key_id);
        std::fs::remove_file(&path).unwrap();
        assert!(open(&vault, &sealed).is_ok());
    }
}
