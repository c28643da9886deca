//! What a chart needs beside itself, and what of that is not in its `charts/` yet.

use super::description::{Description, Required, is_plain};
use super::error::{ChartError, shown};
use super::versions::lenient;
use super::{ChartFolder, ChartPackage};

/// Where Helm looks for a chart's dependencies.
const CHARTS: &str = "charts";

/// A chart that another one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// A version or a range; one version where the chart's lock names one.
    pub version: String,
    /// Where it is.
    pub source: DependencySource,
}

/// Where a dependency is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencySource {
    /// In a repository or registry.
    Repository(String),
    /// In a folder beside the chart: the path behind `file://`, relative to the chart. What there is to be found is for
    /// the caller to say, who knows what the chart lies in.
    Folder(String),
}

impl ChartFolder {
    /// The dependencies that have no copy in `charts/`. A version that `Chart.lock` (or `requirements.lock`) names wins
    /// over the range that the chart names. Blocks.
    pub fn missing_dependencies(&self) -> Result<Vec<Dependency>, ChartError> {
        let required = &self.description().dependencies;
        if required.is_empty() {
            return Ok(Vec::new());
        }
        let (locked, there) = (Description::locked(self.path())?, self.names(CHARTS));
        let missing = required.iter().filter(|required| !self.has(&there, &required.name));
        let mut found: Vec<Dependency> = Vec::new();
        for required in missing {
            let dependency = wanted(required, &locked)?;
            // One chart under two aliases is one copy.
            if !found.contains(&dependency) {
                found.push(dependency);
            }
        }
        Ok(found)
    }

    /// Puts a fetched dependency where Helm looks for it. Blocks.
    pub fn add_dependency(&mut self, package: &ChartPackage) -> Result<(), ChartError> {
        let ChartPackage { name, version, bytes, .. } = package;
        if !is_plain(name) || !is_plain(version) {
            let problem =
                format!("{:?} is no name and version of a chart", shown(&format!("{name} {version}")));
            return Err(ChartError::Dependency { name: shown(name), problem });
        }
        self.add(&format!("{CHARTS}/{name}-{version}.tgz"), bytes)
    }

    /// Puts a file of a dependency that lies in a folder where Helm looks for it. Blocks.
    pub fn add_dependency_file(&mut self, name: &str, path: &str, content: &[u8]) -> Result<(), ChartError> {
        self.add(&format!("{CHARTS}/{name}/{path}"), content)
    }

    /// Whether there is a copy, packed or not.
    fn has(&self, there: &[String], name: &str) -> bool {
        there.iter().any(|entry| {
            let version =
                entry.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".tgz"));
            let packed = version.is_some_and(|version| lenient(version).is_some());
            packed || (entry == name && self.file(&format!("{CHARTS}/{entry}/Chart.yaml")).is_file())
        })
    }
}

