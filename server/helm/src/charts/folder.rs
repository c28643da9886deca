//! A chart on the server's disk: files and folders alone, inside bounds, whoever packed or committed them.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::description::Description;
use super::error::{ChartError, shown};

/// Files of a chart, its dependencies included.
pub(crate) const FILES_MAX: usize = 5_000;
/// Their bytes together.
pub(crate) const BYTES_MAX: u64 = 32 * 1024 * 1024;
/// The largest of them. Helm itself takes 5 MiB.
pub(crate) const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Folders in each other.
const DEPTH_MAX: usize = 32;
/// A path, and a name in it, in bytes.
const PATH_MAX: usize = 1_024;
const NAME_MAX: usize = 255;

/// The bounds that whoever reads a chart has to know.
pub(crate) struct Limits;

impl Limits {
    /// Bytes of a file.
    pub(crate) const FILE_BYTES: u64 = FILE_BYTES_MAX;
    /// Folders in each other.
    pub(crate) const DEPTH: usize = DEPTH_MAX;
}

/// A folder in which a chart is being written. What is written so far goes with it.
#[derive(Debug)]
pub(crate) struct Writer {
    folder: TempDir,
    files: HashSet<String>,
    folders: HashSet<String>,
    bytes: u64,
}

/// A chart in a folder of its own, which goes with this value. Files have the mode 0600, folders 0700.
#[derive(Debug)]
pub struct ChartFolder {
    writer: Writer,
    description: Description,
}

impl Writer {
    /// A new folder below `into`.
    pub(crate) fn new(into: &Path) -> Result<Self, ChartError> {
        let folder = tempfile::Builder::new()
            .prefix("chart-")
            .permissions(PermissionsExt::from_mode(0o700))
            .tempdir_in(into)
            .map_err(ChartError::disk)?;
        Ok(Self { folder, files: HashSet::new(), folders: HashSet::new(), bytes: 0 })
    }

    /// Writes a file by its path in the chart, once.
    pub(crate) fn add(&mut self, path: &str, content: &[u8]) -> Result<(), ChartError> {
        let refused = |problem: &str| ChartError::files(format!("{:?} {problem}", shown(path)));
        plain(path).map_err(refused)?;
        self.bytes += content.len() as u64;
        if content.len() as u64 > FILE_BYTES_MAX {
            return Err(refused(&format!("is larger than {FILE_BYTES_MAX} bytes")));
        }
        if self.files.len() >= FILES_MAX || self.bytes > BYTES_MAX {
            let problem =
                format!("is one too many: a chart has at most {FILES_MAX} files and {BYTES_MAX} bytes");
            return Err(refused(&problem));
        }
        if self.folders.contains(path) || !self.files.insert(path.to_owned()) {
            return Err(refused("is there twice"));
        }
        self.parents(path).map_err(refused)?;
        let target = self.folder.path().join(path);
        let file = File::options().write(true).create_new(true).mode(0o600).open(target);
        file.and_then(|mut file| file.write_all(content)).map_err(ChartError::disk)
    }

    /// Makes the folders that a file lies in.
    fn parents(&mut self, path: &str) -> Result<(), &'static str> {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            if self.files.contains(folder) {
                return Err("lies in a folder that is a file as well");
            }
            if self.folders.insert(folder.to_owned()) {
                let made = DirBuilder::new().mode(0o700).create(self.folder.path().join(folder));
                made.map_err(|_| "lies in a folder that cannot be made")?;
            }
        }
        Ok(())
    }

    /// The chart that was written. `place` is how messages name it, empty for the root of what they speak of.
    pub(crate) fn finish(self, place: &str) -> Result<ChartFolder, ChartError> {
        let description = Description::read(self.folder.path(), place)?;
        Ok(ChartFolder { writer: self, description })
    }
}

impl ChartFolder {
    /// Writes a chart of files by path, such as those of a commit, into a new folder below `into`. Blocks.
    pub fn of_files<Content: AsRef<[u8]>>(
        into: &Path,
        files: impl IntoIterator<Item = (String, Content)>,
    ) -> Result<Self, ChartError> {
        let mut writer = Writer::new(into)?;
        for (path, content) in files {
            writer.add(&path, content.as_ref())?;
        }
        writer.finish("")
    }

