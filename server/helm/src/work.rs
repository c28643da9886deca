//! What one call is given: a private folder with the kubeconfig, the values and a copy of the chart.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use child::{Private, write_private};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tempfile::TempDir;

/// Names in the folder.
pub(crate) const KUBECONFIG: &str = "kubeconfig";
pub(crate) const VALUES: &str = "values.json";
pub(crate) const CHART: &str = "chart";

/// The folder; it goes with the value.
#[derive(Debug)]
pub(crate) struct Work {
    folder: TempDir,
}

impl Work {
    /// With the kubeconfig alone.
    pub(crate) fn new(private: &Private, kubeconfig: &SecretString) -> io::Result<Self> {
        let folder = private.for_call()?;
        write_private(&folder.path().join(KUBECONFIG), kubeconfig.expose_secret().as_bytes())?;
        Ok(Self { folder })
    }

    /// Adds what a release is made of.
    pub(crate) fn add(&self, chart: &Path, values: &Value) -> io::Result<()> {
        let values = serde_json::to_vec(values).map_err(io::Error::other)?;
        write_private(&self.path().join(VALUES), &values)?;
        copy(chart, &self.path().join(CHART))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Copies folders and files; anything else was refused when the chart was unpacked, and is not copied.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let target = to.join(entry.file_name());
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}
