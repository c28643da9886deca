//! The operator objects are there.

use std::sync::Arc;

use engine::port::cluster::{Cluster, OperatorClient};

use crate::run::{Run, Stop};

/// Makes what is missing, but for the Lease, and gives the client that is the operator. It is ours to use with the Lease alone.
pub(crate) async fn provision(run: &Run, cluster: &dyn Cluster) -> Result<Arc<dyn OperatorClient>, Stop> {
    let operator = run.operator();
    run.check_lease().await?;
    cluster.provision(&operator).await?;
    if run.work.spec.helm_operator.is_some() {
        cluster.define_helm_releases(&operator).await?;
    }
    Ok(cluster.operator(&operator))
}
