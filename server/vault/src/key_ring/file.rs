//! The ring's file: read by nobody but its owner, made once.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{KEY_LENGTH, Key, KeyRing, RingTextError};

/// The owner alone may read and write.
pub(super) const PRIVATE: u32 = 0o600;

/// Bits that let anybody else do anything.
const OTHERS: u32 = 0o077;

/// Largest ring: far more keys than rotations of a lifetime; keeps a wrong path from being read whole.
const RING_MAX_BYTES: u64 = 64 * 1024;

/// Why there is no ring. Each is a sentence for whoever starts the server.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// Stored secrets need it, and it is not there.
    #[error(
        "the key file {} is missing, but the database holds secrets encrypted with its keys: \
         put the file back from your backup, a new one could not open them",
        path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// It cannot be read or made.
    #[error("cannot use the key file {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// It is a directory, a pipe or the like, or far too large.
    #[error("the key file {} is no ordinary file of at most {RING_MAX_BYTES} bytes", path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
    },
    /// Group or others have rights on it.
    #[error(
        "the key file {} may be used by others (mode {mode:04o}): run chmod 600 on it",
        path.display()
    )]
    Permissions {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error(
        "the key file {} belongs to user {owner}, but this program runs as user {user}: \
         run it as that user, or run chown {user} on the file",
        path.display()
    )]
    Owner {
        /// Which.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        user: u32,
    },
    /// It does not say what a ring says.
    #[error("the key file {} cannot be used: {cause}", path.display())]
    Text {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: RingTextError,
    },
    /// It is no text.
    #[error("the key file {} is no UTF-8 text", path.display())]
    NoText {
        /// Which.
        path: PathBuf,
    },
    /// The system gives no random numbers for a new key.
    #[error("the system gives no random numbers for a new key")]
    Random(#[source] getrandom::Error),
}

/// A ring and whether it was just made.
#[derive(Debug)]
pub struct Loaded {
    /// The keys.
    pub ring: KeyRing,
    /// When it was just made: to be logged as a warning.
    pub new_key: Option<NewKey>,
}

/// A key was made; shown as what has to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
}

impl fmt::Display for NewKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "made the key {} in {}: every stored kubeconfig and credential is encrypted with it. Keep a copy of \
             this file in a safe place, apart from the backups of the database: without it they are lost",
            self.id,
            self.path.display()
        )
    }
}

impl KeyRing {
    /// Reads the file; makes it with one new key when it is not there. While the database holds secrets
    /// (`rows_exist`) a missing file is an error instead, for a new key could not open them.
    pub fn load_or_create(path: &Path, rows_exist: bool) -> Result<Loaded, KeyRingError> {
        match OpenOptions::new().read(true).open(path) {
            Ok(file) => Ok(Loaded { ring: parse(path, &read(path, file)?)?, new_key: None }),
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(failed(path)(cause)),
            Err(_) if rows_exist => Err(KeyRingError::Missing { path: path.to_owned() }),
            Err(_) => create(path),
        }
    }
}

/// The text of the file. Checks the opened file itself, so that nobody can exchange it between check and reading.
pub(super) fn read(path: &Path, file: File) -> Result<Zeroizing<String>, KeyRingError> {
    let metadata = file.metadata().map_err(failed(path))?;
    if !metadata.is_file() || metadata.len() > RING_MAX_BYTES {
        return Err(KeyRingError::NoFile { path: path.to_owned() });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(KeyRingError::Permissions { path: path.to_owned(), mode });
    }
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return Err(KeyRingError::Owner { path: path.to_owned(), owner: metadata.uid(), user });
    }
    // as large as it can become: a growing text would leave copies of keys behind
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1));
    file.take(RING_MAX_BYTES).read_to_string(&mut text).map_err(|cause| match cause.kind() {
        io::ErrorKind::InvalidData => KeyRingError::NoText { path: path.to_owned() },
        _ => failed(path)(cause),
    })?;
    Ok(text)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<KeyRing, KeyRingError> {
    KeyRing::parse(text).map_err(|cause| KeyRingError::Text { path: path.to_owned(), cause })
}

