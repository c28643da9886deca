//! Files to objects.

use std::sync::Arc;
use std::time::Duration;

use domain::reason::Reason;
use domain::status::SyncStep;
use engine::limits::Limits;
use engine::load::{Load, LoadError};
use engine::port::generate::{Generate, Generation};
use engine::port::source::Tree;
use storage::Work;

use super::fetch::Fetched;
use crate::run::{Ports, Run, Stop};

/// A complete load and the id of what it was read from.
pub(crate) struct Loaded {
    pub(crate) load: Load,
    /// Equal ids mean equal loads.
    pub(crate) tree_id: String,
    /// First line of the commit's message and its author.
    pub(crate) subject: String,
}

/// Reads the manifests beside the runtime's threads: a large repository must not hold up the others. With
/// `--manifest-generation` commands of the repository have made them before.
pub(crate) async fn load(run: &Run, source: &Fetched) -> Result<Loaded, Stop> {
    run.step(SyncStep::Read, None);
    load_of(&run.ports, &run.work, source).await
}

/// The same without a run.
pub(crate) async fn load_of(ports: &Ports, work: &Work, source: &Fetched) -> Result<Loaded, Stop> {
    let tree_id = tree_id(ports, work, source).await?;
    let generation = generate(ports, work, source).await?;
    let tree = Arc::clone(&source.tree);
    let paths = work.spec.operator_params.flags().git_paths.clone();
    let reading = move || {
        let limits = Limits::default();
        let load = match &generation {
            Some(generation) => engine::load::load_generated(tree.as_ref(), generation, &limits)?,
            None => engine::load::load(tree.as_ref(), &paths, &limits)?,
        };
        Ok(Loaded { load, tree_id, subject: tree.subject() })
    };
    let loaded = blocking(work, source, reading).await?;
    match beyond_quota(work, &loaded.load) {
        None => Ok(loaded),
        Some(reason) => {
            Err(Stop::Failed { reason, detail: None, revision: Some(source.revision.to_string()) })
        }
    }
}

/// Too many objects are none: half a load would look as if the rest had left Git.
fn beyond_quota(work: &Work, load: &Load) -> Option<Reason> {
    let count = u32::try_from(load.objects.len()).unwrap_or(u32::MAX);
    let limit = work.quota.objects_per_sync?;
    (count > limit).then_some(Reason::ObjectQuota { count, limit })
}

/// One id of everything that a load of this revision reads.
pub(crate) async fn tree_id(ports: &Ports, work: &Work, source: &Fetched) -> Result<String, Stop> {
    let flags = work.spec.operator_params.flags();
    let (tree, paths) = (Arc::clone(&source.tree), flags.git_paths.clone());
    let generator: Option<Arc<dyn Generate>> = flags.manifest_generation.then(|| Arc::clone(&ports.generate));
    let reading = move || {
        let tree: &dyn Tree = tree.as_ref();
        match generator {
            Some(generator) => generator.tree_id(tree, &paths),
            None => engine::tree_id::tree_id(tree, &paths),
        }
    };
    blocking(work, source, reading).await
}

/// `None` without `--manifest-generation`.
async fn generate(ports: &Ports, work: &Work, source: &Fetched) -> Result<Option<Generation>, Stop> {
    let flags = work.spec.operator_params.flags();
    if !flags.manifest_generation {
        return Ok(None);
    }
    let timeout = Duration::from_secs(flags.sync_timeout_seconds);
    let (tree, paths) = (Arc::clone(&source.tree), flags.git_paths.clone());
    let generating = ports.generate.generate(tree, paths, &work.outbound, timeout);
    generating.await.map(Some).map_err(|error| Stop::from(error).at(&source.revision))
}

async fn blocking<T: Send + 'static>(
    work: &Work,
    source: &Fetched,
    reading: impl FnOnce() -> Result<T, LoadError> + Send + 'static,
) -> Result<T, Stop> {
    match tokio::task::spawn_blocking(reading).await {
        Ok(done) => done.map_err(|error| Stop::from(error).at(&source.revision)),
        Err(panicked) => Err(Stop::internal(work.id, &panicked)),
    }
}
