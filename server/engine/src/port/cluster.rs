//! A Kubernetes cluster, as far as a sync needs it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use domain::cluster::ClusterUid;
use domain::configuration::OperatorScope;
use domain::health::Health;
use domain::id::InstallationId;
use domain::name::{OperatorInstanceName, OperatorNamespace};
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::{ObjectReason, Reason};
use serde_json::Value;
use tokio::sync::broadcast;

use super::release::ReleaseClient;
use crate::desired::Desired;
use crate::difference::Comparison;
use crate::prune::{Victim, Warrant};

/// A configuration's operator in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// Namespace of the operator objects.
    pub namespace: OperatorNamespace,
    /// Name of the service account, of the binding and of the Lease.
    pub instance: OperatorInstanceName,
    /// What it may do: decides between a cluster role binding and a role binding.
    pub scope: OperatorScope,
    /// The cluster it is in. When another one has come to the address since, nothing of it is sent there.
    pub cluster: ClusterUid,
}

/// Who may hold the operator's Lease in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// This installation; a copy of its database has the same.
    pub installation: InstallationId,
    /// What the Lease may say: the terms that this database began. Whoever works with a copy of it begins others, which
    /// are not known here. Empty before the first.
    pub terms: Vec<String>,
}

/// The operator's Lease as it was read, when it says a term of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLease {
    /// Which.
    pub term: String,
    /// All of it, to be changed where it is the same still.
    pub object: Value,
}

/// What provisioning found or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provisioned {
    /// Whether the operator namespace carries our creation label.
    pub namespace_is_ours: bool,
}

/// What retiring an operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceFate {
    /// Deleted: ours and empty.
    Deleted,
    /// Kept: not ours, or not asked for.
    KeptForeign,
    /// Kept: something else is in it.
    KeptInUse,
}

/// A connection to one cluster under the kubeconfig's own identity.
///
/// Architecture invariant: besides these operator objects and the label-selected watches, nothing is read or
/// written by this identity; a sync's reads and writes go through [`Cluster::operator`].
#[async_trait]
pub trait Cluster: Send + Sync {
    /// UID of `kube-system`; `fresh` asks now, else an answer of the last second serves.
    async fn identify(&self, fresh: bool) -> Result<ClusterUid, ClusterError>;

    /// Makes namespace, service account and binding where they are absent. No write when all is there.
    async fn provision(&self, operator: &Operator) -> Result<Provisioned, ClusterError>;

    /// The operator's Lease, when it says a term of ours; `None` when it may be taken. `fresh` asks in any case, else it is enough
    /// that the watches know of none: taking it tells. Another installation's id, or a term that is none of ours, is
    /// [`Reason::ManagedElsewhere`].
    async fn fence(
        &self,
        operator: &Operator,
        fence: &Fence,
        fresh: bool,
    ) -> Result<Option<HeldLease>, ClusterError>;

    /// Has the Lease say another term, by compare-and-swap, where it still says what [`Cluster::fence`] gave. One that is
    /// not there any more is not made anew: it may be another cluster that answers.
    async fn begin_term(
        &self,
        operator: &Operator,
        fence: &Fence,
        found: Option<&HeldLease>,
        term: &str,
    ) -> Result<(), ClusterError>;

    /// Removes Lease, binding and service account that carry our label, by UID precondition, and the namespace
    /// when `namespace_may_go`, it is ours, and a complete listing shows nothing but what Kubernetes puts there.
    async fn retire(
        &self,
        operator: &Operator,
        namespace_may_go: bool,
    ) -> Result<NamespaceFate, ClusterError>;

    /// The client of a sync: every request impersonates the operator's service account.
    fn operator(&self, operator: &Operator) -> Arc<dyn OperatorClient>;

    /// Whether the watches know that an object of the operator is not there.
    fn lacks(&self, operator: &Operator) -> bool;

    /// The operator objects as the watches see them, by our label; they run from here on.
    fn operators(&self) -> Arc<dyn Observer>;

    /// What was applied from Git as the watches see it.
    fn observer(&self) -> Arc<dyn Observer>;

    /// Makes the definition of `HelmRelease` where it is absent, for an operator. It is shared by all configurations of
    /// the cluster and never deleted by us.
    async fn define_helm_releases(&self, operator: &Operator) -> Result<(), ClusterError>;

    /// What Helm releases read and write, as the operator's service account. The helm program makes connections of its
    /// own.
    fn releases(&self, operator: &Operator) -> Arc<dyn ReleaseClient>;

    /// What Helm releases have made, as watches by helm's label see it. The hash in [`Observed`] is that of
    /// [`super::release::MadeObject::helm_fields`].
    fn release_observer(&self) -> Arc<dyn Observer>;
}

/// A client that is the operator's service account.
#[async_trait]
pub trait OperatorClient: Send + Sync {
    /// The kinds the cluster serves; `fresh` asks again, else an answer of the last minutes serves.
    async fn kinds(&self, fresh: bool) -> Result<Arc<Kinds>, ClusterError>;

    /// Our objects of a kind as one list of metadata shows them, in one namespace or in all: for clusters whose
    /// kubeconfig may not watch.
    async fn list(
        &self,
        kind: &ResourceKind,
        namespace: Option<&str>,
    ) -> Result<HashMap<ObjectKey, Observed>, ObjectError>;

    /// Whether there is no such object, whosever it would be: cheaper than a dry-run, which would tell nothing more.
    async fn is_absent(&self, object: &Desired) -> Result<bool, ObjectError>;

    /// What a server-side apply of the object would give. Nothing is written.
    async fn dry_run(&self, object: &Desired) -> Result<Live, ObjectError>;