fn wanted(required: &Required, locked: &[Required]) -> Result<Dependency, ChartError> {
    let Required { name, version, repository } = required;
    let lock = locked.iter().find(|lock| lock.name == *name && lock.repository == *repository);
    let version = lock.map_or(version, |lock| &lock.version).clone();
    let source = match repository.split_once("://") {
        Some(("file", path)) => DependencySource::Folder(path.to_owned()),
        Some(("https" | "http" | "oci", _)) => DependencySource::Repository(repository.clone()),
        _ => {
            let problem = match repository.as_str() {
                "" => "it is not in the chart's charts/ folder, and the chart names no repository".to_owned(),
                alias if alias.starts_with(['@']) || alias.starts_with("alias:") => format!(
                    "{:?} is a name that only somebody's own helm knows; write the repository's URL in its place",
                    shown(alias)
                ),
                other => format!("{:?} is no repository", shown(other)),
            };
            return Err(ChartError::Dependency { name: shown(name), problem });
        }
    };
    Ok(Dependency { name: name.clone(), version, source })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn chart(files: &[(&str, &str)]) -> ChartFolder {
        let files = files.iter().map(|(path, content)| ((*path).to_owned(), *content));
        ChartFolder::of_files(&std::env::temp_dir(), files).unwrap()
    }

    const CHART: &str = "name: shop\nversion: 1.0.0\ndependencies:
- {name: web, version: ^1, repository: https://charts.example.com}
- {name: web, version: ^1, repository: https://charts.example.com, alias: again}
- {name: redis, version: 2.x, repository: oci://registry.example.com/team}
- {name: common, version: '*', repository: file://../common}
";

    fn repository(name: &str, version: &str, repository: &str) -> Dependency {
        let source = DependencySource::Repository(repository.to_owned());
        Dependency { name: name.to_owned(), version: version.to_owned(), source }
    }

    #[test]
    fn what_has_no_copy_is_missing_and_a_lock_says_its_version() {
        let common = |version: &str| Dependency {
            name: "common".into(),
            version: version.into(),
            source: DependencySource::Folder("../common".into()),
        };
        let (web, redis) = ("https://charts.example.com", "oci://registry.example.com/team");
        let all = chart(&[("Chart.yaml", CHART)]).missing_dependencies().unwrap();
        assert_eq!(all, [repository("web", "^1", web), repository("redis", "2.x", redis), common("*")]);
        let lock = "dependencies:
- {name: web, version: 1.4.2, repository: https://charts.example.com}
- {name: redis, version: 2.0.0, repository: https://elsewhere.example}
digest: sha256:0\n";
        let locked = chart(&[("Chart.yaml", CHART), ("Chart.lock", lock), ("charts/common/Chart.yaml", "x")]);
        let missing = locked.missing_dependencies().unwrap();
        assert_eq!(missing, [repository("web", "1.4.2", web), repository("redis", "2.x", redis)]);
    }

    #[test]
    fn charts_of_the_first_generation_write_them_elsewhere() {
        let requirements =
            "dependencies: [{name: web, version: 1.0.0, repository: https://charts.example.com}]";
        let chart =
            chart(&[("Chart.yaml", "name: shop\nversion: 1.0.0"), ("requirements.yaml", requirements)]);
        let missing = chart.missing_dependencies().unwrap();
        assert_eq!(missing, [repository("web", "1.0.0", "https://charts.example.com")]);
    }

    #[test]
    fn a_copy_is_known_by_its_name_and_added_once() {
        let mut chart =
            chart(&[("Chart.yaml", CHART), ("charts/web-ui-1.0.0.tgz", "x"), ("charts/common-0.1.tgz", "x")]);
        let package = |name: &str, version: &str| ChartPackage {
            name: name.into(),
            version: version.into(),
            digest: String::new(),
            bytes: Bytes::from_static(b"packed"),
        };
        assert_eq!(chart.missing_dependencies().unwrap().len(), 2);
        chart.add_dependency(&package("web", "1.4.2+build")).unwrap();
        chart.add_dependency(&package("redis", "2.0.0")).unwrap();
        assert_eq!(chart.missing_dependencies(), Ok(Vec::new()));
        assert_eq!(std::fs::read(chart.path().join("charts/web-1.4.2+build.tgz")).unwrap(), b"packed");
        assert!(chart.add_dependency(&package("redis", "2.0.0")).is_err());
        for (name, version) in [("../x", "1.0.0"), ("x", "../1"), ("", "1"), (".", "1")] {
            let refused = chart.add_dependency(&package(name, version));
            assert!(matches!(refused, Err(ChartError::Dependency { .. })), "{name} {version}");
        }
    }

    #[test]
    fn a_dependency_from_nowhere_is_named() {
        for (written, said) in [
            ("''", "names no repository"),
            ("'@stable'", "somebody's own helm"),
            ("alias:stable", "somebody's own helm"),
            ("ftp://example.com", "is no repository"),
        ] {
            let text = format!(
                "name: shop\nversion: 1.0.0\ndependencies: [{{name: web, version: 1, repository: {written}}}]"
            );
            let error = chart(&[("Chart.yaml", &text)]).missing_dependencies().unwrap_err().to_string();
            assert!(error.contains("the dependency web") && error.contains(said), "{error}");
        }
    }
}
