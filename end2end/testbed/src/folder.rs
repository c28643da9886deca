//! A temporary folder that is removed when its owner ends, however it ends.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::TestbedError;

/// Waits until the pipe from the owner closes, which also a `kill -9` of the owner does, then removes the folder.
/// Programs that are being killed at the same moment may still write, hence the repetition.
const JANITOR: &str = r#"
read -r line
tries=0
while [ -e "$1" ] && [ "$tries" -lt 100 ]; do
    rm -rf -- "$1"
    [ -e "$1" ] && sleep 0.1
    tries=$((tries + 1))
done
"#;

/// A folder below the system's temporary folder, readable by its owner alone.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    janitor: Child,
    pipe: Option<ChildStdin>,
}

impl Folder {
    /// Makes `fairlead-<purpose>-<random>`.
    pub(crate) fn new(purpose: &str) -> Result<Self, TestbedError> {
        let parent = std::env::temp_dir();
        let path = tempfile::Builder::new()
            .prefix(&format!("fairlead-{purpose}-"))
            .tempdir_in(&parent)
            .map_err(TestbedError::file("make a folder in", &parent))?
            .keep();
        let mut janitor = Command::new("sh")
            .args(["-c", JANITOR, "testbed-janitor"])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|source| TestbedError::Spawn { program: "sh".into(), source })?;
        let pipe = janitor.stdin.take();
        Ok(Self { path, janitor, pipe })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file that only its owner may read.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf, TestbedError> {
        let path = self.path.join(name);
        write_private(&path, content)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.janitor.wait();
    }
}

/// Writes a file with mode 0600: most of ours hold a key.
pub(crate) fn write_private(path: &Path, content: &str) -> Result<(), TestbedError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .map_err(TestbedError::file("write", path))
}
