//! Key pairs for ssh: made here, or read from the forms in which people have them.

mod forms;

use domain::configuration::KeyKind;
use domain::violation::Rule;
use rand_core::OsRng;
use secrecy::{ExposeSecret, SecretString};
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::{Algorithm, LineEnding, PrivateKey};

/// Bits of an RSA key made here, as `ssh-keygen` makes them.
const RSA_BITS: usize = 3072;
/// Bits that an RSA key must have; hosts refuse shorter ones.
const RSA_BITS_MIN: u32 = 2048;
/// Comment of the public key, by which people find it again at the host.
const COMMENT: &str = "fairlead";

/// A private key as it is stored, and its public half.
pub(crate) struct KeyPair {
    /// OpenSSH's form, whatever form it came in: the one that each ssh reads.
    pub(crate) private: SecretString,
    /// `ssh-ed25519 AAAA… comment`
    pub(crate) public: String,
}

/// A key could not be made or written; cannot happen but for want of randomness.
#[derive(Debug, thiserror::Error)]
#[error("a key pair could not be made: {0}")]
pub(crate) struct KeyError(#[from] ssh_key::Error);

/// Makes a key pair. RSA takes seconds: call it where it holds up nobody.
pub(crate) fn generate(kind: KeyKind) -> Result<KeyPair, KeyError> {
    let mut key = match kind {
        KeyKind::Ed25519 => PrivateKey::random(&mut OsRng, Algorithm::Ed25519)?,
        KeyKind::Rsa => PrivateKey::try_from(KeypairData::from(RsaKeypair::random(&mut OsRng, RSA_BITS)?))?,
    };
    key.set_comment(COMMENT);
    pair(&key)
}

/// Reads a private key in OpenSSH, PKCS#1, SEC1 or PKCS#8 form; a rule says what it must be otherwise.
pub(crate) fn read(text: &SecretString) -> Result<KeyPair, Rule> {
    let key = forms::read(text.expose_secret())?;
    match key.key_data() {
        KeypairData::Ed25519(_) | KeypairData::Ecdsa(_) => {}
        KeypairData::Rsa(pair) => {
            let bits = bits(pair.public.n.as_positive_bytes().unwrap_or_default());
            if bits < RSA_BITS_MIN {
                return Err(Rule::SshKeyTooShort { min: RSA_BITS_MIN });
            }
        }
        KeypairData::Dsa(_) => return Err(Rule::SshKeyDsa),
        // Keys of hardware tokens and of kinds that nobody knows yet: without the token they are no use.
        _ => return Err(Rule::SshKeyFormat),
    }
    pair(&key).map_err(|_| Rule::SshKeyFormat)
}

fn pair(key: &PrivateKey) -> Result<KeyPair, KeyError> {
    let private = key.to_openssh(LineEnding::LF)?;
    Ok(KeyPair { private: SecretString::from(private.as_str()), public: key.public_key().to_openssh()? })
}

/// Bits of a number without leading zero bytes.
fn bits(number: &[u8]) -> u32 {
    let leading = number.first().map_or(0, |first| first.leading_zeros());
    u32::try_from(number.len() * 8).unwrap_or(u32::MAX).saturating_sub(leading)
}

#[cfg(test)]
mod tests;
