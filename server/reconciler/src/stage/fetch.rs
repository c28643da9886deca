//! What does the branch point to, and what is in it?

use std::sync::Arc;

use domain::configuration::ConfigurationSpec;
use domain::id::ResourceGroupId;
use domain::repository::Revision;
use domain::status::SyncStep;
use engine::port::source::{Access, SourceRequest, Tree};

use crate::run::{Run, Stop};

/// A revision with its files.
pub(crate) struct Fetched {
    pub(crate) revision: Revision,
    pub(crate) tree: Arc<dyn Tree>,
}

/// Asks the host for the branch's head with the configuration's own access, then opens that revision; what the
/// glance has just fetched is not asked for again.
pub(crate) async fn fetch(run: &Run, fetched: Option<Fetched>) -> Result<Fetched, Stop> {
    if let Some(fetched) = fetched {
        return Ok(fetched);
    }
    run.step(SyncStep::Fetch, None).await?;
    let request = request(run);
    let revision = run.ports.source.resolve(&request).await?;
    let tree =
        run.ports.source.open(&request, &revision).await.map_err(|error| Stop::from(error).at(&revision))?;
    Ok(Fetched { revision, tree })
}

/// What a run reads, and on whose behalf.
pub(crate) fn request(run: &Run) -> SourceRequest {
    request_of(run.team(), &run.work.spec)
}

/// What a configuration of a team reads.
pub(crate) fn request_of(team: Option<ResourceGroupId>, spec: &ConfigurationSpec) -> SourceRequest {
    let flags = spec.operator_params.flags();
    SourceRequest {
        tenant: team.map_or_else(String::new, |team| team.to_string()),
        url: spec.repository_url.clone(),
        branch: flags.git_branch.clone(),
        timeout_seconds: flags.git_timeout_seconds,
        access: Access::default(),
    }
}
