//! A chart that lies ready for helm.

use std::fs;
use std::path::Path;

use engine::port::helm::{Chart, HelmError, HelmFault};

use crate::charts::{ChartError, ChartFolder};

/// A chart in a folder of its own.
pub(crate) struct PreparedChart {
    pub(crate) folder: ChartFolder,
    pub(crate) digest: String,
}

impl Chart for PreparedChart {
    fn name(&self) -> &str {
        &self.folder.description().name
    }

    fn version(&self) -> &str {
        &self.folder.description().version
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
fn read_inside(folder: &Path, path: &str, limit: u64) -> Result<Option<Vec<u8>>, HelmError> {
    let refused = |message: String| HelmError::new(HelmFault::Chart, message);
    let leads_out = path.starts_with('/')
        || path.contains([':', '\\', '\0'])
        || path.split('/').any(|part| matches!(part, "." | ".." | ""));
    if leads_out {
        return Err(refused(format!("{path:?} is no path of a file in the chart")));
    }
    let file = folder.join(path);
    match fs::symlink_metadata(&file) {
        Ok(found) if found.is_file() && found.len() <= limit => {
            fs::read(&file).map(Some).map_err(|error| as_helm(&ChartError::Disk(error.to_string())))
        }
        Ok(found) if found.is_file() => Err(refused(format!("{path} is larger than {limit} bytes"))),
        _ => Ok(None),
    }
}

/// As the port has it.
pub(crate) fn as_helm(error: &ChartError) -> HelmError {
    let fault = match error {
        ChartError::Disk(_) => HelmFault::Internal,
        _ => HelmFault::Chart,
    };
    HelmError::new(fault, error)
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
}
