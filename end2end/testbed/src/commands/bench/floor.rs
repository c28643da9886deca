//! The floor: the same objects by plain server-side apply, by a program that knows nothing and checks nothing.

use std::time::{Duration, Instant};

use anyhow::bail;
use futures::{StreamExt, TryStreamExt, stream};
use http::{Method, Request, header};
use serde_json::{Value, json};
use testbed::{Cluster, Counters};

use super::objects::{self, CONNECTIONS};
use super::report::say;

/// What it took.
pub(super) struct Floor {
    pub(super) time: Duration,
    pub(super) server: Counters,
}

/// On a control plane of its own: the operator objects of a configuration, then those from Git.
pub(super) async fn measure(size: usize) -> anyhow::Result<Floor> {
    say(format_args!("floor: {size} × {} objects", OPERATOR_OBJECTS + objects::OBJECTS));
    let cluster = Cluster::start().await?;
    objects::namespaces(&cluster, size).await?;
    let client = cluster.client()?;
    let before = cluster.counters().await?;
    let began = Instant::now();
    let all = (0..size).flat_map(|number| {
        let namespace = objects::name(number);
        let all = operator(&namespace).into_iter().chain(objects::manifests("hello"));
        all.map(move |object| (namespace.clone(), object)).collect::<Vec<_>>()
    });
    stream::iter(all)
        .map(|(namespace, object)| apply(client.clone(), namespace, object))
        .buffer_unordered(CONNECTIONS)
        .try_collect::<()>()
        .await?;
    let time = began.elapsed();
    Ok(Floor { time, server: cluster.counters().await?.since(&before) })
}

const OPERATOR_OBJECTS: usize = 3;

fn operator(name: &str) -> [Value; OPERATOR_OBJECTS] {
    let role =
        json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" });
    [
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name } }),
        json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": name },
                "roleRef": role, "subjects": [{ "kind": "ServiceAccount", "name": name, "namespace": name }] }),
        json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": { "name": name },
                "spec": { "holderIdentity": "floor" } }),
    ]
}

async fn apply(client: kube::Client, namespace: String, mut object: Value) -> anyhow::Result<()> {
    object["metadata"]["namespace"] = Value::String(namespace.clone());
    let path = objects::path(&namespace, &object);
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(format!("{path}?fieldManager=floor&force=true"))
        .header(header::CONTENT_TYPE, "application/apply-patch+yaml")
        .body(kube::client::Body::from(object.to_string().into_bytes()))?;
    let answer = client.send(request).await?;
    if !answer.status().is_success() {
        bail!("the API server answered {} to the apply of {path}", answer.status());
    }
    // Read to its end, so that the connection can be used again.
    http_body_util::BodyExt::collect(answer.into_body()).await?;
    Ok(())
}
