//! A chart that lies in a folder of a Git tree: copied to the server's disk, files and folders alone.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use engine::port::helm::{Chart, HelmError, HelmFault};
use engine::port::source::{EntryKind, Tree, TreeEntry, TreeError};
use serde::Deserialize;
use tempfile::TempDir;

/// Files of a chart, its dependencies included.
const FILES_MAX: usize = 5_000;
/// Their bytes together.
const BYTES_MAX: u64 = 32 * 1024 * 1024;
/// The largest of them.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Folders in each other.
const DEPTH_MAX: usize = 32;
/// What describes a chart is small.
const DESCRIPTION_MAX: u64 = 1024 * 1024;
const DESCRIPTION: &str = "Chart.yaml";

/// A chart on the server's disk.
pub(crate) struct TreeChart {
    folder: TempDir,
    name: String,
    version: String,
    digest: String,
}

/// What of `Chart.yaml` matters here.
#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

/// Copies a chart. `digest` is the Git object id of its folder. Blocks.
pub(crate) fn copy(tree: &dyn Tree, path: &str, into: &Path) -> Result<TreeChart, HelmError> {
    let path = path.trim_matches('/');
    let digest = match tree.entry(path).map_err(|error| unreadable(&error))? {
        Some(TreeEntry { kind: EntryKind::Folder, id, .. }) => id,
        _ if path.is_empty() => tree.revision().to_string(),
        Some(_) => {
            return Err(refused(format!("{path} is no folder: spec.chart.path names the folder of a chart")));
        }
        None => {
            let revision = tree.revision().short();
            return Err(refused(format!("there is no folder {path} in {revision}: check spec.chart.path")));
        }
    };
    let folder = tempfile::Builder::new()
        .prefix("chart-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .tempdir_in(into)
        .map_err(|error| not_written(&error))?;
    let mut copy = Copy { tree, files: 0, bytes: 0 };
    copy.folder(path, folder.path(), 0)?;
    let (name, version) = describe(folder.path(), path)?;
    Ok(TreeChart { folder, name, version, digest })
}

struct Copy<'tree> {
    tree: &'tree dyn Tree,
    files: usize,
    bytes: u64,
}

impl Copy<'_> {
    fn folder(&mut self, path: &str, to: &Path, depth: usize) -> Result<(), HelmError> {
        if depth > DEPTH_MAX {
            return Err(refused(format!("{path}: folders lie deeper than {DEPTH_MAX} in each other")));
        }
        let entries = self.tree.list(path).map_err(|error| unreadable(&error))?.unwrap_or_default();
        for entry in entries {
            let from = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
            let target = to.join(plain(&entry.name, &from)?);
            match entry.kind {
                EntryKind::Folder => {
                    fs::DirBuilder::new().mode(0o700).create(&target).map_err(|error| not_written(&error))?;
                    self.folder(&from, &target, depth + 1)?;
                }
                EntryKind::File => self.file(&from, &target)?,
                EntryKind::Link => {
                    return Err(refused(format!("{from} is a symbolic link: a chart may not have any")));
                }
                EntryKind::Submodule => {
                    return Err(refused(format!("{from} is a submodule: a chart may not have any")));
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, from: &str, target: &PathBuf) -> Result<(), HelmError> {
        let bytes = self.tree.read(from, FILE_BYTES_MAX).map_err(|error| unreadable(&error))?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        if self.files > FILES_MAX || self.bytes > BYTES_MAX {
            return Err(refused(format!(
                "the chart has more than {FILES_MAX} files or {BYTES_MAX} bytes: {from} is one too many"
            )));
        }
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(target);
        file.and_then(|mut file| file.write_all(&bytes)).map_err(|error| not_written(&error))
    }
}

/// A name that leads nowhere else. Git itself refuses most of these.
fn plain<'name>(name: &'name str, path: &str) -> Result<&'name str, HelmError> {
    let odd =
        matches!(name, "" | "." | "..") || name.contains(['/', '\\']) || name.chars().any(char::is_control);
    if odd { Err(refused(format!("{path:?} has a name that a chart may not have"))) } else { Ok(name) }
}

