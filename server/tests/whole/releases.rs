//! The Helm operator: `HelmRelease` objects from Git to running releases, by the real helm.

mod charts;
mod endless;
mod interrupted;
mod portal;
mod rights;
mod secrets;
mod tests;

use http::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, Stage, eventually};

/// A chart with one ConfigMap, whose value is `.Values.value` and the name of its entry `.Values.entry`.
const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const VALUES: &str = "value: default\nentry: key\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\n\
                        data:\n  {{ .Values.entry | quote }}: {{ required \"a value is needed\" .Values.value | quote }}\n";

/// What the tests of releases ask of a scene.
struct Releases {
    scene: Scene,
    id: String,
}

impl Releases {
    /// A configuration with the Helm operator, its chart in its own repository, and one release with these values.
    async fn begin(prefix: &str, spec: &str) -> Self {
        Self::on(Scene::shared(prefix).await, spec).await
    }

    async fn on(scene: Scene, spec: &str) -> Self {
        let scene = scene
            .with("enable_helm_operator", "true")
            .with("chart_values", "--set helm.versions=v3 --set chartsSyncInterval=5s,logReleaseDiffs=true");
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

    /// The arguments that name the release.
    fn named(&self) -> [(&str, &str); 3] {
        [("configuration", &self.id), ("namespace", &self.scene.app), ("name", "web")]
    }

    /// As the list of releases has it.
    async fn row(&self) -> Value {
        let list = [("configuration", self.id.as_str())];
        let list = self.scene.browser().read("list_releases", &list).await.unwrap();
        list["releases"][0].clone()
    }

    /// Its page, by its path.
    fn page(&self) -> String {
        format!("/configurations/{}?tab=releases&release={}/web", self.id, self.scene.app)
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

/// A ConfigMap with one entry that helm makes at this moment.
fn hook(moment: &str, entry: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{{{ .Release.Name }}}}-hook\n  annotations:\n    \
         helm.sh/hook: {moment}\ndata:\n  {entry}: one\n"
    )
}

#[tokio::test]
async fn a_release_is_installed_upgraded_repaired_and_removed() {
    walk(Releases::begin("hr", "  values:\n    value: one\n").await).await;
}

#[tokio::test]
async fn helm_3_does_the_same() {
    let stage = with_helm_3().await;
    walk(Releases::on(stage.scene("hr3").await, "  values:\n    value: one\n").await).await;
}

/// A portal whose helm is not the one on PATH, which is helm 4.
async fn with_helm_3() -> &'static Stage {
    Box::leak(Box::new(Stage::start(&[("FAIRLEAD_HELM", &helm_3())]).await))
}

fn helm_3() -> String {
    let path = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&path).map(|folder| folder.join("helm3")).find(|path| path.exists());
    found.expect("helm3 is installed by `make setup`").to_str().unwrap().to_owned()
}

