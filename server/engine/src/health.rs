//! How a live object stands, by the kstatus rules of the Kubernetes CLI utilities.
//!
//! Rules for every object come first (`generic`), then those of its kind; a kind without rules of its own is judged
//! by its `Ready` or `Available` condition, and is healthy when it has none.

mod definition;
mod disruption_budget;
mod generic;
mod helm_release;
mod job;
mod pod;
mod reduce;
mod service;
mod view;
mod volume;
mod workload;

use domain::health::Health;
use serde_json::Value;

pub use self::reduce::reduce;
use self::view::View;

/// Health and, where it is not healthy, why, in the object's own words.
pub type Judgement = (Health, Option<String>);

/// Judges an object as the API server gave it, or as [`reduce`] left it.
pub fn health(object: &Value) -> Judgement {
    let view = View(object);
    if let Some(judgement) = generic::judge(view) {
        return judgement;
    }
    let (group, kind) = group_and_kind(object);
    match rules(group, kind) {
        Some(rules) => rules(view),
        None => generic::by_conditions(view),
    }
}

/// Whether a kind's health can be told from its objects, so that they are watched whole. Of other kinds the metadata
/// is enough: they are healthy by being there.
///
/// Of the groups of Kubernetes itself it is known which kinds have a status to speak of; kinds that others define
/// are taken to have conditions.
pub fn has_status_rules(group: &str, kind: &str) -> bool {
    let known_conditions =
        [("apiregistration.k8s.io", "APIService"), ("", "PersistentVolume"), ("", "Namespace")];
    rules(group, kind).is_some() || known_conditions.contains(&(group, kind)) || !is_built_in(group)
}

fn rules(group: &str, kind: &str) -> Option<fn(View<'_>) -> Judgement> {
    Some(match (group, kind) {
        ("apps", "Deployment") => workload::deployment,
        ("apps", "StatefulSet") => workload::stateful_set,
        ("apps", "DaemonSet") => workload::daemon_set,
        ("apps", "ReplicaSet") | ("", "ReplicationController") => workload::replica_set,
        ("", "Pod") => pod::pod,
        ("batch", "Job") => job::job,
        ("batch", "CronJob") => job::cron_job,
        ("", "PersistentVolumeClaim") => volume::claim,
        ("", "Service") => service::service,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition::definition,
        ("policy", "PodDisruptionBudget") => disruption_budget::disruption_budget,
        ("helm.fluxcd.io", "HelmRelease") => helm_release::helm_release,
        _ => return None,
    })
}

/// The API groups of Kubernetes itself. `*.k8s.io` alone does not tell: projects beside it use that name too.
fn is_built_in(group: &str) -> bool {
    const GROUPS: [&str; 21] = [
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    ];
    GROUPS.contains(&group)
}

fn group_and_kind(object: &Value) -> (&str, &str) {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    (text("apiVersion").split_once('/').map_or("", |(group, _)| group), text("kind"))
}

fn healthy() -> Judgement {
    (Health::Healthy, None)
}

fn progressing(message: impl Into<String>) -> Judgement {
    (Health::Progressing, Some(message.into()))
}

fn degraded(message: impl Into<String>) -> Judgement {
    (Health::Degraded, Some(message.into()))
}

fn suspended(message: impl Into<String>) -> Judgement {
    (Health::Suspended, Some(message.into()))
}

#[cfg(test)]
mod tests;
