//! What the operator may not do, helm may not do either: it works as the operator.

use super::{CHART, TEMPLATE, VALUES, release};
use crate::scene::{Scene, eventually};

/// Nobody who may work in one namespace makes one of these.
const CLUSTER_ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  \
                            name: {{ .Release.Name }}-all\nrules: []\n";

#[tokio::test]
async fn a_chart_that_wants_more_than_the_operator_may_do_is_refused_and_leaves_nothing() {
    let scene = Scene::shared("hrsmall")
        .await
        .with("operator_scope", "namespace")
        .with("enable_helm_operator", "true")
        .with("chart_values", "--set helm.versions=v3 --set chartsSyncInterval=5s");
    let own = &scene.name;
    // The operator's own namespace is the only one that it works in.
    let object = release(&scene, "web", "  values:\n    value: one\n").replace(&scene.app, own);
    let large = object.replace("name: web", "name: large").replace("charts/web", "charts/large");
    scene
        .commit(&[
            ("charts/web/Chart.yaml", CHART),
            ("charts/web/values.yaml", VALUES),
            ("charts/web/templates/settings.yaml", TEMPLATE),
            ("charts/large/Chart.yaml", "apiVersion: v2\nname: large\nversion: 1.0.0\n"),
            ("charts/large/values.yaml", VALUES),
            ("charts/large/templates/settings.yaml", TEMPLATE),
            ("charts/large/templates/role.yaml", CLUSTER_ROLE),
            ("releases/web.yaml", &object),
            ("releases/large.yaml", &large),
        ])
        .await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let status = async |name: &str| {
        let path = format!("/apis/helm.fluxcd.io/v1/namespaces/{own}/helmreleases/{name}");
        scene.object(&path).await.unwrap_or_default()["status"].clone()
    };
    eventually("what is allowed is released", || async { status("web").await["phase"] == "Succeeded" }).await;
    eventually("the other is refused by its right", || async {
        let status = status("large").await;
        let said = status["conditions"].to_string();
        status["phase"] == "DeployFailed" && said.contains("clusterroles") && said.contains("cannot")
    })
    .await;
    let role = format!("/apis/rbac.authorization.k8s.io/v1/clusterroles/{own}-large-all");
    assert!(scene.object(&role).await.is_none());
    let settings = format!("/api/v1/namespaces/{own}/configmaps/{own}-large-settings");
    eventually("nothing of it is left", || async { scene.object(&settings).await.is_none() }).await;
}
