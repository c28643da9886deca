//! A release whose values come from a Secret.

use testbed::Repository;

use crate::scene::{Scene, eventually};

/// In the values; a word, for the chart makes a ConfigMap of it.
pub(super) const VALUES: &str = "canary-values-5b1c93";

const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-word\n\
                        data:\n  key: {{ .Values.word | quote }}\n";

/// Has the Helm operator work for a scene.
pub(super) fn enabled(scene: Scene) -> Scene {
    let scene = scene.with("enable_helm_operator", "true");
    scene.with("chart_values", "--set helm.versions=v3 --set chartsSyncInterval=5s,logReleaseDiffs=true")
}

/// A repository with the chart, which anybody may read.
pub(super) async fn chart(scene: &Scene) -> Repository {
    let repository = scene.stage.git.repository("charts").await.unwrap();
    let files = [
        ("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("web/values.yaml", "word: none\n"),
        ("web/templates/word.yaml", TEMPLATE),
        ("web/templates/NOTES.txt", "The word is {{ .Values.word }}.\n"),
    ];
    repository.commit(&files, "A chart").await.unwrap();
    repository
}

/// The release `web` and the Secret that it takes its values from.
pub(super) fn manifests(scene: &Scene, chart: &Repository) -> String {
    let (app, url) = (&scene.app, chart.url());
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: words, namespace: {app}}}\n\
         stringData: {{values.yaml: 'word: {VALUES}'}}\n---\n\
         apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {{name: web, namespace: {app}}}\n\
         spec:\n  chart: {{git: '{url}', ref: main, path: web}}\n  \
         valuesFrom: [{{secretKeyRef: {{name: words, key: values.yaml}}}}]\n"
    )
}

/// Waits until the chart has made what it makes.
pub(super) async fn until_released(scene: &Scene) {
    eventually("the release has its values", || async {
        scene.value(&format!("{}-web-word", scene.app)).await.as_deref() == Some(VALUES)
    })
    .await;
}
