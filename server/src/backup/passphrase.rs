//! The passphrase of a backup: from a file, from standard input or from the environment, and never from an argument,
//! which everybody on the machine can read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

/// The variable that may hold it.
pub const PASSPHRASE_VARIABLE: &str = "FAIRLEAD_BACKUP_PASSPHRASE";

/// Names standard input.
const STANDARD_INPUT: &str = "-";

/// Longest file that is read, in bytes.
const FILE_MAX: u64 = 4096;

/// Bits that let anybody else do anything.
const OTHERS: u32 = 0o077;

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// None is given.
    #[error(
        "a passphrase is needed: give --passphrase-file FILE (- for standard input) or the variable {PASSPHRASE_VARIABLE}"
    )]
    None,
    /// The file cannot be read.
    #[error("the passphrase file {} cannot be read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Group or others have rights on it.
    #[error("the passphrase file {} may be used by others (mode {mode:04o}): run chmod 600 on it", path.display())]
    Permissions {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is empty or no text.
    #[error("{place} has no passphrase in its first line")]
    Empty {
        /// Where it was looked for.
        place: String,
    },
}

/// The first line of the file, else what the variable says.
pub fn passphrase(file: Option<&Path>) -> Result<SecretString, PassphraseError> {
    let (text, place) = if let Some(path) = file {
        (read(path)?, path.display().to_string())
    } else {
        let value = std::env::var_os(PASSPHRASE_VARIABLE).ok_or(PassphraseError::None)?;
        (Zeroizing::new(value.into_encoded_bytes()), PASSPHRASE_VARIABLE.to_owned())
    };
    let text = std::str::from_utf8(&text).unwrap_or_default();
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(SecretString::from(line)),
        _ => Err(PassphraseError::Empty { place }),
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, PassphraseError> {
    let failed = |cause| PassphraseError::File { path: path.to_owned(), cause };
    // as large as it can become: growing would leave copies behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(FILE_MAX).unwrap_or_default() + 1));
    if path == Path::new(STANDARD_INPUT) {
        io::stdin().take(FILE_MAX).read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let mode = metadata.mode() & 0o7777;
    // a pipe is nobody else's whatever its mode says
    if metadata.is_file() && mode & OTHERS != 0 {
        return Err(PassphraseError::Permissions { path: path.to_owned(), mode });
    }
    file.take(FILE_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn the_first_line_of_a_private_file_is_the_passphrase() {
        for content in ["correct horse battery", "correct horse battery\n", "correct horse battery\r\nmore\n"]
        {
            let (_folder, path) = file(content.as_bytes(), 0o600);
            let read = passphrase(Some(&path)).unwrap();
            assert_eq!(read.expose_secret(), "correct horse battery", "{content:?}");
        }
    }

    #[test]
    fn a_file_without_a_passphrase_or_for_everybody_is_refused() {
        for content in [&b""[..], b"\nsecond line", b"\xff\xfe"] {
            let (_folder, path) = file(content, 0o600);
            assert!(matches!(passphrase(Some(&path)), Err(PassphraseError::Empty { .. })), "{content:?}");
        }
        let (_folder, path) = file(b"correct horse battery", 0o644);
        let refused = passphrase(Some(&path)).unwrap_err().to_string();
        assert!(refused.contains("0644") && !refused.contains("horse"), "{refused}");
    }
}