    /// Unpacks an archive, `.tgz`, into a new folder below `into`. Blocks.
    pub fn unpack(into: &Path, archive: &[u8]) -> Result<Self, ChartError> {
        let mut writer = Writer::new(into)?;
        super::archive::read(archive, |path, content| writer.add(path, content))?;
        writer.finish("")
    }

    /// Adds a file to the chart, under the same rules. Blocks.
    pub(crate) fn add(&mut self, path: &str, content: &[u8]) -> Result<(), ChartError> {
        self.writer.add(path, content)
    }

    /// What `Chart.yaml` says.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.writer.folder.path()
    }

    /// The names in a folder of it, sorted; none where there is no such folder.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path().join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Where a file of it is.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }
}

/// Whether a path leads to a file below the chart's folder and nowhere else.
fn plain(path: &str) -> Result<(), &'static str> {
    if path.is_empty() || path.starts_with('/') {
        return Err("is no path inside a chart");
    }
    if path.chars().any(char::is_control) || path.contains('\\') {
        return Err("has characters that a path in a chart may not have");
    }
    let odd = |part: &str| matches!(part, "" | "." | "..");
    if path.split('/').any(odd) {
        return Err("leads out of the chart, or is written in a roundabout way");
    }
    if path.len() > PATH_MAX || path.split('/').any(|part| part.len() > NAME_MAX) {
        return Err("is too long");
    }
    if path.split('/').count() > DEPTH_MAX {
        return Err("lies too deep");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHART: (&str, &str) = ("Chart.yaml", "name: web\nversion: 1.0.0\n");

    fn folder(files: &[(&str, &str)]) -> Result<ChartFolder, ChartError> {
        let files = files.iter().map(|(path, content)| ((*path).to_owned(), *content));
        ChartFolder::of_files(&std::env::temp_dir(), files)
    }

    #[test]
    fn files_lie_where_they_say_and_nobody_else_reads_them() {
        let chart = folder(&[CHART, ("templates/a/b.yaml", "b"), ("templates/a/c.yaml", "c")]).unwrap();
        let mode = |path: &str| fs::metadata(chart.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(fs::read_to_string(chart.path().join("templates/a/c.yaml")).unwrap(), "c");
        assert_eq!(["templates/a/b.yaml", "templates/a", ""].map(mode), [0o600, 0o700, 0o700]);
        assert_eq!(chart.description().name, "web");
        let path = chart.path().to_owned();
        drop(chart);
        assert!(!path.exists());
    }

    // S-A4
    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/..",
            "./x",
            "a//b",
            "a/",
            "a\\b",
            "a\nb",
            "a\0b",
            "Chart.yaml",
        ] {
            assert!(matches!(folder(&[CHART, (path, "x")]), Err(ChartError::Files(_))), "{path:?}");
        }
        for path in ["x".repeat(256), ["x"; 40].join("/"), format!("{}y", "x/".repeat(600))] {
            assert!(matches!(folder(&[CHART, (&path, "x")]), Err(ChartError::Files(_))), "{path:?}");
        }
        for files in [[("a", "x"), ("a/b", "x")], [("a/b", "x"), ("a", "x")]] {
            let refused = folder(&[CHART, files[0], files[1]]);
            assert!(matches!(refused, Err(ChartError::Files(_))), "{files:?}: {refused:?}");
        }
    }

    #[test]
    fn a_chart_has_its_bounds() {
        let large = "x".repeat(usize::try_from(FILE_BYTES_MAX).unwrap());
        assert!(folder(&[CHART, ("a", &large)]).is_ok());
        assert!(folder(&[CHART, ("a", &format!("{large}x"))]).is_err());
        assert!(folder(&[CHART, ("a", &large), ("b", &large), ("c", &large), ("d", &large)]).is_err());
        let many = (0..=FILES_MAX).map(|number| (number.to_string(), "x"));
        let refused = ChartFolder::of_files(&std::env::temp_dir(), many).unwrap_err();
        assert!(refused.to_string().contains("at most 5000 files"), "{refused}");
    }
}
