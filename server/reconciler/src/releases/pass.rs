//! What all releases of a configuration need, read once: its cluster, its `HelmRelease` objects, Helm's own storage.

use std::collections::HashMap;
use std::sync::Arc;

use domain::configuration::helm::HelmOptions;
use domain::configuration::{ConfigurationSpec, OperatorScope};
use domain::id::ConfigurationId;
use domain::reason::Reason;
use domain::release::ReleaseKey;
use engine::port::cluster::{Cluster, Kinds, ObjectError, OperatorClient};
use engine::port::helm::Helm;
use engine::port::release::{ReleaseClient, StoredRelease};
use serde_json::Value;
use storage::{StorageError, Work};

use crate::run::{Ports, Stop, operator_of};
use crate::stage::fence::fence_of;

/// One look at a configuration's releases.
pub(super) struct Pass {
    pub(super) ports: Ports,
    pub(super) configuration: Work,
    /// What the chart values of the form say.
    pub(super) options: HelmOptions,
    pub(super) cluster: Arc<dyn Cluster>,
    pub(super) operator: Arc<dyn OperatorClient>,
    pub(super) client: Arc<dyn ReleaseClient>,
    pub(super) kinds: Arc<Kinds>,
    objects: HashMap<ReleaseKey, Value>,
    stored: HashMap<(String, String), StoredRelease>,
}

impl Pass {
    /// Opens the cluster as the configuration's operator and reads what all its releases need: two lists. The inner
    /// error is what ends a sync early as well.
    pub(super) async fn begin(
        ports: &Ports,
        id: ConfigurationId,
    ) -> Result<Result<Self, Stop>, StorageError> {
        let Some(configuration) = ports.storage.work(id).await? else { return Ok(Err(Stop::PutOff)) };
        Ok(Self::open(ports, configuration).await)
    }

    async fn open(ports: &Ports, configuration: Work) -> Result<Self, Stop> {
        let Some(helm) = &configuration.spec.helm_operator else { return Err(Stop::PutOff) };
        let options = helm.options();
        let cluster = ports.clusters.open(configuration.cluster).await?;
        if cluster.identify(false).await? != configuration.cluster_uid {
            return Err(Stop::Failed { reason: Reason::ClusterReplaced, detail: None, revision: None });
        }
        let operator = operator_of(&configuration.spec, &configuration.cluster_uid);
        // A sync takes the Lease; where there is none any more, the next one does.
        if cluster.fence(&operator, &fence_of(ports, &configuration).await?, true).await?.is_none() {
            return Err(Stop::PutOff);
        }
        let client = cluster.releases(&operator);
        let as_operator = cluster.operator(&operator);
        let namespace = namespace_of(&configuration.spec);
        let (kinds, objects, stored) =
            tokio::join!(as_operator.kinds(false), client.helm_releases(namespace), client.stored(namespace));
        let objects = objects
            .map_err(|error| denied(&error))?
            .into_iter()
            .filter_map(|object| Some((key(&object)?, object)));
        let mut latest: HashMap<(String, String), StoredRelease> = HashMap::new();
        for release in stored.map_err(|error| denied(&error))? {
            let newest = latest
                .entry((release.namespace.clone(), release.name.clone()))
                .or_insert_with(|| release.clone());
            if newest.revision < release.revision {
                *newest = release;
            }
        }
        let objects = objects.collect();
        let (kinds, ports) = (kinds?, ports.clone());
        Ok(Self {
            ports,
            configuration,
            options,
            cluster,
            operator: as_operator,
            client,
            kinds,
            objects,
            stored: latest,
        })
    }

    /// The `HelmRelease` as the cluster has it.
    pub(super) fn object(&self, key: &ReleaseKey) -> Option<&Value> {
        self.objects.get(key)
    }

    /// The newest revision of a release in Helm's own storage.
    pub(super) fn stored(&self, namespace: &str, release: &str) -> Option<&StoredRelease> {
        self.stored.get(&(namespace.to_owned(), release.to_owned()))
    }

    pub(super) fn helm(&self) -> &dyn Helm {
        self.ports.helm.as_ref()
    }

    /// Works in this namespace only, when the operator's scope is that.
    pub(super) fn namespace(&self) -> Option<&str> {
        namespace_of(&self.configuration.spec)
    }
}

/// The one namespace that an operator of this spec works in; all when `None`.
pub(super) fn namespace_of(spec: &ConfigurationSpec) -> Option<&str> {
    match spec.operator_scope {
        OperatorScope::Cluster => None,
        OperatorScope::Namespace => Some(spec.operator_namespace.as_str()),
    }
}

pub(super) fn key(object: &Value) -> Option<ReleaseKey> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Some(ReleaseKey { namespace: text("/metadata/namespace")?, name: text("/metadata/name")? })
}

/// The service account may not, or the API server does not answer.
fn denied(error: &ObjectError) -> Stop {
    Stop::Failed { reason: Reason::OperatorDenied, detail: Some(error.to_string()), revision: None }
}
