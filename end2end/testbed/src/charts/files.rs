//! The files of a chart, and the archive that helm makes of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::helm;
use crate::TestbedError;

/// The files of a chart by path.
#[derive(Debug, Clone, Default)]
pub struct ChartFiles(BTreeMap<String, String>);

impl ChartFiles {
    /// A small chart: one ConfigMap, whose greeting is a value.
    pub fn named(name: &str, version: &str) -> Self {
        Self::default()
            .file("Chart.yaml", &format!("apiVersion: v2\nname: {name}\nversion: {version}\n"))
            .file("values.yaml", "greeting: hello\n")
            .file(
                "templates/config.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting | quote }}\n",
            )
    }

    /// With this file, in place of what was there.
    #[must_use]
    pub fn file(mut self, path: &str, content: &str) -> Self {
        self.0.insert(path.to_owned(), content.to_owned());
        self
    }

    /// The files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, content)| (path.as_str(), content.as_str()))
    }

    /// Has helm make an archive in a folder; gives its path.
    pub(super) async fn package(&self, into: &Path) -> Result<PathBuf, TestbedError> {
        let work =
            tempfile::tempdir().map_err(TestbedError::file("make a folder for", Path::new("a chart")))?;
        let (chart, made) = (work.path().join("chart"), work.path().join("made"));
        for (path, content) in self.iter() {
            let file = chart.join(path);
            let folder = file.parent().unwrap_or(&chart);
            std::fs::create_dir_all(folder).map_err(TestbedError::file("make", folder))?;
            std::fs::write(&file, content).map_err(TestbedError::file("write", &file))?;
        }
        std::fs::create_dir(&made).map_err(TestbedError::file("make", &made))?;
        let (from, to) = (chart.display().to_string(), made.display().to_string());
        helm::run(work.path(), &["package", &from, "--destination", &to]).await?;
        let packed = std::fs::read_dir(&made).map_err(TestbedError::file("read", &made))?.flatten().next();
        let packed = packed.map(|entry| entry.path()).unwrap_or_default();
        let archive = into.join(packed.file_name().unwrap_or_default());
        std::fs::copy(&packed, &archive).map_err(TestbedError::file("keep", &archive))?;
        Ok(archive)
    }
}

impl FromIterator<(String, String)> for ChartFiles {
    fn from_iter<Files: IntoIterator<Item = (String, String)>>(files: Files) -> Self {
        Self(files.into_iter().collect())
    }
}
