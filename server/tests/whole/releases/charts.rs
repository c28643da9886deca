//! Charts that lie elsewhere than in Git.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use testbed::{
    ChartFiles, ChartRegistry, ChartRegistryOptions, ChartRepository, ChartRepositoryOptions, RegistryAccess,
};

use super::{Releases, TEMPLATE, with_helm_3};
use crate::scene::eventually;

/// Who may read the charts.
const USER: &str = "ada";
const WORD: &str = "a word";

/// A chart like the one in Git.
fn chart(name: &str, version: &str, value: &str) -> ChartFiles {
    ChartFiles::named(name, version)
        .file("values.yaml", &format!("value: {value}\nentry: key\n"))
        .file("templates/config.yaml", TEMPLATE)
}

/// A release of a chart that lies where only this user may read.
async fn add_shop(releases: &Releases, repository: &str, version: &str) {
    let scene = &releases.scene;
    let app = &scene.app;
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pull\n  namespace: {app}\ndata:\n  username: {}\n  password: {}\n",
        STANDARD.encode(USER),
        STANDARD.encode(WORD)
    );
    let release = format!(
        "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata:\n  name: shop\n  namespace: {app}\nspec:\n  chart:\n    \
         repository: {repository}\n    name: shop\n    version: {version}\n    chartPullSecret:\n      name: pull\n",
    );
    scene.commit(&[("secret.yaml", &secret), ("releases/shop.yaml", &release)]).await;
    scene.browser().sync(&releases.id).await.unwrap();
}

async fn until_shop_says(releases: &Releases, value: &str) {
    let name = format!("{}-shop-settings", releases.scene.app);
    eventually(&format!("the shop says {value}"), || async {
        releases.scene.value(&name).await.as_deref() == Some(value)
    })
    .await;
}

async fn from_a_repository(releases: Releases) {
    let basic_auth = Some((USER.to_owned(), WORD.to_owned()));
    let options = ChartRepositoryOptions { tls: false, basic_auth };
    let repository = ChartRepository::start_with(options).await.unwrap();
    repository.add(&chart("shop", "1.0.0", "first")).await.unwrap();
    add_shop(&releases, repository.url(), "^1").await;
    until_shop_says(&releases, "first").await;
    // Nobody pushes anything: what is new is found when the index is looked at again.
    repository.add(&chart("shop", "1.1.0", "second")).await.unwrap();
    until_shop_says(&releases, "second").await;
    assert!(repository.requests().iter().all(|request| request.with_credential));
}

async fn from_a_registry(releases: Releases) {
    let access = RegistryAccess::Token(USER.to_owned(), WORD.to_owned());
    let options = ChartRegistryOptions { tls: false, access };
    let registry = ChartRegistry::start_with(options).await.unwrap();
    registry.push("team", &chart("shop", "1.0.0", "first")).await.unwrap();
    add_shop(&releases, &registry.url("team"), "\"*\"").await;
    until_shop_says(&releases, "first").await;
    registry.push("team", &chart("shop", "1.1.0", "second")).await.unwrap();
    until_shop_says(&releases, "second").await;
}

#[tokio::test]
async fn a_release_is_made_of_a_chart_in_a_repository_that_asks_for_a_credential() {
    from_a_repository(Releases::begin("hrrepo", "  values:\n    value: one\n").await).await;
}

#[tokio::test]
async fn a_release_is_made_of_a_chart_in_a_registry_that_asks_for_a_token() {
    from_a_registry(Releases::begin("hroci", "  values:\n    value: one\n").await).await;
}

#[tokio::test]
async fn helm_3_makes_releases_of_both() {
    let stage = with_helm_3().await;
    from_a_repository(Releases::on(stage.scene("hr3repo").await, "  values:\n    value: one\n").await).await;
    from_a_registry(Releases::on(stage.scene("hr3oci").await, "  values:\n    value: one\n").await).await;
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
