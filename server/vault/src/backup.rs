//! Backups: one half in one file, encrypted by a passphrase in the format of age (age-encryption.org/v1), which other
//! programs open as well. What is inside begins with a line that says which half it is.

use std::io::{self, BufRead, Read, Write};

use age::scrypt::{Identity, Recipient};
use age::stream::StreamReader;
use age::{DecryptError, Decryptor, EncryptError, Encryptor};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// Work of turning a passphrase into a key, as the power of two: 128 MiB of memory and some tenths of a second. Fixed,
/// where age would measure the machine: the one that restores may be a slower one.
const WORK: u8 = 17;

/// The most that a file may ask for: 2 GiB of memory.
const WORK_MAX: u8 = 21;

/// Shortest passphrase, in characters. Whoever has the file may try as many as they can pay for.
pub const PASSPHRASE_MIN: usize = 12;

/// Bytes that are copied at once.
const CHUNK: usize = 64 * 1024;

/// Begins the first line inside.
const MARK: &str = "fairlead backup 1 ";

/// What one file holds. Never both: a file that holds secrets and their keys is worth as much as the secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The database, secrets sealed.
    Database,
    /// The key ring.
    Keys,
}

impl Half {
    /// The word in the file's first line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Keys => "keys",
        }
    }
}

/// Why no backup was written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The passphrase is too short.
    #[error("the passphrase is too short: a backup needs one of at least {PASSPHRASE_MIN} characters")]
    Passphrase,
    /// The library refused.
    #[error("the backup cannot be encrypted: {0}")]
    Encrypt(Box<EncryptError>),
    /// What is backed up cannot be read.
    #[error("what is to be backed up cannot be read")]
    Read(#[source] io::Error),
    /// The file cannot be written.
    #[error("the backup cannot be written")]
    Write(#[source] io::Error),
}

/// Why a backup does not open. Says nothing of what is inside.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// Another passphrase, or a changed header: the two cannot be told apart.
    #[error("the passphrase is not the one that this backup was made with, or the file was changed")]
    Passphrase,
    /// No file of ours: not encrypted by a passphrase in this format.
    #[error("this is no backup that fairlead made, or its beginning was changed")]
    NoBackup,
    /// It opens, but says that it is something else.
    #[error("this opens, but is no backup that this version of fairlead can read")]
    Content,
    /// Cut off or changed on its way.
    #[error("the backup is cut off or was changed: take another copy of it")]
    Damaged,
    /// The file cannot be read.
    #[error("the backup cannot be read")]
    Read(#[source] io::Error),
    /// What is restored cannot be written.
    #[error("what is restored cannot be written")]
    Write(#[source] io::Error),
}

/// Writes a half, encrypted.
pub fn lock(half: Half, passphrase: &SecretString, from: impl Read, to: impl Write) -> Result<(), LockError> {
    if passphrase.expose_secret().chars().count() < PASSPHRASE_MIN {
        return Err(LockError::Passphrase);
    }
    lock_by_work(WORK, half, passphrase, from, to)
}

fn lock_by_work(
    work: u8,
    half: Half,
    passphrase: &SecretString,
    mut from: impl Read,
    to: impl Write,
) -> Result<(), LockError> {
    let mut recipient = Recipient::new(passphrase.clone());
    recipient.set_work_factor(work);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|error| LockError::Encrypt(Box::new(error)))?;
    let mut writer = encryptor.wrap_output(to).map_err(LockError::Write)?;
    writer.write_all(format!("{MARK}{}\n", half.as_str()).as_bytes()).map_err(LockError::Write)?;
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    loop {
        let length = read_some(&mut from, &mut chunk).map_err(LockError::Read)?;
        if length == 0 {
            break;
        }
        writer.write_all(&chunk[..length]).map_err(LockError::Write)?;
    }
    writer.finish().map_err(LockError::Write)?.flush().map_err(LockError::Write)
}

/// A backup whose passphrase was right.
pub struct Unlocked<R: Read> {
    /// What it holds.
    pub half: Half,
    reader: StreamReader<R>,
}

/// Opens a backup; what it holds is not read yet, and may still prove cut off.
pub fn unlock<R: BufRead>(passphrase: &SecretString, from: R) -> Result<Unlocked<R>, UnlockError> {
    let mut identity = Identity::new(passphrase.clone());
    identity.set_max_work_factor(WORK_MAX);
    let decryptor = Decryptor::new_buffered(from).map_err(refused)?;
    let identities = std::iter::once(&identity as &dyn age::Identity);
    let mut reader = decryptor.decrypt(identities).map_err(refused)?;
    let line = first_line(&mut reader).map_err(damaged)?;
    let half = [Half::Database, Half::Keys];
    let half = half.into_iter().find(|half| line == format!("{MARK}{}", half.as_str()).as_bytes());
    Ok(Unlocked { half: half.ok_or(UnlockError::Content)?, reader })
}

impl<R: Read> Unlocked<R> {
    /// Writes what it holds, to its end: only then is it known to be whole.
    pub fn copy(mut self, mut to: impl Write) -> Result<(), UnlockError> {
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        loop {
            let length = read_some(&mut self.reader, &mut chunk).map_err(damaged)?;
            if length == 0 {
                return to.flush().map_err(UnlockError::Write);
            }
            to.write_all(&chunk[..length]).map_err(UnlockError::Write)?;
        }
    }
}

/// Without its end, and no longer than any that we write. The reader has a whole chunk at hand: byte by byte is cheap.
fn first_line(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() < MARK.len() * 2 && read_some(reader, &mut byte)? == 1 && byte != *b"\n" {
        line.extend_from_slice(&byte);
    }
    Ok(line)
}

fn read_some(from: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

fn refused(error: DecryptError) -> UnlockError {
    match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::InvalidMac => {
            UnlockError::Passphrase
        }
        DecryptError::Io(cause) => damaged(cause),
        _ => UnlockError::NoBackup,
    }
}

/// The library says by these kinds what it found wrong; all others are the disk's.
fn damaged(error: io::Error) -> UnlockError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
            UnlockError::Damaged
        }
        _ => UnlockError::Read(error),
    }
}

#[cfg(test)]
mod tests;
