//! The end of a release.

use std::time::Duration;

use domain::release::{ReleaseAction, ReleaseState};
use engine::port::helm::Call;
use storage::ReleaseWork;
use tokio::sync::Semaphore;

use super::act::measured;
use super::look::Fault;
use super::pass::Pass;
use super::record::End;

/// How long helm has for removing a release whose spec is gone.
const REMOVAL: Duration = Duration::from_mins(5);

/// The `HelmRelease` is gone, from Git and from the cluster: so goes its release.
pub(super) async fn remove(
    pass: &Pass,
    turns: &Semaphore,
    work: &ReleaseWork,
    state: &mut ReleaseState,
) -> Result<End, Fault> {
    if state.release_name.is_empty() || state.helm_revision == 0 {
        return Ok(End::Forgotten);
    }
    let _turn = turns.acquire().await;
    // It may have waited for its turn behind an upgrade of minutes.
    if !pass.ports.storage.check_unwanted(&work.lease).await? {
        return Ok(End::Postponed);
    }
    let lent = pass.client.lend().map_err(|error| Fault::failed(&error))?;
    let (namespace, release) = (&state.target_namespace, &state.release_name);
    let call = Call { namespace, release, kubeconfig: &lent, timeout: REMOVAL };
    measured(ReleaseAction::Uninstall, namespace, release, pass.helm().uninstall(&call, false))
        .await
        .map_err(|error| Fault::failed(&error))?;
    tracing::info!(
        configuration.id = %pass.configuration.id,
        "release {namespace}/{release} is removed: its HelmRelease {} is gone", work.lease.key
    );
    Ok(End::Forgotten)
}
