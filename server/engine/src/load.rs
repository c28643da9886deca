//! Reads the manifests of one revision: which files, which documents, which objects.
//!
//! All or nothing, as in Flux v1: an unreadable file, a duplicate or a broken limit gives no load at all, so that
//! an object missing from a load is truly missing from Git.

mod document;
mod error;
mod links;
mod objects;
mod walk;

use domain::repository::RepositoryPath;
use serde_json::Value;

pub use self::document::read_documents;
pub use self::error::{Exceeded, GenerationProblem, LoadError, Problem};
use self::objects::Collector;
use self::walk::Walk;
pub(crate) use self::walk::{folders_above, is_chart};
use crate::limits::Limits;
use crate::port::generate::Generation;
use crate::port::source::Tree;
use crate::warning::Warning;

/// Everything the configured paths of one revision hold; no path means the whole repository.
///
/// Reading blocks: call it from a blocking task.
pub fn load(tree: &dyn Tree, paths: &[RepositoryPath], limits: &Limits) -> Result<Load, LoadError> {
    let mut collector = Collector::new(limits);
    scan(tree, paths, limits, &mut collector)?;
    Ok(collector.finish())
}

/// The same where `.flux.yaml` has a say: what generators gave stands beside the files of the paths that none of
/// them speaks for. All of it is one load, so that an object in both is a duplicate.
pub fn load_generated(tree: &dyn Tree, generation: &Generation, limits: &Limits) -> Result<Load, LoadError> {
    let mut collector = Collector::new(limits);
    if let Some(paths) = &generation.scanned {
        scan(tree, paths, limits, &mut collector)?;
    }
    for generated in &generation.generated {
        collector.add_generated(&generated.origin, &generated.bytes)?;
    }
    Ok(collector.finish())
}

/// Whether everything on the way from a symbolic link to its target lies at or below `root`.
pub fn link_stays_inside(tree: &dyn Tree, root: &str, link: &str) -> Result<bool, LoadError> {
    links::stays_inside(tree, root, link)
}

fn scan(
    tree: &dyn Tree,
    paths: &[RepositoryPath],
    limits: &Limits,
    collector: &mut Collector<'_>,
) -> Result<(), LoadError> {
    let walked = Walk::new(tree, limits).run(paths)?;
    collector.warn(walked.warnings);
    let mut total_bytes = 0_u64;
    for file in walked.files {
        let bytes = tree.read(&file, limits.file_bytes)?;
        total_bytes += bytes.len() as u64;
        if total_bytes > limits.total_bytes {
            return Err(LoadError::limit(Exceeded::TotalBytes { allowed: limits.total_bytes }, &file));
        }
        collector.add_file(&file, &bytes)?;
    }
    Ok(())
}

/// A complete reading of one revision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// In the order of files and documents.
    pub objects: Vec<LoadedObject>,
    /// What was skipped or is unusual.
    pub warnings: Vec<Warning>,
    /// Manifest files read.
    pub files: u32,
}

/// One object as Git has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedObject {
    /// `apiVersion` as written.
    pub api_version: String,
    /// `kind` as written.
    pub kind: String,
    /// `metadata.namespace` as written; `None` also when it is empty.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
    /// Path of its file in the repository.
    pub file: String,
    /// Line its document, or its item of a List, begins at; the first is 1.
    pub line: u32,
    /// The document, untouched but for numbers: whole ones are integers.
    pub manifest: Value,
    /// `fluxcd.io/ignore: "true"` (or its old name): not applied, and still in Git.
    pub ignored: bool,
}

impl LoadedObject {
    /// `file:line`, fit for a line of text.
    pub fn place(&self) -> String {
        place(&self.file, self.line)
    }

    /// API group of `apiVersion`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Version of `apiVersion`.
    pub fn version(&self) -> &str {
        self.api_version.split_once('/').map_or(&self.api_version, |(_, version)| version)
    }

    /// The Flux v1 resource id, by the namespace as written.
    pub fn written_id(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or("<cluster>");
        format!("{namespace}:{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// `file:line` without control characters, which would forge lines of a log or a terminal.
fn place(file: &str, line: u32) -> String {
    format!("{}:{line}", shown(file))
}

/// A path fit for a line of text.
fn shown(path: &str) -> String {
    if path.chars().any(char::is_control) { path.escape_debug().to_string() } else { path.to_owned() }
}

#[cfg(test)]
mod tests;