async fn walk(releases: Releases) {
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
    let logged = format!(
        "the upgrade of release {0}/web changes 1 objects: ~ ConfigMap {0}/{release}-settings: data.key",
        scene.app
    );
    assert!(scene.stage.portal.log().contains(&logged), "{logged:?} is not in the log");

    let path = scene.config_map_path(&format!("{release}-settings"));
    scene.patch(&path, &json!({ "data": { "key": "drifted" } })).await;
    releases.until_value("two").await;
    scene.remove(&path).await;
    releases.until_value("two").await;

    scene.commit(&[("charts/web/values.yaml", "value: default\nentry: key\nother: 1\n")]).await;
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

#[tokio::test]
async fn an_upgrade_that_fails_is_rolled_back_and_told_everywhere() {
    let rollback = "  rollback:\n    enable: true\n  wait: false\n";
    let releases = Releases::begin("hrback", &format!("{rollback}  values:\n    value: one\n")).await;
    releases.until_phase("Succeeded").await;

    // The API server takes no such name of an entry.
    releases.change(&format!("{rollback}  values:\n    value: two\n    entry: no/slash\n")).await;
    releases.until_phase("RolledBack").await;
    assert_eq!(releases.value().await.as_deref(), Some("one"));
    for (kind, status) in [("RolledBack", "True"), ("Deployed", "False"), ("Released", "False")] {
        assert_eq!(releases.condition(kind).await, status, "{kind}");
    }
    let object = releases.object().await;
    assert_eq!(
        (&object["status"]["rollbackCount"], &object["status"]["releaseStatus"]),
        (&json!(1), &json!("deployed"))
    );
    assert!(object["status"]["conditions"].to_string().contains("no/slash"), "{object:#}");
    let view = releases.scene.until_told(&releases.id, "releasesFailed").await;
    assert_eq!((view.compliance(), view.level()), ("Installed", "Warning"));

    releases.change(&format!("{rollback}  values:\n    value: three\n")).await;
    releases.until_phase("Succeeded").await;
    assert_eq!(releases.value().await.as_deref(), Some("three"));
    assert_eq!(releases.object().await["status"]["rollbackCount"], 0);
    assert_eq!(releases.condition("RolledBack").await, "");
    releases.scene.browser().until_reason(&releases.id, "installed").await.unwrap();
}

#[tokio::test]
async fn a_first_install_that_fails_leaves_nothing_behind() {
    let releases = Releases::begin("hrfail", "  values:\n    entry: no/slash\n").await;
    releases.until_phase("DeployFailed").await;
    let app = &releases.scene.app;
    let secrets = format!("/api/v1/namespaces/{app}/secrets?labelSelector=owner%3Dhelm");
    eventually("nothing of the release is left", || async {
        releases.scene.object(&secrets).await.is_some_and(|list| list["items"] == json!([]))
    })
    .await;
    releases.change("  values:\n    value: good\n").await;
    releases.until_phase("Succeeded").await;
}

// S-A4
#[tokio::test]
async fn each_fault_of_a_release_is_told_and_its_neighbours_go_on() {
    let releases = Releases::begin("hrbad", "  values:\n    value: one\n").await;
    let Releases { scene, id } = &releases;
    let (app, url) = (&scene.app, scene.repository.url());
    let of = |name: &str, spec: &str| {
        format!(
            "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata:\n  name: {name}\n  namespace: {app}\nspec:\n{spec}"
        )
    };
    let web = format!("  chart:\n    git: {url}\n    ref: main\n    path: charts/web\n");
    let broken = "{{ fail \"the template says no\" }}\n";
    // (name, spec, phase, what is said)
    let table = [
        ("neither", "  chart: {}\n".to_owned(), "Failed", "could not find valid chart source configuration"),
        (
            "both",
            format!("  chart:\n    git: {url}\n    path: a\n    repository: https://charts.example.com\n"),
            "Failed",
            "not both",
        ),
        ("helm2", format!("  helmVersion: v2\n{web}"), "Failed", "v3, which is used"),
        (
            "nowhere",
            format!("  chart:\n    git: {url}\n    ref: main\n    path: charts/none\n"),
            "ChartFetchFailed",
            "no folder charts/none",
        ),
        (
            "branch",
            format!("  chart:\n    git: {url}\n    ref: none\n    path: charts/web\n"),
            "ChartFetchFailed",
            "none",
        ),
        (
            "template",
            format!("  chart:\n    git: {url}\n    ref: main\n    path: charts/broken\n"),
            "DeployFailed",
            "broken/templates/no.yaml:1",
        ),
        (
            "types",
            format!("{web}  values:\n    value: {{a: {{b: 1}}}}\n    entry: [1]\n"),
            "DeployFailed",
            "ConfigMap",
        ),
        (
            "secret",
            format!("{web}  valuesFrom:\n    - secretKeyRef:\n        name: absent\n"),
            "Failed",
            "Secret {app}/absent",
        ),
        ("name", format!("{web}  releaseName: {app}-web\n"), "Failed", "another HelmRelease keeps release"),
        (
            "link",
            format!("  chart:\n    git: {url}\n    ref: main\n    path: charts/link\n"),
            "ChartFetchFailed",
            "symbolic link",
        ),
        (
            "dependency",
            format!("  chart:\n    git: {url}\n    ref: main\n    path: charts/needy\n"),
            "ChartFetchFailed",
            "169.254.169.254 is not allowed",
        ),
        (
            "hook",
            format!("  chart:\n    git: {url}\n    ref: main\n    path: charts/hook\n"),
            "DeployFailed",
            "no/hook",
        ),
    ];
    let needy = "apiVersion: v2\nname: needy\nversion: 1.0.0\ndependencies:\n- name: inner\n  version: 1.0.0\n  \
                 repository: http://169.254.169.254/charts\n";
    let mut change = scene
        .repository
        .change()
        .write("charts/broken/Chart.yaml", "apiVersion: v2\nname: broken\nversion: 1.0.0\n")
        .write("charts/broken/values.yaml", "")
        .write("charts/broken/templates/no.yaml", broken)
        .write("charts/link/Chart.yaml", "apiVersion: v2\nname: link\nversion: 1.0.0\n")
        .write("charts/link/values.yaml", "")
        .symlink("charts/link/templates/x.yaml", "/etc/passwd")
        .write("charts/needy/Chart.yaml", needy)
        .write("charts/needy/values.yaml", "")
        .write("charts/hook/Chart.yaml", "apiVersion: v2\nname: hook\nversion: 1.0.0\n")
        .write("charts/hook/values.yaml", "")
        .write("charts/hook/templates/hook.yaml", hook("pre-install", "no/hook"));
    for (name, spec, ..) in &table {
        change = change.write(&format!("releases/{name}.yaml"), of(name, spec));
    }
    change.commit("Add releases that cannot be").await.unwrap();
    scene.browser().sync(id).await.unwrap();
    for (name, _, phase, words) in table {
        let path = format!("/apis/helm.fluxcd.io/v1/namespaces/{app}/helmreleases/{name}");
        let words = words.replace("{app}", app);
        eventually(&format!("{name} is {phase} and says {words}"), || async {
            let object = scene.object(&path).await.unwrap_or_default();
            object["status"]["phase"] == phase && object["status"]["conditions"].to_string().contains(&words)
        })
        .await;
    }
    releases.change("  values:\n    value: two\n").await;
    releases.until_value("two").await;
}

#[tokio::test]
async fn values_come_from_everywhere_and_later_ones_win() {
    let scene = Scene::shared("hrval").await;
    let app = scene.app.clone();
    let config = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: given\n  namespace: {app}\ndata:\n  values.yaml: |\n    value: map\n"
    );
    scene.commit(&[("given.yaml", &config), ("charts/web/more.yaml", "value: file\n")]).await;
    let from = "  valuesFrom:\n    - chartFileRef:\n        path: more.yaml\n    - configMapKeyRef:\n        name: given\n\
                \u{20}   - configMapKeyRef:\n        name: absent\n        optional: true\n";
    let releases = Releases::on(scene, from).await;
    releases.until_value("map").await;
    releases.change(&format!("{from}  values:\n    value: spec\n")).await;
    releases.until_value("spec").await;
    releases.change("  valuesFrom:\n    - chartFileRef:\n        path: more.yaml\n").await;
    releases.until_value("file").await;
}

#[tokio::test]
async fn a_release_that_did_not_change_costs_no_process() {
    let releases = Releases::begin("hrcalm", "  values:\n    value: one\n").await;
    releases.until_phase("Succeeded").await;
    let Releases { scene, .. } = &releases;
    let secrets = format!("/api/v1/namespaces/{}/secrets?labelSelector=owner%3Dhelm", scene.app);
    let mark = scene.stage.cluster.audit_mark().await.unwrap();
    // Two looks, by the interval of five seconds.
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let account = scene.service_account();
    let own: Vec<_> =
        events.iter().filter(|event| event.impersonated_user.as_deref() == Some(&account)).collect();
    assert!(own.iter().all(|event| !event.user_agent.to_lowercase().contains("helm")), "{own:#?}");
    assert!(own.len() >= 2, "it is looked at: {own:#?}");
    assert!(own.iter().all(|event| matches!(event.verb.as_str(), "list" | "watch")), "{own:#?}");
    assert_eq!(scene.object(&secrets).await.unwrap()["items"].as_array().map(Vec::len), Some(1));
}
