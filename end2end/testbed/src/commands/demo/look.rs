//! What the API server has, read with our own eyes.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service};
use kube::api::{Api, ListParams};
use kube::{Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;

/// The application of the sample.
const NAMESPACE: &str = "default";
const DEPLOYMENT: &str = "arc-k8s-demo";

/// The label that the portal leaves on everything it applies.
const MARK: &str = "fluxcd.io/sync-gc-mark";

/// The node answers within a few seconds.
const LIMIT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(200);

/// Waits until the application runs.
pub(super) async fn until_available(client: &Client) -> anyhow::Result<()> {
    let deployments = Api::<Deployment>::namespaced(client.clone(), NAMESPACE);
    let started = Instant::now();
    loop {
        let deployment = deployments.get_opt(DEPLOYMENT).await.context("cannot read the Deployment")?;
        let standing = deployment.as_ref().map_or_else(|| "it is not there".to_owned(), standing);
        if standing.contains("Available=True") {
            return Ok(());
        }
        if started.elapsed() > LIMIT {
            bail!(
                "Deployment {NAMESPACE}/{DEPLOYMENT} is not available after {} s: {standing}",
                LIMIT.as_secs()
            );
        }
        tokio::time::sleep(POLL).await;
    }
}

/// All namespaces, and everything that carries the portal's mark.
pub(super) async fn words(client: &Client) -> anyhow::Result<String> {
    let mut text = String::from("Namespaces\n");
    let namespaces = Api::<Namespace>::all(client.clone());
    for namespace in namespaces.list(&ListParams::default()).await.context("cannot list namespaces")? {
        let phase = namespace.status.as_ref().and_then(|status| status.phase.clone()).unwrap_or_default();
        let _ = writeln!(text, "  {:<24} {phase}", namespace.name_any());
    }
    text.push_str("\nObjects from Git\n");
    list::<Namespace>(client, &mut text, |_| String::new()).await?;
    list::<ConfigMap>(client, &mut text, |map| {
        format!("{} keys", map.data.as_ref().map_or(0, std::collections::BTreeMap::len))
    })
    .await?;
    list::<Deployment>(client, &mut text, standing).await?;
    list::<Service>(client, &mut text, |service| {
        service.spec.as_ref().and_then(|spec| spec.cluster_ip.clone()).unwrap_or_default()
    })
    .await?;
    Ok(text)
}

fn standing(deployment: &Deployment) -> String {
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let conditions = status.conditions.unwrap_or_default();
    let condition = |condition: &DeploymentCondition| {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        format!("{}={}", word(&condition.type_), word(&condition.status))
    };
    let conditions: Vec<String> = conditions.iter().map(condition).collect();
    format!("{}/{wanted} available, {}", status.available_replicas.unwrap_or_default(), conditions.join(" "))
}

async fn list<K>(client: &Client, text: &mut String, standing: impl Fn(&K) -> String) -> anyhow::Result<()>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned,
{
    let kind = K::kind(&());
    let marked = ListParams::default().labels(MARK);
    let objects = Api::<K>::all(client.clone())
        .list(&marked)
        .await
        .with_context(|| format!("cannot list objects of kind {kind}"))?;
    for object in objects {
        let name = match object.namespace() {
            Some(namespace) => format!("{namespace}/{}", object.name_any()),
            None => object.name_any(),
        };
        let _ = writeln!(text, "  {kind:<12} {name:<24} {}", standing(&object));
    }
    Ok(())
}
