//! What a sync of another revision would do: the stages of a run up to the plan, without a lease, without a trace in
//! the database, and with a dry-run in place of every apply.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::change::Action;
use domain::id::ConfigurationId;
use domain::object::ObjectKey;
use domain::reason::{ObjectReason, Reason};
use domain::repository::{Branch, Revision};
use domain::service::{PlanStep, PlanView};
use engine::difference::differences;
use engine::plan::{InventoryEntry, Plan, Proposed, Step, Verdict, Why, plan};
use engine::port::cluster::{Cluster, ObjectError, OperatorClient};
use engine::prune::Mode;
use engine::resolve::{Resolved, ScopePolicy, resolve};
use futures::stream::{StreamExt, TryStreamExt};
use storage::{StorageError, Work};

use crate::run::{Ports, Stop, operator_of, team};
use crate::stage::fetch::{Fetched, request_of};
use crate::stage::load::load_of;
use crate::stage::observe::entries;

/// Objects compared at once: a person waits, and the API server has other things to do.
const AT_ONCE: usize = 8;

/// Why no plan can be made: what would end a run early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplanned {
    /// The one sentence.
    pub reason: Reason,
    /// What Git or the API server said, scrubbed.
    pub detail: Option<String>,
}

/// Plans a branch or a commit of the configuration's own repository.
pub(crate) async fn preview(
    ports: &Ports,
    id: ConfigurationId,
    revision: &str,
) -> Result<PlanView, Unplanned> {
    planned(ports, id, revision).await.map_err(|stop| match stop {
        Stop::Failed { reason, detail, revision: _ } => Unplanned { reason, detail },
        // A plan takes no turn.
        Stop::PutOff => Unplanned { reason: Reason::Internal { id: id.to_string() }, detail: None },
        Stop::Storage(error) => {
            tracing::error!(configuration.id = %id, "configuration {id} cannot be planned: {error}");
            Unplanned { reason: Reason::Internal { id: id.to_string() }, detail: None }
        }
    })
}

async fn planned(ports: &Ports, id: ConfigurationId, revision: &str) -> Result<PlanView, Stop> {
    let work = ports.storage.work(id).await?;
    let work = work.ok_or(StorageError::Unreadable {
        what: "configuration",
        id: id.to_string(),
        detail: "it was deleted".to_owned(),
    })?;
    let fetched = fetch(ports, &work, revision).await?; // IO: Git
    let loaded = load_of(ports, &work, &fetched).await?; // blocking, pure but for generators
    let cluster = known_cluster(ports, &work).await?; // IO: the cluster is the one we know
    // Nothing is made: it is there since the first sync.
    let operator = cluster.operator(&operator_of(&work.spec, &work.cluster_uid));
    let kinds = operator.kinds(true).await?; // IO
    let resolved = resolve(&loaded.load, &kinds, &ScopePolicy::of(&work.spec))?; // pure
    let inventory = entries(&ports.storage.inventory(id).await?);
    let observer = cluster.observer();
    let proposed = plan(&resolved.desired, &inventory, |key| observer.observation(key)); // pure
    let mut steps = compared(ports, &work, operator.as_ref(), &resolved, &proposed).await?; // IO: dry-runs
    steps.extend(left_out(&resolved));
    if Mode::of(work.spec.operator_params.flags()) == Mode::On {
        steps.extend(proposed.leftover().iter().map(deleted));
    }
    let warnings = resolved.warnings.iter().map(ToString::to_string).collect();
    Ok(PlanView { revision: fetched.revision.to_string(), steps, warnings })
}

/// The configuration's own credential is asked for its own branch first, also when a commit is named: what was
/// fetched for it once is read only while the host still lets it in.
async fn fetch(ports: &Ports, work: &Work, revision: &str) -> Result<Fetched, Stop> {
    let access = ports.credentials.open(work.id, &work.spec).await?.access;
    let size_limit = work.quota.repository_bytes();
    let mut request = request_of(team(&work.place), &work.spec, access, size_limit, work.outbound.clone());
    let commit = Revision::parse(revision).ok();
    if commit.is_none() {
        request.branch = Branch::parse(revision).map_err(|_| Stop::Failed {
            reason: Reason::BranchMissing { branch: revision.to_owned() },
            detail: None,
            revision: None,
        })?;
    }
    let head = ports.source.resolve(&request, Duration::ZERO).await?;
    let revision = commit.unwrap_or(head);
    let tree = ports.source.open(&request, &revision).await?;
    Ok(Fetched { request, revision, tree })
}

