use super::*;

fn deployment(replicas: i64, counts: [i64; 4], conditions: &Value) -> Value {
    let [made, updated, ready, available] = counts;
    json!({
        "metadata": {"generation": 1},
        "spec": {"replicas": replicas},
        "status": {"observedGeneration": 1, "replicas": made, "updatedReplicas": updated, "readyReplicas": ready,
                   "availableReplicas": available, "conditions": conditions},
    })
}

#[test]
fn a_deployment_is_healthy_when_all_its_pods_are_new_ready_and_available() {
    let done = || condition("Progressing", "True", "NewReplicaSetAvailable", "");
    let available = || condition("Available", "True", "MinimumReplicasAvailable", "");
    let good = || json!([done(), available()]);
    let late = condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out");
    let waiting = condition("Progressing", "False", "Waiting", "");
    let unavailable = condition("Available", "False", "MinimumReplicasUnavailable", "not enough");
    let mut paused = deployment(2, [2; 4], &good());
    paused["spec"]["paused"] = json!(true);
    let mut default = deployment(1, [1; 4], &good());
    default["spec"] = json!({});
    check(
        "apps/v1",
        "Deployment",
        &[
            ("Healthy", deployment(3, [3, 3, 3, 3], &good())),
            ("Healthy", deployment(0, [0, 0, 0, 0], &good())),
            ("Healthy", default),
            ("Healthy", deployment(1, [1; 4], &json!([available()]))),
            ("Progressing: replicas: 1 of 3", deployment(3, [1, 1, 1, 1], &good())),
            ("Progressing: updated: 1 of 3", deployment(3, [3, 1, 3, 3], &good())),
            ("Progressing: 1 old replicas end", deployment(3, [4, 3, 3, 3], &good())),
            ("Progressing: available: 1 of 3", deployment(3, [3, 3, 3, 1], &good())),
            ("Progressing: ready: 2 of 3", deployment(3, [3, 3, 2, 3], &good())),
            (
                "Progressing: its replica set is not available yet",
                deployment(1, [1; 4], &json!([waiting, available()])),
            ),
            ("Progressing: not enough", deployment(1, [1; 4], &json!([done(), unavailable]))),
            ("Progressing: not available yet", deployment(1, [1; 4], &json!([done()]))),
            ("Degraded: timed out", deployment(1, [1, 1, 0, 0], &json!([late]))),
            ("Suspended: the rollout is paused", paused),
            ("Progressing: replicas: 0 of 1", json!({"metadata": {"name": "just made"}})),
        ],
    );
}

fn stateful_set(counts: [i64; 4], revisions: [&str; 2], strategy: &Value) -> Value {
    let [made, ready, current, updated] = counts;
    json!({
        "spec": {"replicas": 3, "updateStrategy": strategy},
        "status": {"replicas": made, "readyReplicas": ready, "currentReplicas": current, "updatedReplicas": updated,
                   "currentRevision": revisions[0], "updateRevision": revisions[1]},
    })
}

#[test]
fn a_stateful_set_is_healthy_when_all_are_ready_and_of_the_newest_revision() {
    let rolling =
        |partition: i64| json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
    let same = ["a", "a"];
    check(
        "apps/v1",
        "StatefulSet",
        &[
            ("Healthy", stateful_set([3, 3, 3, 3], same, &rolling(0))),
            ("Healthy", stateful_set([3, 3, 3, 0], same, &json!({"type": "RollingUpdate"}))),
            ("Healthy", stateful_set([0, 0, 0, 0], same, &json!({"type": "OnDelete"}))),
            ("Progressing: replicas: 2 of 3", stateful_set([2, 2, 2, 2], same, &rolling(0))),
            ("Progressing: ready: 2 of 3", stateful_set([3, 2, 3, 3], same, &rolling(0))),
            ("Progressing: updated: 1 of 3", stateful_set([3, 3, 2, 1], ["a", "b"], &rolling(0))),
            ("Progressing: current: 2 of 3", stateful_set([3, 3, 2, 3], same, &rolling(0))),
            ("Healthy", stateful_set([3, 3, 2, 1], ["a", "b"], &rolling(2))),
            ("Progressing: updated: 0 of 1", stateful_set([3, 3, 3, 0], ["a", "b"], &rolling(2))),
        ],
    );
}

