//! One cluster with one credential: the port the engine sees, each method a line.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::cluster::{ClusterFacts, ClusterStatus, ClusterUid, Connectivity, Preflight};
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::{ConnectionReason, Reason};
use engine::desired::Desired;
use engine::difference::Comparison;
use engine::port::cluster::{
    Cluster, ClusterError, Deletion, Fence, HeldLease, Kinds, Live, Marked, NamespaceFate, ObjectError,
    Observation, Observed, Observer, Operator, OperatorClient, Provisioned,
};
use engine::port::release::ReleaseClient;
use engine::prune::{Victim, Warrant};
use outbound::{Policy, Relay};

use crate::apply::{self, Mode, Words};
use crate::call::{ApiServer, CallError};
use crate::discovery::Discovery;
use crate::identity::{Identity, identify};
use crate::observer::{APPLIED, Watches};
use crate::operator::{self, OPERATORS, Seen, ServiceAccountName};
use crate::release::{self, MADE};
use crate::transport::Transport;
use crate::{Credential, compare, facts, preflight, prune};

/// A cluster with the credential it is reached by. It is dropped when either changes; its watches end with it.
pub struct Connection {
    transport: Transport,
    own: ApiServer,
    discovery: Arc<Discovery>,
    watches: Arc<Watches>,
    operators: Arc<Watches>,
    made: Arc<Watches>,
    identity: Identity,
    /// How programs are led to it.
    relay: Relay,
    policy: Policy,
    credential: Credential,
}

/// What a look at a cluster gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Connectivity, why, and the facts when it answers.
    pub status: ClusterStatus,
    /// Which cluster answered.
    pub uid: Option<ClusterUid>,
}

impl Connection {
    /// Makes ready to talk; nothing is sent yet. `cluster` is the one that is meant, where it is known: no other one is
    /// watched. Must be called inside the runtime whose tasks will use it.
    pub fn open(
        credential: &Credential,
        policy: &Policy,
        relay: &Relay,
        cluster: Option<&ClusterUid>,
    ) -> Result<Self, ClusterError> {
        let transport = Transport::new(credential, policy).map_err(|error| ClusterError {
            reason: Reason::ClusterCredentialUnreadable,
            detail: Some(error.to_string()),
        })?;
        let own = ApiServer::own(&transport, credential);
        let watching = cluster.map_or_else(|| own.clone(), |cluster| own.proven(&transport, cluster));
        let watches = Arc::new(Watches::new(watching.clone(), APPLIED));
        let operators = Arc::new(Watches::new(watching.clone(), OPERATORS));
        let made = Arc::new(Watches::new(watching, MADE));
        Ok(Self {
            transport,
            own,
            discovery: Arc::default(),
            watches,
            operators,
            made,
            identity: Identity::default(),
            relay: relay.clone(),
            policy: policy.clone(),
            credential: credential.clone(),
        })
    }

    /// Ends its watches for good, for it may not lead there any more. Runs that have it go on without them to their end.
    pub(crate) fn retire(&self) {
        self.watches.stop();
        self.operators.stop();
        self.made.stop();
    }

    /// Looks whether the cluster answers, which one it is, and what it is made of.
    pub async fn look(&self) -> Look {
        match self.uid_and_facts().await {
            Ok((uid, facts)) => {
                let (connectivity, reason) = (Connectivity::Connected, ConnectionReason::Connected);
                let status = ClusterStatus { connectivity, reason, detail: None, facts: Some(facts) };
                Look { status, uid: Some(uid) }
            }
            Err(error) => {
                let (connectivity, reason) = error.connection();
                let status =
                    ClusterStatus { connectivity, reason, detail: Some(error.detail()), facts: None };
                Look { status, uid: None }
            }
        }
    }

    /// Checks, one by one, what the kubeconfig's user may do of what Fairlead needs.
    pub async fn preflight(&self) -> Preflight {
        preflight::preflight(&self.own).await
    }

    /// The kubeconfig's user, in the operator's cluster alone: what writes.
    fn own_of(&self, operator: &Operator) -> ApiServer {
        self.own.proven(&self.transport, &operator.cluster)
    }

    async fn uid_and_facts(&self) -> Result<(ClusterUid, ClusterFacts), CallError> {
        tokio::try_join!(identify(&self.own), facts::facts(&self.own))
    }
}

#[async_trait]
impl Cluster for Connection {
    async fn identify(&self, fresh: bool) -> Result<ClusterUid, ClusterError> {
        let error =
            |error: CallError| error.into_cluster_error(Reason::ProvisionDenied, Reason::ProvisionFailed);
        self.identity.ask(&self.own, fresh).await.map_err(error)
    }

    async fn provision(&self, operator: &Operator) -> Result<Provisioned, ClusterError> {
        self.operators.watch(&operator::kinds().into()).await;
        let seen = Seen::of(&self.operators, operator);
        operator::provision(&self.own_of(operator), &seen, operator).await
    }

