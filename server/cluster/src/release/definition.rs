//! The definition of `HelmRelease`, made with the kubeconfig's own identity where it is absent.

use std::time::Duration;

use domain::object::{ObjectKey, ResourceKind};
use domain::reason::Reason;
use engine::own_fields::FIELD_MANAGER;
use engine::port::cluster::{ClusterError, Observation, Observer as _};
use http::Method;
use serde_json::Value;

use crate::apply::{APPLY, until_established};
use crate::call::{ApiServer, Call, CallError, METADATA, object_path, query};
use crate::observer::Watches;

/// Our own text, from what the Flux Helm operator v1 takes: schema, printer columns, short names, status subresource.
const DEFINITION: &str = include_str!("helm-releases.json");

/// Its name.
const NAME: &str = "helmreleases.helm.fluxcd.io";

/// A definition is Established within a second or never; slow clusters get some more.
const ESTABLISHED_TIMEOUT: Duration = Duration::from_secs(20);

/// Makes it where it is absent. What somebody else made under that name is used as it is. Where our watch sees ours,
/// nothing is asked.
pub(crate) async fn define(server: &ApiServer, watches: &Watches) -> Result<(), ClusterError> {
    watches.watch(&[kind()].into()).await;
    if matches!(watches.observation(&key()), Observation::Present(_)) {
        return Ok(());
    }
    let error = |error: CallError| error.into_cluster_error(Reason::ProvisionDenied, Reason::ProvisionFailed);
    let path = object_path(&kind(), None, NAME).map_err(error)?;
    let found: Option<Value> = server.find(&Call::get(path.clone()).accept(METADATA)).await.map_err(error)?;
    if found.is_some() {
        return Ok(());
    }
    let definition: Value = serde_json::from_str(DEFINITION)
        .map_err(|fault| error(CallError::Unreadable(format!("our own definition: {fault}"))))?;
    let applied = query(&path, &[("fieldManager", FIELD_MANAGER), ("force", "true")]);
    let call = Call::new(Method::PATCH, applied).body(APPLY, &definition).map_err(error)?;
    server.send(&call).await.map_err(error)?;
    tracing::info!("CustomResourceDefinition {NAME} is made: the cluster had none");
    let established = until_established(server, &path, ESTABLISHED_TIMEOUT).await.map_err(error)?;
    established.map_err(|why| error(CallError::Unreadable(format!("CustomResourceDefinition {NAME}: {why}"))))
}

fn kind() -> ResourceKind {
    ResourceKind {
        group: "apiextensions.k8s.io".to_owned(),
        version: "v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        plural: "customresourcedefinitions".to_owned(),
        namespaced: false,
    }
}

fn key() -> ObjectKey {
    ObjectKey { group: kind().group, kind: kind().kind, namespace: None, name: NAME.to_owned() }
}
