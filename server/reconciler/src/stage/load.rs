//! Files to objects.

use std::sync::Arc;

use domain::status::SyncStep;
use engine::limits::Limits;
use engine::load::{Load, LoadError};

use super::fetch::Fetched;
use crate::run::{Run, Stop};

/// A complete load and the id of what it was read from.
pub(crate) struct Loaded {
    pub(crate) load: Load,
    /// Equal ids mean equal loads.
    pub(crate) tree_id: String,
    /// First line of the commit's message and its author.
    pub(crate) subject: String,
}

/// Reads the manifests beside the runtime's threads: a large repository must not hold up the others.
pub(crate) async fn load(run: &Run, source: &Fetched) -> Result<Loaded, Stop> {
    run.step(SyncStep::Read, None).await?;
    let tree = Arc::clone(&source.tree);
    let paths = run.work.spec.operator_params.flags().git_paths.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let tree_id = engine::tree_id::tree_id(tree.as_ref(), &paths)?;
        let load = engine::load::load(tree.as_ref(), &paths, &Limits::default())?;
        Ok::<_, LoadError>(Loaded { load, tree_id, subject: tree.subject() })
    });
    match reading.await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(error)) => Err(Stop::from(error).at(&source.revision)),
        Err(panicked) => Err(Stop::internal(run.id(), &panicked)),
    }
}
