//! Making manifests by the commands that a repository's `.flux.yaml` names.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::outbound::Narrowing;
use domain::repository::RepositoryPath;

use super::source::Tree;
use crate::load::LoadError;

/// Generators, as far as a sync needs them (`--manifest-generation`).
#[async_trait]
pub trait Generate: Send + Sync {
    /// One id of everything that [`Generate::generate`] and the reading after it look at; takes the place of
    /// [`crate::tree_id::tree_id`]. Blocks: call it from a blocking task.
    ///
    /// It is about this tree alone and asks no host: of another repository that a kustomization names, what is
    /// written here counts. That its branch has moved is found out by [`Generate::generate`], so at each whole sync.
    fn tree_id(&self, tree: &dyn Tree, paths: &[RepositoryPath]) -> Result<String, LoadError>;

    /// Runs what `.flux.yaml` asks for, for each of the configured paths; none means the root of the repository.
    /// `timeout` bounds each command that names no time of its own, and the reading of all remote bases together;
    /// `outbound` is where these may be read from, where that is less than the server's own policy allows.
    async fn generate(
        &self,
        tree: Arc<dyn Tree>,
        paths: Vec<RepositoryPath>,
        outbound: &Narrowing,
        timeout: Duration,
    ) -> Result<Generation, LoadError>;
}

/// What generators gave, and what is left to be read as files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generation {
    /// Paths that no generator speaks for: `None` when there are none, and an empty list is the whole repository,
    /// as in [`crate::load::load`].
    pub scanned: Option<Vec<RepositoryPath>>,
    /// In the order of the paths and of their commands.
    pub generated: Vec<Generated>,
}

/// What one command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Stands for the file: the `.flux.yaml`, the command, and where it ran.
    pub origin: String,
    /// YAML documents.
    pub bytes: Vec<u8>,
}
