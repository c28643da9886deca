//! What does the branch point to, and what is in it?

use std::sync::Arc;
use std::time::Duration;

use domain::configuration::ConfigurationSpec;
use domain::id::ResourceGroupId;
use domain::outbound::Narrowing;
use domain::reason::Reason;
use domain::repository::{Revision, Transport};
use domain::status::SyncStep;
use engine::port::source::{Access, SourceError, SourceRequest, Tree};

use super::turn;
use crate::port::Credential;
use crate::run::{Run, Stop};

/// Nothing older is believed, however long a run has waited for its turn.
const AGE_MAX: Duration = Duration::from_secs(2);

/// A revision with its files.
pub(crate) struct Fetched {
    /// What was asked for, and how.
    pub(crate) request: SourceRequest,
    pub(crate) revision: Revision,
    pub(crate) tree: Arc<dyn Tree>,
}

/// Asks the host for the branch's head with the configuration's own access, then opens that revision; what the
/// glance has just fetched is not asked for again.
pub(crate) async fn fetch(run: &Run, fetched: Option<Box<Fetched>>) -> Result<Fetched, Stop> {
    if let Some(fetched) = fetched {
        return Ok(*fetched);
    }
    run.step(SyncStep::Fetch, None);
    let (request, revision) = resolve(run).await?;
    open(run, request, revision).await
}

/// Opens a revision; one that was not looked at before counts as a sync of the resource group.
pub(crate) async fn open(run: &Run, request: SourceRequest, revision: Revision) -> Result<Fetched, Stop> {
    turn::take_to_fetch(run, &revision).await?;
    let tree =
        run.ports.source.open(&request, &revision).await.map_err(|error| Stop::from(error).at(&revision))?;
    Ok(Fetched { request, revision, tree })
}

/// Asks the host for the branch's head, with the configuration's own access. What was asked for and how is given back
/// for opening the revision.
pub(crate) async fn resolve(run: &Run) -> Result<(SourceRequest, Revision), Stop> {
    let spec = &run.work.spec;
    let Credential { access, accepted } = run.ports.credentials.open(run.id(), spec).await?;
    let request =
        request_of(run.team(), spec, access, run.work.quota.repository_bytes(), run.work.outbound.clone());
    let revision = match run.ports.source.resolve(&request, age(run)).await {
        Err(refused) if !accepted && refused.reason == Reason::RepositoryCredentialRefused => {
            // Nobody has said yet that it should work: it is waited for, and no failure.
            return Err(Stop::from(SourceError { reason: not_accepted(spec), ..refused }));
        }
        resolved => resolved?,
    };
    if !accepted {
        run.ports.storage.accept_credential(&run.lease, &request.access.identity).await?;
    }
    Ok((request, revision))
}

/// How old an answer of the host may be: younger than the wish that the run is for, so that whoever pushes and wishes for
/// a sync gets what they pushed. A crowd that one push wakes asks its host once and not each for itself.
fn age(run: &Run) -> Duration {
    let since = run.ports.clock.now().milliseconds_since(run.lease.wished_at());
    Duration::from_millis(u64::try_from(since).unwrap_or_default()).min(AGE_MAX)
}

fn not_accepted(spec: &ConfigurationSpec) -> Reason {
    match spec.repository_url.transport() {
        Transport::Ssh => Reason::RepositoryKeyNotAccepted,
        _ => Reason::RepositoryUserNotAccepted,
    }
}

/// What a configuration of a team reads, within its bounds.
pub(crate) fn request_of(
    team: Option<ResourceGroupId>,
    spec: &ConfigurationSpec,
    access: Access,
    size_limit: Option<u64>,
    outbound: Narrowing,
) -> SourceRequest {
    let flags = spec.operator_params.flags();
    SourceRequest {
        tenant: team.map_or_else(String::new, |team| team.to_string()),
        url: spec.repository_url.clone(),
        branch: flags.git_branch.clone(),
        timeout_seconds: flags.git_timeout_seconds,
        access,
        size_limit,
        tags: false,
        outbound,
    }
}