async fn known_cluster(ports: &Ports, work: &Work) -> Result<Arc<dyn Cluster>, Stop> {
    let cluster = ports.clusters.open(work.cluster).await?;
    let uid = cluster.identify(true).await?;
    if uid == work.cluster_uid {
        return Ok(cluster);
    }
    Err(Stop::Failed { reason: Reason::ClusterReplaced, detail: None, revision: None })
}

/// A step for every wanted object, in the order of application.
async fn compared(
    ports: &Ports,
    work: &Work,
    operator: &dyn OperatorClient,
    resolved: &Resolved,
    proposed: &Plan<Proposed>,
) -> Result<Vec<PlanStep>, Stop> {
    let new: BTreeSet<&str> = proposed
        .steps()
        .iter()
        .filter(|step| step.desired.key.kind == "Namespace" && step.desired.key.group.is_empty())
        .map(|step| step.desired.key.name.as_str())
        .collect();
    let steps = proposed.steps().iter().map(|step| async {
        let waits = resolved.awaiting.contains(&step.desired.key);
        let home = step.desired.key.namespace.as_deref().is_some_and(|namespace| new.contains(namespace));
        compare(ports, work, operator, step, waits, home).await
    });
    let steps: Vec<_> = steps.collect();
    futures::stream::iter(steps).buffered(AT_ONCE).try_collect().await
}

/// `waits`: its CRD is part of the load and not served yet. `home`: its namespace is part of the load and may be
/// missing, which a dry-run would be refused for.
async fn compare(
    ports: &Ports,
    work: &Work,
    operator: &dyn OperatorClient,
    step: &Step,
    waits: bool,
    home: bool,
) -> Result<PlanStep, Stop> {
    let told = |action, reason| PlanStep {
        action,
        object: step.desired.key.clone(),
        place: step.desired.place.clone(),
        reason,
        detail: None,
        fields: Vec::new(),
    };
    match &step.verdict {
        Verdict::Unchanged => return Ok(told(Action::Unchanged, None)),
        Verdict::Skip(reason) => return Ok(told(Action::Skip, Some(reason.clone()))),
        Verdict::Absent => return Ok(told(Action::Create, None)),
        Verdict::Look(Why::New) => {
            if let Some(reason) = foreign(ports, work, &step.desired.key).await? {
                return Ok(told(Action::Skip, Some(reason)));
            }
        }
        Verdict::Look(_) => {}
    }
    if waits {
        return Ok(told(Action::Create, None));
    }
    Ok(match operator.compare(&step.desired).await {
        Ok(comparison) => {
            let fields = differences(&step.desired.key, &comparison);
            let ignored = comparison.before.as_ref().is_some_and(engine::marks::ignored);
            match comparison.before {
                None => told(Action::Create, None),
                Some(_) if ignored => told(Action::Skip, Some(ObjectReason::Ignored)),
                Some(_) if fields.is_empty() => told(Action::Unchanged, None),
                Some(_) => PlanStep { fields, ..told(Action::Configure, None) },
            }
        }
        Err(error) if home && names_namespace(&error, &step.desired.key) => told(Action::Create, None),
        Err(ObjectError { reason, detail }) => {
            PlanStep { detail: Some(detail), ..told(Action::Configure, Some(reason)) }
        }
    })
}

/// The API server has no such namespace, and says so.
fn names_namespace(error: &ObjectError, key: &ObjectKey) -> bool {
    key.namespace.as_deref().is_some_and(|name| {
        error.detail.contains("not found") && error.detail.contains(&format!("namespaces \"{name}\""))
    })
}

/// Another configuration of the installation has it; which one is not told here.
async fn foreign(ports: &Ports, work: &Work, key: &ObjectKey) -> Result<Option<ObjectReason>, Stop> {
    let manager = ports.storage.manager_of(&work.cluster_uid, key).await?;
    let other = manager.filter(|manager| *manager != work.id);
    Ok(other.map(|_| ObjectReason::ManagedByOther { configuration: None }))
}

fn left_out(resolved: &Resolved) -> impl Iterator<Item = PlanStep> + '_ {
    resolved.left_out.iter().map(|left| PlanStep {
        action: Action::Skip,
        object: left.key.clone(),
        place: left.place.clone(),
        reason: Some(left.reason.clone()),
        detail: None,
        fields: Vec::new(),
    })
}

fn deleted(entry: &InventoryEntry) -> PlanStep {
    PlanStep {
        action: Action::Delete,
        object: entry.key.clone(),
        place: String::new(),
        reason: None,
        detail: None,
        fields: Vec::new(),
    }
}
