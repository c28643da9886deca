//! A chart that lies in a folder of a Git tree: copied to the server's disk, with what it needs beside itself.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use engine::port::helm::{ChartAccess, ChartRequest, HelmError, HelmFault};
use engine::port::source::{EntryKind, Tree, TreeEntry, TreeError};
use sha2::{Digest, Sha256};

use crate::charts::{ChartError, Charts, Dependency, DependencySource, Limits, Writer};
use crate::prepared::{PreparedChart, as_helm};

/// A range among a chart's dependencies may mean what the repository had so long ago.
const INDEX_AGE: Duration = Duration::from_mins(5);

/// Copies a chart. Its digest is the Git object id of its folder. Blocks.
pub(crate) fn copy(tree: &dyn Tree, path: &str, into: &Path) -> Result<PreparedChart, HelmError> {
    let path = path.trim_matches('/');
    let digest = object_id(tree, path, "spec.chart.path")?;
    let mut writer = Writer::new(into).map_err(|error| as_helm(&error))?;
    walk(tree, path, &mut |name, content| writer.add(name, content))?;
    let folder = writer.finish(path).map_err(|error| as_helm(&error))?;
    Ok(PreparedChart { folder, digest })
}

/// Fetches what the chart has no copy of; a folder beside it is copied out of the same tree. The digest then changes with
/// all of them.
pub(crate) async fn complete(
    chart: PreparedChart,
    (tree, path): (Arc<dyn Tree>, String),
    charts: &Charts,
    access: &ChartAccess,
) -> Result<PreparedChart, HelmError> {
    let (mut chart, missing) = blocking(move || {
        let missing = chart.folder.missing_dependencies().map_err(|error| as_helm(&error))?;
        Ok((chart, missing))
    })
    .await?;
    for dependency in missing {
        let Dependency { name, version, source } = dependency;
        let of = |error: &ChartError| {
            let HelmError { fault, message } = as_helm(error);
            HelmError::new(fault, format!("the dependency {name}: {message}"))
        };
        match source {
            DependencySource::Repository(repository) => {
                let access = access.clone();
                let request =
                    ChartRequest { repository, name: name.clone(), version, access, index_age: INDEX_AGE };
                let package = charts.fetch(&request).await.map_err(|error| of(&error))?;
                chart.digest = combined(&chart.digest, &package.digest);
                chart = blocking(move || {
                    chart.folder.add_dependency(&package).map_err(|error| as_helm(&error))?;
                    Ok(chart)
                })
                .await?;
            }
            DependencySource::Folder(beside) => {
                let from = beside_of(&path, &beside).ok_or_else(|| {
                    refused(format!("the dependency {name}: file://{beside} leads out of the repository"))
                })?;
                let tree = Arc::clone(&tree);
                chart = blocking(move || {
                    let id = object_id(tree.as_ref(), &from, &format!("the dependency {name}"))?;
                    walk(tree.as_ref(), &from, &mut |file, content| {
                        chart.folder.add_dependency_file(&name, file, content)
                    })?;
                    chart.digest = combined(&chart.digest, &id);
                    Ok(chart)
                })
                .await?;
            }
        }
    }
    Ok(chart)
}

/// Gives each file of a folder with its path in it.
fn walk(
    tree: &dyn Tree,
    path: &str,
    take: &mut impl FnMut(&str, &[u8]) -> Result<(), ChartError>,
) -> Result<(), HelmError> {
    // Folders that are still to be looked into, by their paths below `path`.
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        if folder.split('/').count() > Limits::DEPTH {
            return Err(refused(format!(
                "{folder}: folders lie deeper than {} in each other",
                Limits::DEPTH
            )));
        }
        for entry in
            tree.list(&joined(path, &folder)).map_err(|error| unreadable(&error))?.unwrap_or_default()
        {
            let inside = joined(&folder, &entry.name);
            let whole = joined(path, &inside);
            match entry.kind {
                EntryKind::Folder => open.push(inside),
                EntryKind::File => {
                    let content =
                        tree.read(&whole, Limits::FILE_BYTES).map_err(|error| unreadable(&error))?;
                    take(&inside, &content).map_err(|error| as_helm(&error))?;
                }
                EntryKind::Link => {
                    return Err(refused(format!("{whole} is a symbolic link: a chart may not have any")));
                }
                EntryKind::Submodule => {
                    return Err(refused(format!("{whole} is a submodule: a chart may not have any")));
                }
            }
        }
    }
    Ok(())
}

/// The Git object id of a folder; `named` is what names it.
fn object_id(tree: &dyn Tree, path: &str, named: &str) -> Result<String, HelmError> {
    match tree.entry(path).map_err(|error| unreadable(&error))? {
        Some(TreeEntry { kind: EntryKind::Folder, id, .. }) => Ok(id),
        _ if path.is_empty() => Ok(tree.revision().to_string()),
        Some(_) => Err(refused(format!("{path} is no folder: {named} names the folder of a chart"))),
        None => {
            let revision = tree.revision().short();
            Err(refused(format!("there is no folder {path} in {revision}: check {named}")))
        }
    }
}

/// The path in the tree that a path relative to a chart means; `None` when that is outside.
fn beside_of(path: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || relative.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn joined(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}

/// Changes with each of two digests.
fn combined(one: &str, other: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("{one} {other}")))
}

/// Work on files, beside the runtime's own threads.
pub(crate) async fn blocking<Answer: Send + 'static>(
    work: impl FnOnce() -> Result<Answer, HelmError> + Send + 'static,
) -> Result<Answer, HelmError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| HelmError::new(HelmFault::Internal, error))?
}

fn refused(message: impl std::fmt::Display) -> HelmError {
    HelmError::new(HelmFault::Chart, message)
}

fn unreadable(error: &TreeError) -> HelmError {
    HelmError::new(HelmFault::Chart, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_beside_a_chart_lie_in_the_same_repository() {
        for (path, relative, wanted) in [
            ("charts/web", "../common", Some("charts/common")),
            ("charts/web", "lib", Some("charts/web/lib")),
            ("charts/web", "./../../lib/", Some("lib")),
            ("web", "..", Some("")),
            ("web", "../../x", None),
            ("", "../x", None),
            ("web", "/etc", None),
        ] {
            assert_eq!(beside_of(path, relative).as_deref(), wanted, "{path} {relative}");
        }
    }
}
