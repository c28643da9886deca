//! Deployment, `StatefulSet`, `DaemonSet`, `ReplicaSet`.

use super::view::View;
use super::{Judgement, degraded, healthy, progressing, suspended};

/// Replicas wanted when the spec does not say.
const DEFAULT_REPLICAS: i64 = 1;

pub(super) fn deployment(object: View<'_>) -> Judgement {
    let rollout = object.condition("Progressing");
    if let Some(stuck) = rollout.filter(|rollout| rollout.reason == "ProgressDeadlineExceeded") {
        return degraded(stuck.words("progress deadline exceeded"));
    }
    if object.is_true("/spec/paused") {
        return suspended("the rollout is paused");
    }
    let wanted = wanted(object);
    let replicas = object.count("/status/replicas");
    let updated = object.count("/status/updatedReplicas");
    let available = object.count("/status/availableReplicas");
    let waiting = behind("replicas", replicas, wanted)
        .or_else(|| behind("updated", updated, wanted))
        .or_else(|| {
            (replicas > updated).then(|| progressing(format!("{} old replicas end", replicas - updated)))
        })
        .or_else(|| behind("available", available, updated))
        .or_else(|| behind("ready", object.count("/status/readyReplicas"), wanted));
    if let Some(waiting) = waiting {
        return waiting;
    }
    // Without a progress deadline there is no such condition.
    if rollout.is_some_and(super::view::Condition::is_false) {
        return progressing("its replica set is not available yet");
    }
    match object.condition("Available") {
        Some(available) if available.is_true() => healthy(),
        Some(available) => progressing(available.words("not available yet")),
        None => progressing("not available yet"),
    }
}

pub(super) fn stateful_set(object: View<'_>) -> Judgement {
    if object.text("/spec/updateStrategy/type") == Some("OnDelete") {
        return healthy();
    }
    let wanted = wanted(object);
    let updated = object.count("/status/updatedReplicas");
    let waiting = behind("replicas", object.count("/status/replicas"), wanted)
        .or_else(|| behind("ready", object.count("/status/readyReplicas"), wanted));
    if let Some(waiting) = waiting {
        return waiting;
    }
    if let Some(partition) =
        object.number("/spec/updateStrategy/rollingUpdate/partition").filter(|part| *part > 0)
    {
        return behind("updated", updated, wanted - partition).unwrap_or_else(healthy);
    }
    let revisions = (object.text("/status/currentRevision"), object.text("/status/updateRevision"));
    match behind("current", object.count("/status/currentReplicas"), wanted) {
        _ if revisions.0 != revisions.1 => progressing(format!("updated: {updated} of {wanted}")),
        Some(waiting) => waiting,
        None => healthy(),
    }
}

pub(super) fn daemon_set(object: View<'_>) -> Judgement {
    let Some(wanted) = object.number("/status/desiredNumberScheduled") else {
        return progressing("not scheduled yet");
    };
    if object.number("/status/observedGeneration").is_none() {
        return progressing("not observed yet");
    }
    behind("scheduled", object.count("/status/currentNumberScheduled"), wanted)
        .or_else(|| {
            let by_itself = object.text("/spec/updateStrategy/type") != Some("OnDelete");
            let updated = object.count("/status/updatedNumberScheduled");
            behind("updated", updated, wanted).filter(|_| by_itself)
        })
        .or_else(|| behind("available", object.count("/status/numberAvailable"), wanted))
        .or_else(|| behind("ready", object.count("/status/numberReady"), wanted))
        .unwrap_or_else(healthy)
}

pub(super) fn replica_set(object: View<'_>) -> Judgement {
    if let Some(failure) = object.condition("ReplicaFailure").filter(|failure| failure.is_true()) {
        return progressing(failure.words("replicas cannot be made"));
    }
    let wanted = wanted(object);
    let replicas = object.count("/status/replicas");
    behind("replicas", replicas, wanted)
        .or_else(|| behind("labelled", object.count("/status/fullyLabeledReplicas"), wanted))
        .or_else(|| behind("available", object.count("/status/availableReplicas"), wanted))
        .or_else(|| behind("ready", object.count("/status/readyReplicas"), wanted))
        .or_else(|| {
            (replicas > wanted).then(|| progressing(format!("{} replicas too many end", replicas - wanted)))
        })
        .unwrap_or_else(healthy)
}

fn wanted(object: View<'_>) -> i64 {
    object.number("/spec/replicas").unwrap_or(DEFAULT_REPLICAS)
}

fn behind(word: &str, count: i64, wanted: i64) -> Option<Judgement> {
    (count < wanted).then(|| progressing(format!("{word}: {count} of {wanted}")))
}