    /// The object beside what a server-side apply would make of it. Nothing is written.
    async fn compare(&self, object: &Desired) -> Result<Comparison, ObjectError>;

    /// Forced server-side apply with field manager `fairlead`.
    async fn apply(&self, object: &Desired) -> Result<Live, ObjectError>;

    /// Makes the fields that kubectl applied ours, under the precondition that the object is as it was read; see
    /// [`crate::takeover`]. Nothing else of the object changes.
    async fn take_over(&self, object: &Desired) -> Result<(), ObjectError>;

    /// Waits, bounded, until a CRD just applied is Established.
    async fn established(&self, definition: &Desired) -> Result<(), ObjectError>;

    /// What decides about the deletion of a live object; `None` when there is no such object. That the kind is not
    /// served, or may not be read, is an error.
    async fn look(&self, object: &ObjectKey, kind: &ResourceKind) -> Result<Option<Marked>, ObjectError>;

    /// How many objects of a kind there are, in all namespaces.
    async fn count(&self, kind: &ResourceKind) -> Result<u32, ObjectError>;

    /// Deletes in the background exactly what was looked at, by the preconditions of UID and resource version.
    async fn delete(&self, warrant: &Warrant, victim: &Victim) -> Result<Deletion, ObjectError>;
}

/// An object as the API server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.resourceVersion`; empty in the dry-run of an object that is not there.
    pub resource_version: String,
    /// Hash of our own managed-fields entry: unchanged means nobody changed our fields.
    pub own_fields: String,
    /// By kstatus rules.
    pub health: Health,
    /// Why it is not healthy, in the object's own words.
    pub message: Option<String>,
    /// Whether the object was there before this request.
    pub existed: bool,
    /// Live annotation that asks to be left alone (`fluxcd.io/ignore: "true"` or its old name).
    pub ignored: bool,
    /// Whether it carries kubectl's annotation of what was applied last.
    pub kubectls: bool,
}

/// What decides about the deletion of a live object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.resourceVersion`
    pub resource_version: String,
    /// [`crate::marks::GC_MARK_LABEL`]
    pub mark: Option<String>,
    /// [`crate::marks::kept_from_collection`]
    pub kept: bool,
    /// Whether another object owns it: what its controller made goes with that.
    pub owned: bool,
    /// Whether it is being deleted already.
    pub terminating: bool,
}

/// What came of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone.
    Gone,
    /// It will be, once whoever holds it lets go.
    Terminating,
    /// It changed after it was looked at and is still there.
    Changed,
}

/// One of our objects as a watch saw it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// `metadata.uid`
    pub uid: String,
    /// Hash of our own managed-fields entry; empty when it is gone.
    pub own_fields: String,
    /// By kstatus rules; [`Health::Healthy`] for kinds without status rules.
    pub health: Health,
    /// Why it is not healthy, in the object's own words.
    pub message: Option<String>,
}

/// What is known of an object from the watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Its kind is not watched (no right, not yet listed, connection lost).
    Unwatched,
    /// Its kind is watched and there is no such object with our mark.
    Absent,
    /// There it is.
    Present(Observed),
}

/// The label-selected watches of one cluster, one per kind.
#[async_trait]
pub trait Observer: Send + Sync {
    /// Starts the watches that are not running yet and waits, bounded, for their first list.
    async fn watch(&self, kinds: &BTreeSet<ResourceKind>);

    /// The last known state of an object.
    fn observation(&self, object: &ObjectKey) -> Observation;

    /// Keys of objects that appeared, changed or went. Lagging receivers look at everything again.
    fn changes(&self) -> broadcast::Receiver<ObjectKey>;
}

/// The kinds a cluster serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// By (group, kind): the served versions, preferred first.
    pub served: BTreeMap<(String, String), Vec<ResourceKind>>,
    /// API groups whose server does not answer at present: their kinds are unknown, not absent.
    pub unavailable_groups: BTreeSet<String>,
}

impl Kinds {
    /// The kind that a definition of this name (`plural.group`) defines, as it is served.
    pub fn defined_by(&self, definition: &str) -> Option<&ResourceKind> {
        let (plural, group) = definition.split_once('.')?;
        let of_group = self.served.iter().filter(|((served, _), _)| served == group);
        of_group.flat_map(|(_, kinds)| kinds).find(|kind| kind.plural == plural)
    }

    /// How an `apiVersion` and `kind` are served.
    pub fn find(&self, group: &str, version: &str, kind: &str) -> KindLookup {
        let served = self.served.get(&(group.to_owned(), kind.to_owned()));
        match served.and_then(|kinds| kinds.iter().find(|served| served.version == version)) {
            Some(found) => KindLookup::Served(found.clone()),
            None if self.unavailable_groups.contains(group) => KindLookup::GroupUnavailable,
            None => KindLookup::Unknown,
        }
    }
}

/// Answer of [`Kinds::find`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KindLookup {
    /// Served like this.
    Served(ResourceKind),
    /// No group, version or kind of that name.
    Unknown,
    /// The group does not answer: nobody knows.
    GroupUnavailable,
}

/// Why a cluster could not do what a whole sync needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason:?}: {}", .detail.as_deref().unwrap_or("no further words"))]
pub struct ClusterError {
    /// The one sentence.
    pub reason: Reason,
    /// What the client or the API server said, scrubbed and bounded.
    pub detail: Option<String>,
}

/// Why one object could not be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason:?}: {detail}")]
pub struct ObjectError {
    /// The one sentence.
    pub reason: ObjectReason,
    /// What the API server said, scrubbed and bounded.
    pub detail: String,
}
