//! Sees to it that every cluster that answers is followed: what was applied (`watch`), and the operators' own objects
//! (`operators`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::cluster::Connectivity;
use domain::id::ClusterId;
use tokio_util::sync::CancellationToken;

use crate::run::Ports;
use crate::{operators, releases, watch};

/// How often it is looked for clusters that nobody follows yet.
const INTERVAL: Duration = Duration::from_secs(5);

/// Until `stop`. A cluster that was disconnected is not followed any more; one that is offline may come back.
pub(crate) async fn run(ports: Ports, stop: CancellationToken) {
    let mut applied: BTreeMap<ClusterId, watch::Followed> = BTreeMap::new();
    let mut released: BTreeMap<ClusterId, releases::Followed> = BTreeMap::new();
    let mut operators: BTreeMap<ClusterId, operators::Followed> = BTreeMap::new();
    while !stop.is_cancelled() {
        match ports.storage.all_clusters().await {
            Ok(clusters) => {
                let present: BTreeSet<ClusterId> = clusters.iter().map(|cluster| cluster.id).collect();
                applied.retain(|id, _| present.contains(id));
                released.retain(|id, _| present.contains(id));
                operators.retain(|id, _| present.contains(id));
                let answers =
                    clusters.iter().filter(|cluster| cluster.status.connectivity == Connectivity::Connected);
                for cluster in answers {
                    watch::follow(&ports, cluster, &mut applied).await;
                    releases::follow(&ports, cluster.id, &mut released).await;
                    operators::follow(&ports, cluster.id, &mut operators).await;
                }
            }
            Err(error) => tracing::error!("the clusters cannot be read, trying again: {error}"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}
