//! The operator objects are there, and they are ours to use.

use std::sync::Arc;

use engine::port::cluster::{Cluster, Fence, OperatorClient};

use crate::run::{Run, Stop};

/// Makes what is missing, takes the operator's Lease, and gives the client that is the operator.
pub(crate) async fn provision(run: &Run, cluster: &dyn Cluster) -> Result<Arc<dyn OperatorClient>, Stop> {
    let operator = run.operator();
    cluster.provision(&operator).await?;
    let fence = Fence { installation: run.ports.installation, epoch: run.lease.term() };
    if run.work.spec.helm_operator.is_some() {
        cluster.define_helm_releases().await?;
    }
    cluster.fence(&operator, &fence).await?;
    if run.work.operator_generation < run.work.generation {
        // Only now the operator of an earlier generation may go.
        run.ports.storage.record_operator_made(&run.lease, run.work.generation).await?;
    }
    Ok(cluster.operator(&operator))
}