/// Name and version; the name becomes a folder's in Helm, so that it must be one.
pub(crate) fn describe(folder: &Path, path: &str) -> Result<(String, String), HelmError> {
    let place = if path.is_empty() { DESCRIPTION.to_owned() } else { format!("{path}/{DESCRIPTION}") };
    let bytes = match fs::read(folder.join(DESCRIPTION)) {
        Ok(bytes) if bytes.len() as u64 <= DESCRIPTION_MAX => bytes,
        Ok(_) => return Err(refused(format!("{place} is larger than {DESCRIPTION_MAX} bytes"))),
        Err(_) => return Err(refused(format!("there is no {place}: the folder is no chart"))),
    };
    let description: Description =
        serde_saphyr::from_slice(&bytes).map_err(|error| refused(format!("{place}: {error}")))?;
    let Description { name, version } = description;
    let is_plain = |text: &str| {
        !text.is_empty()
            && !text.starts_with('.')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
    };
    if !is_plain(&name) {
        return Err(refused(format!("{place}: name {name:?} is none that a chart may have")));
    }
    if !is_plain(&version) {
        return Err(refused(format!("{place}: version {version:?} is none that a chart may have")));
    }
    Ok((name, version))
}

impl Chart for TreeChart {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn digest(&self) -> &str {
        &self.digest
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, HelmError> {
        read_inside(self.folder.path(), path, limit)
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A file of a chart's folder; a path that leads out of it is refused.
pub(crate) fn read_inside(folder: &Path, path: &str, limit: u64) -> Result<Option<Vec<u8>>, HelmError> {
    let leads_out = path.starts_with('/')
        || path.contains([':', '\\', '\0'])
        || path.split('/').any(|part| matches!(part, "." | ".." | ""));
    if leads_out {
        return Err(refused(format!("{path:?} is no path of a file in the chart")));
    }
    let file = folder.join(path);
    match fs::symlink_metadata(&file) {
        Ok(found) if found.is_file() && found.len() <= limit => {
            fs::read(&file).map(Some).map_err(|error| not_written(&error))
        }
        Ok(found) if found.is_file() => Err(refused(format!("{path} is larger than {limit} bytes"))),
        _ => Ok(None),
    }
}

fn refused(message: impl std::fmt::Display) -> HelmError {
    HelmError::new(HelmFault::Chart, message)
}

fn unreadable(error: &TreeError) -> HelmError {
    HelmError::new(HelmFault::Chart, error)
}

fn not_written(error: &std::io::Error) -> HelmError {
    HelmError::new(HelmFault::Internal, format!("the chart cannot be kept on the server's disk: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // S-A4
    #[test]
    fn values_files_lie_in_the_chart_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("values.yaml"), "a: 1").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.yaml")).unwrap();
        let read = |path: &str| read_inside(folder.path(), path, 100);
        assert_eq!(read("values.yaml"), Ok(Some(b"a: 1".to_vec())));
        assert_eq!(read("link.yaml"), Ok(None));
        assert_eq!(read("none.yaml"), Ok(None));
        for path in [
            "../secret.yaml",
            "/proc/self/environ",
            "file:///etc/passwd",
            "http://127.0.0.1/x",
            "a/../../b",
            "./a",
            "a//b",
            "",
        ] {
            assert!(read(path).is_err(), "{path}");
        }
        assert!(read_inside(folder.path(), "values.yaml", 2).is_err());
    }

    // S-A4
    #[test]
    fn a_chart_cannot_call_itself_a_folder_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let described = |text: &str| {
            fs::write(folder.path().join(DESCRIPTION), text).unwrap();
            describe(folder.path(), "charts/web")
        };
        assert_eq!(described("name: web\nversion: 1.2.3"), Ok(("web".to_owned(), "1.2.3".to_owned())));
        for name in ["..", ".", "../x", "a/b", "''"] {
            let error = described(&format!("name: {name}\nversion: 1.0.0")).unwrap_err();
            assert!(error.message.starts_with("charts/web/Chart.yaml: name"), "{name}: {error}");
        }
        assert!(described("name: [").unwrap_err().message.starts_with("charts/web/Chart.yaml: "));
    }
}
