//! Is this the cluster that was connected?

use std::sync::Arc;

use domain::reason::Reason;
use domain::status::SyncStep;
use engine::port::cluster::Cluster;

use crate::run::{Run, Stop};

/// The connection, when the UID of `kube-system` is the one known since the cluster was connected. Behind the
/// same address another cluster may answer one day: nothing is written to it.
pub(crate) async fn identify(run: &Run) -> Result<Arc<dyn Cluster>, Stop> {
    run.step(SyncStep::Prepare, None);
    let cluster = run.ports.clusters.open(run.work.cluster).await?;
    let uid = cluster.identify(false).await?;
    if uid == run.work.cluster_uid {
        return Ok(cluster);
    }
    let known = &run.work.cluster_uid;
    let detail = format!("kube-system has UID {uid}, it had {known} when the cluster was connected");
    Err(Stop::Failed { reason: Reason::ClusterReplaced, detail: Some(detail), revision: None })
}
