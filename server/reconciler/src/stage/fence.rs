//! The operator's Lease: nobody else writes with it, and a sync that changes something says so there first.
//!
//! A database that was put back from a backup, or copied, knows the terms of its own past alone. As soon as one of two
//! copies has changed something the other finds a term that it never began, and writes nothing until a person decides.

use engine::plan::{Approved, Plan};
use engine::port::cluster::{Cluster, Fence, HeldLease};
use storage::{OperatorOfCluster, Work};

use super::turn::brings_something;
use crate::abort::abort_at;
use crate::run::{Ports, Run, Stop};

/// The Lease as this run has it.
#[derive(Debug)]
pub(crate) struct Fenced {
    fence: Fence,
    /// What it said when it was read.
    found: Option<HeldLease>,
    /// It says a term of this very run.
    begun: bool,
}

/// Reads the Lease: before anything is made for the operator, for its rights are somebody else's to change then.
pub(crate) async fn fence(run: &Run, cluster: &dyn Cluster) -> Result<Fenced, Stop> {
    let fence = fence_of(&run.ports, &run.work).await?;
    let found = cluster.fence(&run.operator(), &fence, false).await?;
    Ok(Fenced { fence, found, begun: false })
}

/// Takes the Lease where there is none.
pub(crate) async fn take(run: &Run, cluster: &dyn Cluster, fenced: &mut Fenced) -> Result<(), Stop> {
    if fenced.found.is_none() {
        fenced.begin(run, cluster).await?;
    }
    if run.work.operator_generation < run.work.generation {
        // Only now the operator of an earlier generation may go.
        run.ports.storage.record_operator_made(&run.lease, run.work.generation).await?;
    }
    Ok(())
}

/// What the Lease of a configuration may say.
pub(crate) async fn fence_of(ports: &Ports, work: &Work) -> Result<Fence, Stop> {
    let terms = ports.storage.operator_terms(operator_of_cluster(work)).await?;
    Ok(Fence { installation: ports.installation, terms })
}

/// Before objects are made, changed or put right.
pub(crate) async fn begin_to_apply(
    run: &Run,
    cluster: &dyn Cluster,
    fenced: &mut Fenced,
    plan: &Plan<Approved>,
) -> Result<(), Stop> {
    if plan.steps().iter().any(brings_something) { fenced.begin(run, cluster).await } else { Ok(()) }
}

impl Fenced {
    /// Has the Lease say a new term, once in a run. It also tells whether the cluster still is the one that was read.
    pub(crate) async fn begin(&mut self, run: &Run, cluster: &dyn Cluster) -> Result<(), Stop> {
        if self.begun {
            return Ok(());
        }
        if self.found.is_none() && !self.fence.terms.is_empty() {
            // The terms that are known are given up for a Lease that is gone: not for one that was not seen where it is.
            self.found = cluster.fence(&run.operator(), &self.fence, true).await?;
        }
        let found = self.found.as_ref();
        let before = found.map(|found| found.term.as_str());
        let term = run.ports.storage.begin_term(&run.lease, operator_of_cluster(&run.work), before).await?;
        abort_at("term");
        self.fence.terms.push(term.clone());
        cluster.begin_term(&run.operator(), &self.fence, found, &term).await?;
        self.begun = true;
        Ok(())
    }
}

fn operator_of_cluster(work: &Work) -> OperatorOfCluster<'_> {
    OperatorOfCluster {
        cluster: &work.cluster_uid,
        namespace: &work.spec.operator_namespace,
        instance: &work.spec.operator_instance_name,
    }
}
