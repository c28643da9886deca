//! Looks at every connected cluster on a timer.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::cluster::{ClusterStatus, Connectivity};
use domain::id::ClusterId;
use futures::StreamExt;
use futures::stream;
use storage::ClusterRecord;
use tokio_util::sync::CancellationToken;

use crate::run::Ports;

/// Looks at once: a few clusters that do not answer must not delay the others.
const AT_ONCE: usize = 16;

/// Asks until `stop`.
pub(crate) async fn run(ports: Ports, interval: Duration, stop: CancellationToken) {
    let mut last = BTreeMap::new();
    loop {
        match ports.storage.all_clusters().await {
            Ok(clusters) => look_at_all(&ports, clusters, &mut last).await,
            Err(error) => tracing::error!("the clusters cannot be read, trying again: {error}"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}

async fn look_at_all(
    ports: &Ports,
    clusters: Vec<ClusterRecord>,
    last: &mut BTreeMap<ClusterId, Connectivity>,
) {
    let looks = stream::iter(clusters)
        .map(|cluster| async move { (cluster.id, look_at(ports, &cluster).await) })
        .buffer_unordered(AT_ONCE);
    let seen: Vec<(ClusterId, Connectivity)> = looks.collect().await;
    for (id, connectivity) in seen {
        let before = last.insert(id, connectivity);
        if connectivity == Connectivity::Connected && before.is_some_and(|before| before != connectivity) {
            came_back(ports, id).await;
        }
    }
}

async fn look_at(ports: &Ports, cluster: &ClusterRecord) -> Connectivity {
    let look = ports.clusters.look(cluster.id).await;
    let other = look.uid.as_ref().filter(|uid| **uid != cluster.uid);
    let status = match other {
        Some(other) => ClusterStatus::replaced(look.status, other),
        None => look.status,
    };
    if let Err(error) = ports.storage.update_cluster_status(cluster.id, &status).await {
        tracing::error!(cluster.id = %cluster.id, "the status of cluster {} is not stored: {error}", cluster.id);
    }
    status.connectivity
}

/// Whatever waited for it goes on at once.
async fn came_back(ports: &Ports, id: ClusterId) {
    tracing::info!(cluster.id = %id, "cluster {id} answers again");
    if let Err(error) = ports.storage.hasten_cluster(id, ports.clock.now()).await {
        tracing::error!(cluster.id = %id, "the configurations of cluster {id} are not hastened: {error}");
    }
}
