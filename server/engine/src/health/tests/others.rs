use super::*;

fn conditions(conditions: &Value) -> Value {
    json!({"status": {"startTime": "2026-01-01T00:00:00Z", "conditions": conditions}})
}

#[test]
fn a_job_is_healthy_while_it_runs_and_when_it_is_complete() {
    check(
        "batch/v1",
        "Job",
        &[
            ("Healthy", conditions(&json!([condition("Complete", "True", "", "")]))),
            ("Healthy", conditions(&json!([]))),
            (
                "Degraded: too many retries",
                conditions(&json!([condition("Failed", "True", "", "too many retries")])),
            ),
            ("Progressing: the job has not started yet", json!({"status": {}})),
            ("Suspended: the job is suspended", json!({"spec": {"suspend": true}})),
        ],
    );
}

#[test]
fn a_cron_job_is_healthy_unless_it_is_suspended() {
    check(
        "batch/v1",
        "CronJob",
        &[
            ("Healthy", json!({"spec": {"suspend": false}})),
            ("Suspended: the cron job is suspended", json!({"spec": {"suspend": true}})),
        ],
    );
}

#[test]
fn a_claim_is_healthy_when_it_is_bound() {
    let phase = |phase: &str| json!({"status": {"phase": phase}});
    check(
        "v1",
        "PersistentVolumeClaim",
        &[
            ("Healthy", phase("Bound")),
            ("Progressing: not bound to a volume yet", phase("Pending")),
            ("Progressing: not bound to a volume yet", json!({})),
            ("Degraded: its volume is gone", phase("Lost")),
        ],
    );
}

#[test]
fn a_service_waits_for_its_cluster_address_alone() {
    check(
        "v1",
        "Service",
        &[
            ("Healthy", json!({"spec": {"type": "ClusterIP", "clusterIP": "None"}})),
            (
                "Healthy",
                json!({"spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.7"}, "status": {"loadBalancer": {}}}),
            ),
            ("Progressing: no cluster address yet", json!({"spec": {"type": "LoadBalancer"}})),
        ],
    );
}

#[test]
fn a_definition_is_healthy_when_it_is_established() {
    check(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        &[
            (
                "Healthy",
                conditions(&json!([
                    condition("NamesAccepted", "True", "", ""),
                    condition("Established", "True", "", "")
                ])),
            ),
            ("Progressing: not established yet", json!({})),
            (
                "Progressing: not established yet",
                conditions(&json!([condition("Established", "False", "Installing", "")])),
            ),
            (
                "Degraded: gone wrong",
                conditions(&json!([condition("Established", "False", "Error", "gone wrong")])),
            ),
            (
                "Degraded: menus is taken",
                conditions(&json!([condition("NamesAccepted", "False", "", "menus is taken")])),
            ),
        ],
    );
}

#[test]
fn a_disruption_budget_is_healthy_when_enough_pods_are() {
    let counts = |current: i64, desired: i64| json!({"status": {"currentHealthy": current, "desiredHealthy": desired}});
    check(
        "policy/v1",
        "PodDisruptionBudget",
        &[
            ("Healthy", counts(2, 2)),
            ("Healthy", counts(0, 0)),
            ("Progressing: healthy: 1 of 2", counts(1, 2)),
        ],
    );
}

#[test]
fn a_helm_release_is_healthy_when_it_is_released() {
    let release =
        |phase: &str, conditions: Value| json!({"status": {"phase": phase, "conditions": conditions}});
    let released = || condition("Released", "True", "Succeeded", "");
    check(
        "helm.fluxcd.io/v1",
        "HelmRelease",
        &[
            ("Healthy", release("Succeeded", json!([condition("ChartFetched", "True", "", ""), released()]))),
            (
                "Healthy",
                release("Succeeded", json!([condition("Tested", "False", "", "ignored"), released()])),
            ),
            ("Progressing: not released yet", json!({})),
            (
                "Progressing: Installing",
                release("Installing", json!([condition("Deployed", "Unknown", "Installing", "")])),
            ),
            (
                "Degraded: no such chart",
                release(
                    "ChartFetchFailed",
                    json!([
                        condition("ChartFetched", "False", "ChartFetchFailed", "no such chart"),
                        condition("Released", "False", "", "")
                    ]),
                ),
            ),
            (
                "Degraded: timed out",
                release("DeployFailed", json!([condition("Deployed", "False", "DeployFailed", "timed out")])),
            ),
            (
                "Degraded: back to 3",
                release(
                    "RolledBack",
                    json!([
                        condition("RolledBack", "True", "RolledBack", "back to 3"),
                        condition("Released", "False", "", "")
                    ]),
                ),
            ),
        ],
    );
}