/// The id of a new key and its line, marked active.
pub(super) fn new_line() -> Result<(String, Zeroizing<String>), KeyRingError> {
    let mut key = Key::default();
    getrandom::fill(key.as_mut_slice()).map_err(KeyRingError::Random)?;
    let id = format!("key-{:08x}", getrandom::u32().map_err(KeyRingError::Random)?);
    let mut line = Zeroizing::new(String::with_capacity(KEY_LENGTH * 2 + id.len() + 16));
    line.push_str(&id);
    line.push(':');
    STANDARD.encode_string(key.as_slice(), &mut line);
    line.push_str(":active\n");
    Ok((id, line))
}

fn create(path: &Path) -> Result<Loaded, KeyRingError> {
    let (id, line) = new_line()?;
    write_new(path, line.as_bytes()).map_err(failed(path))?;
    Ok(Loaded { ring: parse(path, &line)?, new_key: Some(NewKey { id, path: path.to_owned() }) })
}

/// On the disk, its name too, before the first secret is encrypted with it.
fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(cause) = written {
        // half a key would stand in the way of the next start
        std::fs::remove_file(path)?;
        return Err(cause);
    }
    File::open(folder_of(path))?.sync_all()
}

/// The folder a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeyRingError + use<> {
    let path = path.to_owned();
    move |cause| KeyRingError::File { path, cause }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        (folder, path)
    }

    #[test]
    fn the_first_start_makes_a_private_file_and_says_to_keep_a_copy() {
        let (_folder, path) = folder();
        let loaded = KeyRing::load_or_create(&path, false).unwrap();
        let new_key = loaded.new_key.unwrap();
        assert_eq!(new_key.id, loaded.ring.active_id());
        assert!(new_key.to_string().contains("Keep a copy"), "{new_key}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    }

    #[test]
    fn the_second_start_reads_the_same_key() {
        let (_folder, path) = folder();
        let first = KeyRing::load_or_create(&path, false).unwrap();
        let second = KeyRing::load_or_create(&path, true).unwrap();
        assert_eq!(second.new_key, None);
        let id = first.ring.active_id();
        assert_eq!(second.ring.key(id), first.ring.key(id));
    }

    // V3
    #[test]
    fn a_missing_file_is_never_made_anew_while_secrets_exist() {
        let (_folder, path) = folder();
        let error = KeyRing::load_or_create(&path, true).unwrap_err();
        assert!(matches!(error, KeyRingError::Missing { .. }), "{error}");
        assert!(!path.exists());
    }

    // V3
    #[test]
    fn a_file_that_others_may_use_is_refused() {
        let (_folder, path) = folder();
        KeyRing::load_or_create(&path, false).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = KeyRing::load_or_create(&path, false).unwrap_err();
            assert!(error.to_string().contains(&format!("{mode:04o}")), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_stricter_than_0600_is_read() {
        let (_folder, path) = folder();
        KeyRing::load_or_create(&path, false).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(KeyRing::load_or_create(&path, true).is_ok());
    }

    #[test]
    fn a_damaged_file_is_refused_and_left_as_it_is() {
        let (_folder, path) = folder();
        for content in [&b""[..], b"key-1:AAAA:active", b"\xff\xfe"] {
            let _ = fs::remove_file(&path);
            write_new(&path, content).unwrap();
            let error = KeyRing::load_or_create(&path, false).unwrap_err();
            assert!(matches!(error, KeyRingError::Text { .. } | KeyRingError::NoText { .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_directory_is_no_key_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        let error = KeyRing::load_or_create(folder.path(), false).unwrap_err();
        assert!(matches!(error, KeyRingError::NoFile { .. }), "{error}");
    }
}
