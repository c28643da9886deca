//! The control plane does what a real one does, and can be taken away and brought back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use serde_json::json;
use testbed::{Cluster, ClusterOptions};

/// Bounds a wait for something that takes a second; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(1);

async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(LIMIT, wait).await.is_ok(), "waited in vain until {what}");
}

fn deployment(outcome: Option<&str>) -> Deployment {
    let annotations =
        outcome.map(|outcome| json!({ "testbed.fairlead/outcome": outcome })).unwrap_or(json!({}));
    serde_json::from_value(json!({
        "metadata": { "name": "web" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" }, "annotations": annotations },
                "spec": {
                    "nodeSelector": { "kubernetes.io/os": "linux" },
                    "containers": [{ "name": "web", "image": "registry.example.com/web:1" }],
                },
            },
        },
    }))
    .unwrap()
}

#[tokio::test]
async fn a_deployment_becomes_available_and_the_audit_log_tells_who_made_it() {
    let cluster = Cluster::shared().await.unwrap();
    let namespace = cluster.namespace("available").await.unwrap();
    let mark = cluster.audit_mark().await.unwrap();
    let deployments = Api::<Deployment>::namespaced(cluster.client().unwrap(), &namespace);
    deployments.create(&PostParams::default(), &deployment(None)).await.unwrap();
    eventually("both replicas are available", || async {
        let status = deployments.get_status("web").await.unwrap().status.unwrap_or_default();
        status.available_replicas == Some(2)
    })
    .await;

    let events = cluster.audit(mark).await.unwrap();
    let made: Vec<_> = events
        .iter()
        .filter(|event| event.is_write() && event.namespace.as_deref() == Some(namespace.as_str()))
        .filter(|event| event.user == "administrator")
        .collect();
    assert_eq!(made.len(), 1, "{made:#?}");
    assert_eq!(
        (made[0].verb.as_str(), made[0].resource.as_str(), made[0].code),
        ("create", "deployments", 201)
    );
    assert_eq!(made[0].request_object.as_ref().unwrap()["spec"]["replicas"], 2);

    let pods = Api::<Pod>::namespaced(cluster.client().unwrap(), &namespace);
    Api::<Namespace>::all(cluster.client().unwrap())
        .delete(&namespace, &DeleteParams::default())
        .await
        .unwrap();
    eventually("the namespace has lost its pods", || async {
        pods.list(&ListParams::default()).await.unwrap().items.is_empty()
    })
    .await;
}

#[tokio::test]
async fn annotations_decide_what_becomes_of_pods() {
    let cluster = Cluster::shared().await.unwrap();
    let namespace = cluster.namespace("outcomes").await.unwrap();
    let client = cluster.client().unwrap();
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
    let pod = |name: &str, outcome: &str, restart: &str| -> Pod {
        serde_json::from_value(json!({
            "metadata": { "name": name, "annotations": { "testbed.fairlead/outcome": outcome } },
            "spec": {
                "restartPolicy": restart,
                "containers": [{ "name": "work", "image": "registry.example.com/work:1" }],
            },
        }))
        .unwrap()
    };
    for (name, outcome, restart) in [
        ("complete", "complete", "Never"),
        ("fail", "fail", "Never"),
        ("crash", "fail", "Always"),
        ("pending", "pending", "Always"),
    ] {
        pods.create(&PostParams::default(), &pod(name, outcome, restart)).await.unwrap();
    }
    let job: Job = serde_json::from_value(json!({
        "metadata": { "name": "job" },
        "spec": { "template": { "spec": {
            "restartPolicy": "Never",
            "containers": [{ "name": "work", "image": "registry.example.com/work:1" }],
        } } },
    }))
    .unwrap();
    let jobs = Api::<Job>::namespaced(client, &namespace);
    jobs.create(&PostParams::default(), &job).await.unwrap();

    for (name, phase) in [("complete", "Succeeded"), ("fail", "Failed"), ("crash", "Running")] {
        eventually(&format!("pod {name} is {phase}"), || async {
            let status = pods.get(name).await.unwrap().status.unwrap_or_default();
            status.phase.as_deref() == Some(phase)
        })
        .await;
    }
    eventually("the job has completed", || async {
        jobs.get("job").await.unwrap().status.unwrap_or_default().succeeded == Some(1)
    })
    .await;
    let crash = pods.get("crash").await.unwrap().status.unwrap().container_statuses.unwrap();
    let waiting = crash[0].state.as_ref().unwrap().waiting.as_ref().unwrap();
    assert_eq!(waiting.reason.as_deref(), Some("CrashLoopBackOff"));
    let pending = pods.get("pending").await.unwrap();
    assert_eq!(pending.status.unwrap().phase.as_deref(), Some("Pending"));
    assert_eq!(pending.spec.unwrap().node_name.as_deref(), Some("node-1"));
}

