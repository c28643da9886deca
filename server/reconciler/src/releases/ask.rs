//! What pages ask about releases beside what is stored.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::id::ConfigurationId;
use domain::release::ReleaseKey;
use engine::port::helm::{Call, Deployed, HelmError, HelmFault, Revision};
use engine::port::release::ReleaseClient;
use storage::Work;

use super::pass::{key, namespace_of};
use crate::run::{Ports, operator_of};

/// A page waits for helm, and nobody for a page.
const PATIENCE: Duration = Duration::from_secs(30);

/// How helm tells of a release now, and its revisions.
pub(crate) async fn details(
    ports: &Ports,
    id: ConfigurationId,
    namespace: &str,
    release: &str,
) -> Result<(Deployed, Vec<Revision>), HelmError> {
    let (_, client) = as_operator(ports, id).await?;
    let kubeconfig = client.lend().map_err(|error| internal(&error))?;
    let call = Call { namespace, release, kubeconfig: &kubeconfig, timeout: PATIENCE };
    tokio::try_join!(ports.helm.get(&call, None), ports.helm.history(&call))
}

/// `HelmRelease` objects that the operator sees and that no configuration keeps; by namespace and name.
pub(crate) async fn others(ports: &Ports, id: ConfigurationId) -> Result<Vec<ReleaseKey>, HelmError> {
    let (configuration, client) = as_operator(ports, id).await?;
    let objects = client.helm_releases(namespace_of(&configuration.spec)).await;
    let objects = objects.map_err(|error| internal(&error))?;
    let seen: BTreeSet<ReleaseKey> = objects.iter().filter_map(key).collect();
    let kept = ports.storage.release_keys(configuration.cluster).await.map_err(|error| internal(&error))?;
    Ok(seen.into_iter().filter(|key| !kept.contains(key)).collect())
}

/// The client of a configuration's operator.
async fn as_operator(
    ports: &Ports,
    id: ConfigurationId,
) -> Result<(Work, Arc<dyn ReleaseClient>), HelmError> {
    let configuration = ports.storage.work(id).await.map_err(|error| internal(&error))?;
    let configuration = configuration.ok_or_else(|| internal(&"the configuration is gone"))?;
    let cluster = ports.clusters.open(configuration.cluster).await.map_err(|error| internal(&error))?;
    let client = cluster.releases(&operator_of(&configuration.spec, &configuration.cluster_uid));
    Ok((configuration, client))
}

fn internal(error: &dyn std::fmt::Display) -> HelmError {
    HelmError::new(HelmFault::Internal, error)
}