fn daemon_set(counts: [i64; 5], strategy: &str) -> Value {
    let [wanted, scheduled, updated, available, ready] = counts;
    json!({
        "metadata": {"generation": 1},
        "spec": {"updateStrategy": {"type": strategy}},
        "status": {"observedGeneration": 1, "desiredNumberScheduled": wanted, "currentNumberScheduled": scheduled,
                   "updatedNumberScheduled": updated, "numberAvailable": available, "numberReady": ready},
    })
}

#[test]
fn a_daemon_set_is_healthy_when_every_node_has_a_ready_pod() {
    check(
        "apps/v1",
        "DaemonSet",
        &[
            ("Healthy", daemon_set([2, 2, 2, 2, 2], "RollingUpdate")),
            ("Healthy", daemon_set([0, 0, 0, 0, 0], "RollingUpdate")),
            ("Healthy", daemon_set([2, 2, 0, 2, 2], "OnDelete")),
            ("Progressing: scheduled: 1 of 2", daemon_set([2, 1, 1, 1, 1], "RollingUpdate")),
            ("Progressing: updated: 1 of 2", daemon_set([2, 2, 1, 2, 2], "RollingUpdate")),
            ("Progressing: available: 1 of 2", daemon_set([2, 2, 2, 1, 2], "RollingUpdate")),
            ("Progressing: ready: 1 of 2", daemon_set([2, 2, 2, 2, 1], "RollingUpdate")),
            ("Progressing: not scheduled yet", json!({})),
            ("Progressing: not observed yet", json!({"status": {"desiredNumberScheduled": 0}})),
        ],
    );
}

#[test]
fn a_replica_set_is_healthy_when_it_has_as_many_ready_pods_as_wanted() {
    let with = |counts: [i64; 4]| {
        let [made, labelled, available, ready] = counts;
        json!({"spec": {"replicas": 2}, "status": {"replicas": made, "fullyLabeledReplicas": labelled,
               "availableReplicas": available, "readyReplicas": ready}})
    };
    let mut failing = with([0; 4]);
    failing["status"]["conditions"] = json!([condition("ReplicaFailure", "True", "", "quota exceeded")]);
    let table = [
        ("Healthy", with([2, 2, 2, 2])),
        ("Progressing: replicas: 1 of 2", with([1, 1, 1, 1])),
        ("Progressing: labelled: 1 of 2", with([2, 1, 2, 2])),
        ("Progressing: available: 1 of 2", with([2, 2, 1, 2])),
        ("Progressing: ready: 1 of 2", with([2, 2, 2, 1])),
        ("Progressing: 1 replicas too many end", with([3, 3, 3, 3])),
        ("Progressing: quota exceeded", failing),
    ];
    check("apps/v1", "ReplicaSet", &table);
    check("v1", "ReplicationController", &table);
}

#[test]
fn a_pod_is_healthy_when_it_is_ready_or_has_ended_well() {
    let running = |ready: &str| json!({"status": {"phase": "Running", "conditions": [condition("Ready", ready, "", "starting")]}});
    let waiting = |list: &str, reason: &str, message: Value| {
        let state = json!({"name": "web", "state": {"waiting": {"reason": reason, "message": message}}});
        json!({"status": {"phase": "Pending", list: [{"name": "fine", "state": {"running": {}}}, state]}})
    };
    let unscheduled = condition("PodScheduled", "False", "Unschedulable", "0/1 nodes are available");
    check(
        "v1",
        "Pod",
        &[
            ("Healthy", running("True")),
            ("Healthy", json!({"status": {"phase": "Succeeded"}})),
            ("Progressing: starting", running("False")),
            ("Progressing: not ready yet", json!({"status": {"phase": "Running"}})),
            ("Progressing: not seen by the scheduler yet", json!({})),
            ("Progressing: its node does not answer", json!({"status": {"phase": "Unknown"}})),
            (
                "Progressing: 0/1 nodes are available",
                json!({"status": {"phase": "Pending", "conditions": [unscheduled]}}),
            ),
            ("Progressing: not ready yet", waiting("containerStatuses", "ContainerCreating", json!(null))),
            (
                "Degraded: web: CrashLoopBackOff: back-off 10s",
                waiting("containerStatuses", "CrashLoopBackOff", json!("back-off 10s")),
            ),
            (
                "Degraded: web: ImagePullBackOff",
                waiting("initContainerStatuses", "ImagePullBackOff", json!(null)),
            ),
            ("Degraded: evicted", json!({"status": {"phase": "Failed", "message": "evicted"}})),
            ("Degraded: the pod failed", json!({"status": {"phase": "Failed"}})),
        ],
    );
}