#[tokio::test]
async fn a_service_account_has_no_right_until_it_is_given_one() {
    let cluster = Cluster::shared().await.unwrap();
    let namespace = cluster.namespace("rights").await.unwrap();
    let token = cluster.service_account_token(&namespace, "robot").await.unwrap();
    let kubeconfig = cluster.kubeconfig_for_token(&token);
    assert!(kubeconfig.contains(&token), "{kubeconfig}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig).unwrap();

    let mark = cluster.audit_mark().await.unwrap();
    let refused = get_namespaces(&path).await;
    assert!(refused.contains("Forbidden"), "{refused}");
    cluster.make_administrator(&namespace, "robot").await.unwrap();
    eventually("the right is known", || async { get_namespaces(&path).await.contains("kube-system") }).await;

    let events = cluster.audit(mark).await.unwrap();
    let robot = format!("system:serviceaccount:{namespace}:robot");
    let codes: Vec<u16> = events
        .iter()
        .filter(|event| event.user == robot && event.resource == "namespaces")
        .map(|event| event.code)
        .collect();
    assert_eq!(codes.first(), Some(&403));
    assert_eq!(codes.last(), Some(&200));
}

#[tokio::test]
async fn the_kubeconfigs_work_with_a_real_client() {
    let cluster = Cluster::shared().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, cluster.kubeconfig_named("my cluster: \"1\"")).unwrap();
    let namespaces = get_namespaces(&path).await;
    assert!(namespaces.contains("kube-system"), "{namespaces}");

    std::fs::write(&path, cluster.kubeconfig_for_user("nobody").unwrap()).unwrap();
    let refused = get_namespaces(&path).await;
    assert!(refused.contains("User \"nobody\" cannot list"), "{refused}");
}

/// What kubectl prints, on either stream.
async fn get_namespaces(kubeconfig: &std::path::Path) -> String {
    let output = tokio::process::Command::new(testbed::kubectl().await.unwrap())
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["get", "namespaces"])
        .output()
        .await
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn the_api_server_goes_away_and_comes_back_with_its_data() {
    let cluster = Cluster::start_with(ClusterOptions {
        api_server_arguments: vec!["--max-requests-inflight=50".into()],
    })
    .await
    .unwrap();
    let client = cluster.client().unwrap();
    let maps = Api::<ConfigMap>::namespaced(client, "default");
    let map: ConfigMap = serde_json::from_value(json!({ "metadata": { "name": "kept" } })).unwrap();
    let uid = maps.create(&PostParams::default(), &map).await.unwrap().metadata.uid;

    cluster.stop_api_server().await.unwrap();
    maps.get("kept").await.unwrap_err();
    cluster.start_api_server().await.unwrap();
    assert_eq!(maps.get("kept").await.unwrap().metadata.uid, uid);

    // The rest of the control plane found it again.
    let deployments = Api::<Deployment>::namespaced(cluster.client().unwrap(), "default");
    deployments.create(&PostParams::default(), &deployment(None)).await.unwrap();
    eventually("a new deployment is available", || async {
        let status = deployments.get_status("web").await.unwrap().status.unwrap_or_default();
        status.available_replicas == Some(2)
    })
    .await;
}
