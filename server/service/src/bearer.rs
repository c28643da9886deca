//! Secrets that are handed out once and stored as a hash only: sessions, one-time links, API tokens.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::service::TOKEN_PREFIX;
use sha2::{Digest, Sha256};

/// Bytes of randomness: 256 bits.
const BYTES: usize = 32;
/// Bytes of a name that nobody guesses: 128 bits.
const ADDRESS_BYTES: usize = 16;
/// Characters of a secret.
const SECRET: usize = 43;
/// Characters of a token's checksum.
const CHECKSUM: usize = 6;

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub(crate) struct NoRandomness(#[from] getrandom::Error);

/// A new secret, 43 characters that need no escaping in a URL or a cookie.
pub(crate) fn new_secret() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// A new name that stands in an address and gives no right: 32 lower-case hexadecimal digits.
pub(crate) fn new_address() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; ADDRESS_BYTES];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(HEXLOWER.encode(&bytes))
}

/// Whether a text is written as [`new_address`] writes it.
pub(crate) fn is_address(text: &str) -> bool {
    text.len() == 2 * ADDRESS_BYTES && HEXLOWER.decode(text.as_bytes()).is_ok()
}

/// A new token: the prefix, a secret, and a checksum by which scanners tell a real one from something that looks
/// like one.
pub(crate) fn new_token_text() -> Result<String, NoRandomness> {
    let token = format!("{TOKEN_PREFIX}{}", new_secret()?);
    let checksum = checksum(&token);
    Ok(token + &checksum)
}

/// Whether a text is a token, without asking the database. Those of versions without a checksum are.
pub(crate) fn is_token(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(TOKEN_PREFIX).filter(|rest| rest.is_ascii()) else { return false };
    match rest.len().checked_sub(SECRET) {
        Some(0) => true,
        Some(CHECKSUM) => text.ends_with(&checksum(&text[..TOKEN_PREFIX.len() + SECRET])),
        _ => false,
    }
}

/// The first characters of a token's hash.
fn checksum(token: &str) -> String {
    let mut hash = stored_hash(token);
    hash.truncate(CHECKSUM);
    hash
}

/// What is stored of a secret: its SHA-256. A fast hash is enough, nobody can guess 256 random bits.
pub(crate) fn stored_hash(secret: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_with_a_wrong_checksum_is_none() {
        let token = new_token_text().unwrap();
        assert!(is_token(&token) && is_token(&token[..token.len() - CHECKSUM]), "{token}");
        let last = if token.ends_with('A') { 'B' } else { 'A' };
        let wrong = format!("{}{last}", &token[..token.len() - 1]);
        for text in [wrong.as_str(), &token[1..], &token[..token.len() - 1], "flp_", "", "flp_ä"] {
            assert!(!is_token(text), "{text}");
        }
    }

    #[test]
    fn two_secrets_differ_and_so_do_their_hashes() {
        let (first, second) = (new_secret().unwrap(), new_secret().unwrap());
        assert_eq!(first.len(), 43);
        assert_ne!(first, second);
        assert_ne!(stored_hash(&first), stored_hash(&second));
        assert_ne!(stored_hash(&first), first);
    }
}
