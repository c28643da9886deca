//! What a chart says of itself: `Chart.yaml`, and where its dependencies are written.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{ChartError, shown};

/// What describes a chart is small.
const DESCRIPTION_MAX: u64 = 1024 * 1024;
const NODES_MAX: usize = 50_000;
const NESTING_MAX: usize = 64;
const NAME_MAX: usize = 250;
const DEPENDENCIES_MAX: usize = 200;

const DESCRIPTION: &str = "Chart.yaml";
/// Where charts of the first generation have their dependencies.
const REQUIREMENTS: &str = "requirements.yaml";
const LOCKS: [&str; 2] = ["Chart.lock", "requirements.lock"];

/// What `Chart.yaml` says, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Of the chart: letters, digits, `-`, `_`, `.`.
    #[serde(default)]
    pub name: String,
    /// Of the chart.
    #[serde(default)]
    pub version: String,
    /// Of what it installs.
    #[serde(default)]
    pub app_version: String,
    /// `application` or `library`; nothing means the former.
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub(super) dependencies: Vec<Required>,
}

/// A dependency as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Required {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    #[serde(default)]
    pub(super) repository: String,
}

#[derive(Default, Deserialize)]
struct Requirements {
    #[serde(default)]
    dependencies: Vec<Required>,
}

impl Description {
    /// Reads it from a chart's folder; `place` is how messages name that folder.
    pub(super) fn read(folder: &Path, place: &str) -> Result<Self, ChartError> {
        let Some(mut read) = document::<Self>(folder, DESCRIPTION, place)? else {
            return Err(ChartError::files(format!(
                "there is no {}: this is no chart",
                path(place, DESCRIPTION)
            )));
        };
        let Self { name, version, .. } = &read;
        let odd = |what: &str, text: &str| {
            let file = path(place, DESCRIPTION);
            ChartError::files(format!("{file}: {what} {:?} is none that a chart may have", shown(text)))
        };
        if !is_plain(name) {
            return Err(odd("name", name));
        }
        if !is_plain(version) {
            return Err(odd("version", version));
        }
        if read.dependencies.is_empty() {
            let requirements = document::<Requirements>(folder, REQUIREMENTS, place)?.unwrap_or_default();
            read.dependencies = requirements.dependencies;
        }
        for Required { name, .. } in &read.dependencies {
            if !is_plain(name) {
                return Err(odd("the name of a dependency", name));
            }
        }
        if read.dependencies.len() > DEPENDENCIES_MAX {
            let file = path(place, DESCRIPTION);
            return Err(ChartError::files(format!("{file} has more than {DEPENDENCIES_MAX} dependencies")));
        }
        Ok(read)
    }

    /// The versions that were chosen when somebody last looked for them, if that was kept.
    pub(super) fn locked(folder: &Path) -> Result<Vec<Required>, ChartError> {
        for lock in LOCKS {
            if let Some(Requirements { dependencies }) = document(folder, lock, "")? {
                return Ok(dependencies);
            }
        }
        Ok(Vec::new())
    }
}

/// The name becomes one of a file and of a folder, so that it must lead nowhere else.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_MAX
        && !text.starts_with('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
}

fn path(place: &str, file: &str) -> String {
    if place.is_empty() { file.to_owned() } else { format!("{}/{file}", shown(place)) }
}

/// A small YAML document of a chart; `None` where there is no such file.
fn document<Content: DeserializeOwned>(
    folder: &Path,
    file: &str,
    place: &str,
) -> Result<Option<Content>, ChartError> {
    let shown_path = path(place, file);
    let target = folder.join(file);
    match fs::symlink_metadata(&target) {
        Ok(found) if !found.is_file() => return Err(ChartError::files(format!("{shown_path} is no file"))),
        Ok(found) if found.len() > DESCRIPTION_MAX => {
            return Err(ChartError::files(format!("{shown_path} is larger than {DESCRIPTION_MAX} bytes")));
        }
        Ok(_) => {}
        Err(_) => return Ok(None),
    }
    let bytes = fs::read(&target).map_err(ChartError::disk)?;
    let options = serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: NESTING_MAX,
            flow_nesting_limit: NESTING_MAX,
            max_nodes: NODES_MAX,
            max_events: NODES_MAX * 2,
            max_aliases: 100,
            max_anchors: 100,
        },
    };
    serde_saphyr::from_slice_with_options(&bytes, options)
        .map(Some)
        .map_err(|error| ChartError::files(format!("{shown_path}: {}", shown(&error.to_string()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> Result<Description, ChartError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DESCRIPTION), text).unwrap();
        Description::read(folder.path(), "charts/web")
    }

    // S-A4
    #[test]
    fn a_chart_cannot_call_itself_a_folder_elsewhere() {
        let read = described("name: web\nversion: 1.2.3\nappVersion: 7\ntype: library\n").unwrap();
        assert_eq!(
            (read.name.as_str(), read.version.as_str(), read.app_version.as_str()),
            ("web", "1.2.3", "7")
        );
        assert_eq!(read.kind, "library");
        for name in ["..", ".", "../x", "a/b", "''", "a\\b", "\"a\\nb\""] {
            let error = described(&format!("name: {name}\nversion: 1.0.0")).unwrap_err().to_string();
            assert!(error.starts_with("charts/web/Chart.yaml: name"), "{name}: {error}");
        }
        let error = described("name: web\nversion: ../1").unwrap_err().to_string();
        assert!(error.starts_with("charts/web/Chart.yaml: version"), "{error}");
        let error =
            described("name: web\nversion: 1.0.0\ndependencies: [{name: ../x}]").unwrap_err().to_string();
        assert!(error.starts_with("charts/web/Chart.yaml: the name of a dependency"), "{error}");
        assert!(described("name: [").unwrap_err().to_string().starts_with("charts/web/Chart.yaml: "));
        let large = format!("name: web\nversion: 1.0.0\nx: {}", "x".repeat(1024 * 1024));
        assert!(described(&large).unwrap_err().to_string().contains("is larger than"));
    }
}
