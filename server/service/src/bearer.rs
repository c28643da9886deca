//! Secrets that are handed out once and stored as a hash only: sessions, one-time links, API tokens.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// Bytes of randomness: 256 bits.
const BYTES: usize = 32;

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub(crate) struct NoRandomness(getrandom::Error);

/// A new secret, 43 characters that need no escaping in a URL or a cookie.
pub(crate) fn new_secret() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// What is stored of a secret: its SHA-256. A fast hash is enough, nobody can guess 256 random bits.
pub(crate) fn stored_hash(secret: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_differ_and_so_do_their_hashes() {
        let (first, second) = (new_secret().unwrap(), new_secret().unwrap());
        assert_eq!(first.len(), 43);
        assert_ne!(first, second);
        assert_ne!(stored_hash(&first), stored_hash(&second));
        assert_ne!(stored_hash(&first), first);
    }
}
