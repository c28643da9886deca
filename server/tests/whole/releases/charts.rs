//! Charts that lie elsewhere than in Git.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use testbed::{ChartFiles, ChartRegistry, ChartRepository, ChartRepositoryOptions};

use super::{Releases, TEMPLATE};
use crate::scene::eventually;

/// A chart like the one in Git.
fn chart(name: &str, version: &str, value: &str) -> ChartFiles {
    ChartFiles::named(name, version)
        .file("values.yaml", &format!("value: {value}\nentry: key\n"))
        .file("templates/config.yaml", TEMPLATE)
}

#[tokio::test]
async fn a_release_is_made_of_a_chart_in_a_repository_that_asks_for_a_credential() {
    let basic_auth = Some(("ada".to_owned(), "a word".to_owned()));
    let options = ChartRepositoryOptions { tls: false, basic_auth };
    let repository = ChartRepository::start_with(options).await.unwrap();
    repository.add(&chart("shop", "1.0.0", "first")).await.unwrap();
    let releases = Releases::begin("hrrepo", "  values:\n    value: one\n").await;
    let scene = &releases.scene;
    let app = &scene.app;
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pull\n  namespace: {app}\ndata:\n  username: {}\n  password: {}\n",
        STANDARD.encode("ada"),
        STANDARD.encode("a word")
    );
    let release = format!(
        "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata:\n  name: shop\n  namespace: {app}\nspec:\n  chart:\n    \
         repository: {}\n    name: shop\n    version: ^1\n    chartPullSecret:\n      name: pull\n",
        repository.url()
    );
    scene.commit(&[("secret.yaml", &secret), ("releases/shop.yaml", &release)]).await;
    scene.browser().sync(&releases.id).await.unwrap();
    let said = async || scene.value(&format!("{app}-shop-settings")).await;
    eventually("the release is installed", || async { said().await.as_deref() == Some("first") }).await;
    // Nobody pushes anything: what is new is found when the index is looked at again.
    repository.add(&chart("shop", "1.1.0", "second")).await.unwrap();
    eventually("the newer chart is found", || async { said().await.as_deref() == Some("second") }).await;
    assert!(repository.requests().iter().all(|request| request.with_credential));
}

#[tokio::test]
async fn what_a_chart_in_git_has_no_copy_of_is_fetched() {
    let registry = ChartRegistry::start().await.unwrap();
    let template = TEMPLATE.replace("-settings", "-inner");
    let inner = chart("inner", "2.3.0", "fetched").file("templates/config.yaml", &template);
    registry.push("team", &inner).await.unwrap();
    let releases = Releases::begin("hrdeps", "  values:\n    value: one\n").await;
    let scene = &releases.scene;
    let app = &scene.app;
    let description = format!(
        "apiVersion: v2\nname: web\nversion: 1.1.0\ndependencies:\n- name: inner\n  version: ^2\n  repository: {}\n- name: beside\n  \
         version: 1.0.0\n  repository: file://../beside\n",
        registry.url("team")
    );
    let beside = TEMPLATE.replace("-settings", "-beside");
    scene
        .commit(&[
            ("charts/web/Chart.yaml", &description),
            ("charts/beside/Chart.yaml", "apiVersion: v2\nname: beside\nversion: 1.0.0\n"),
            ("charts/beside/values.yaml", "value: near\nentry: key\n"),
            ("charts/beside/templates/config.yaml", &beside),
        ])
        .await;
    scene.browser().sync(&releases.id).await.unwrap();
    for (name, value) in [("inner", "fetched"), ("beside", "near"), ("settings", "one")] {
        eventually(&format!("{name} is there"), || async {
            scene.value(&format!("{app}-web-{name}")).await.as_deref() == Some(value)
        })
        .await;
    }
}
