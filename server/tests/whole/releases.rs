//! The Helm operator: `HelmRelease` objects from Git to running releases, by the real helm.

use http::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, eventually};

/// A chart with one ConfigMap, whose value is `.Values.value`.
const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const VALUES: &str = "value: default\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\n\
                        data:\n  key: {{ required \"a value is needed\" .Values.value | quote }}\n";

/// What the tests of releases ask of a scene.
struct Releases {
    scene: Scene,
    id: String,
}

impl Releases {
    /// A configuration with the Helm operator, its chart in its own repository, and one release with these values.
    async fn begin(prefix: &str, spec: &str) -> Self {
        let scene = Scene::shared(prefix)
            .await
            .with("enable_helm_operator", "true")
            .with("chart_values", "--set helm.versions=v3 --set chartsSyncInterval=5s");
        let release = release(&scene, "web", spec);
        scene
            .commit(&[
                ("namespace.yaml", &scene.namespace()),
                ("charts/web/Chart.yaml", CHART),
                ("charts/web/values.yaml", VALUES),
                ("charts/web/templates/settings.yaml", TEMPLATE),
                ("releases/web.yaml", &release),
            ])
            .await;
        let id = scene.add().await;
        scene.browser().until_installed(&id).await.unwrap();
        Self { scene, id }
    }

    async fn change(&self, spec: &str) {
        let release = release(&self.scene, "web", spec);
        self.scene.commit(&[("releases/web.yaml", &release)]).await;
        self.scene.browser().sync(&self.id).await.unwrap();
    }

    /// The object as the cluster has it.
    async fn object(&self) -> Value {
        let path = format!("/apis/helm.fluxcd.io/v1/namespaces/{}/helmreleases/web", self.scene.app);
        self.scene.object(&path).await.unwrap_or_default()
    }

    async fn condition(&self, kind: &str) -> String {
        let object = self.object().await;
        let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let found = conditions.iter().find(|condition| condition["type"] == kind);
        found.map(|condition| condition["status"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }

    async fn until_phase(&self, phase: &str) {
        eventually(&format!("the release is {phase}"), || async {
            self.object().await["status"]["phase"] == phase
        })
        .await;
    }

    /// What the release made says.
    async fn value(&self) -> Option<String> {
        self.scene.value(&format!("{}-web-settings", self.scene.app)).await
    }

    async fn until_value(&self, value: &str) {
        eventually(&format!("the release says {value}"), || async {
            self.value().await.as_deref() == Some(value)
        })
        .await;
    }
}

fn release(scene: &Scene, name: &str, spec: &str) -> String {
    let (app, url) = (&scene.app, scene.repository.url());
    format!(
        "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata:\n  name: {name}\n  namespace: {app}\nspec:\n  \
         chart:\n    git: {url}\n    ref: main\n    path: charts/web\n{spec}"
    )
}

#[tokio::test]
async fn a_release_is_installed_upgraded_repaired_and_removed() {
    let releases = Releases::begin("hr", "  values:\n    value: one\n").await;
    let Releases { scene, id } = &releases;
    releases.until_phase("Succeeded").await;
    assert_eq!(releases.value().await.as_deref(), Some("one"));
    let object = releases.object().await;
    let release = format!("{}-web", scene.app);
    let status = &object["status"];
    assert_eq!(
        (status["releaseName"].as_str(), status["releaseStatus"].as_str()),
        (Some(release.as_str()), Some("deployed"))
    );
    assert_eq!(status["observedGeneration"], object["metadata"]["generation"]);
    for condition in ["Deployed", "Released"] {
        assert_eq!(releases.condition(condition).await, "True", "{status:#}");
    }
    let made = scene.object(&scene.config_map_path(&format!("{release}-settings"))).await.unwrap();
    let antecedent = format!("{}:helmrelease/web", scene.app);
    assert_eq!(made["metadata"]["annotations"]["helm.fluxcd.io/antecedent"], antecedent);

    releases.change("  values:\n    value: two\n").await;
    releases.until_value("two").await;
    releases.until_phase("Succeeded").await;

    let path = scene.config_map_path(&format!("{release}-settings"));
    scene.patch(&path, &json!({ "data": { "key": "drifted" } })).await;
    releases.until_value("two").await;
    scene.remove(&path).await;
    releases.until_value("two").await;

    scene.commit(&[("charts/web/values.yaml", "value: default\nother: 1\n")]).await;
    releases.change("").await;
    releases.until_value("default").await;

    scene.repository.change().remove("releases/web.yaml").commit("Remove the release").await.unwrap();
    scene.browser().sync(id).await.unwrap();
    // Without garbage collection the object stays, and so does its release, until a person removes it.
    assert_eq!(releases.value().await.as_deref(), Some("default"));
    let object = format!("/apis/helm.fluxcd.io/v1/namespaces/{}/helmreleases/web", scene.app);
    let (status, _) = scene.stage.cluster.ask(Method::DELETE, &object, None).await.unwrap();
    assert_eq!(status, 200);
    scene.browser().sync(id).await.unwrap();
    eventually("the release is uninstalled", || async { releases.value().await.is_none() }).await;
}