    async fn fence(
        &self,
        operator: &Operator,
        fence: &Fence,
        fresh: bool,
    ) -> Result<Option<HeldLease>, ClusterError> {
        if !fresh {
            self.operators.watch(&operator::kinds().into()).await;
            if Seen::of(&self.operators, operator).lease == Observation::Absent {
                return Ok(None);
            }
        }
        let server = if fresh { self.own_of(operator) } else { self.own.clone() };
        operator::fence(&server, operator, fence).await
    }

    async fn begin_term(
        &self,
        operator: &Operator,
        fence: &Fence,
        found: Option<&HeldLease>,
        term: &str,
    ) -> Result<(), ClusterError> {
        operator::begin_term(&self.own_of(operator), operator, fence, found, term).await
    }

    async fn retire(
        &self,
        operator: &Operator,
        namespace_may_go: bool,
    ) -> Result<NamespaceFate, ClusterError> {
        operator::retire(&self.own_of(operator), operator, namespace_may_go, &self.discovery).await
    }

    fn operator(&self, operator: &Operator) -> Arc<dyn OperatorClient> {
        let account = ServiceAccountName::of(operator);
        let server = self.own.impersonating(&self.transport, &account, &operator.cluster);
        Arc::new(ImpersonatingClient { server, discovery: Arc::clone(&self.discovery) })
    }

    fn lacks(&self, operator: &Operator) -> bool {
        Seen::of(&self.operators, operator).lacks_something()
    }

    fn operators(&self) -> Arc<dyn Observer> {
        for kind in operator::kinds() {
            self.operators.start(&kind);
        }
        Arc::clone(&self.operators) as Arc<dyn Observer>
    }

    fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.watches) as Arc<dyn Observer>
    }

    async fn define_helm_releases(&self, operator: &Operator) -> Result<(), ClusterError> {
        release::define(&self.own_of(operator), &self.operators).await
    }

    fn releases(&self, operator: &Operator) -> Arc<dyn ReleaseClient> {
        let account = ServiceAccountName::of(operator);
        let server = self.own.impersonating(&self.transport, &account, &operator.cluster);
        let (relay, policy) = (self.relay.clone(), self.policy.clone());
        let lender = release::Lender { relay, policy, credential: self.credential.clone(), account };
        Arc::new(release::Client { server, lender })
    }

    fn release_observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.made) as Arc<dyn Observer>
    }
}

/// A client that is an operator's service account.
struct ImpersonatingClient {
    server: ApiServer,
    discovery: Arc<Discovery>,
}

#[async_trait]
impl OperatorClient for ImpersonatingClient {
    async fn kinds(&self, fresh: bool) -> Result<Arc<Kinds>, ClusterError> {
        let catalogue = self.discovery.catalogue(&self.server, fresh).await;
        catalogue.map(|catalogue| catalogue.kinds).map_err(|error| {
            // Who may not impersonate is the kubeconfig's user; everything else is about the service account.
            let impersonation = error.detail().contains("cannot impersonate");
            let forbidden = if impersonation { Reason::ProvisionDenied } else { Reason::OperatorDenied };
            error.into_cluster_error(forbidden, Reason::DiscoveryFailed)
        })
    }

    async fn list(
        &self,
        kind: &ResourceKind,
        namespace: Option<&str>,
    ) -> Result<HashMap<ObjectKey, Observed>, ObjectError> {
        let listed = crate::observer::listed(&self.server, kind, namespace).await;
        listed.map_err(|error| Words::of_nothing().error(&error))
    }

    async fn is_absent(&self, object: &Desired) -> Result<bool, ObjectError> {
        apply::is_absent(&self.server, object).await
    }

    async fn dry_run(&self, object: &Desired) -> Result<Live, ObjectError> {
        apply::apply(&self.server, object, Mode::DryRun).await
    }

    async fn compare(&self, object: &Desired) -> Result<Comparison, ObjectError> {
        compare::compare(&self.server, object).await
    }

    async fn apply(&self, object: &Desired) -> Result<Live, ObjectError> {
        apply::apply(&self.server, object, Mode::Write).await
    }

    async fn take_over(&self, object: &Desired) -> Result<(), ObjectError> {
        apply::take_over(&self.server, object).await
    }

    async fn established(&self, definition: &Desired) -> Result<(), ObjectError> {
        apply::established(&self.server, definition).await
    }

    async fn look(&self, object: &ObjectKey, kind: &ResourceKind) -> Result<Option<Marked>, ObjectError> {
        prune::look(&self.server, object, kind).await
    }

    async fn count(&self, kind: &ResourceKind) -> Result<u32, ObjectError> {
        prune::count(&self.server, kind).await
    }

    async fn delete(&self, _warrant: &Warrant, victim: &Victim) -> Result<Deletion, ObjectError> {
        prune::delete(&self.server, victim).await
    }
}
