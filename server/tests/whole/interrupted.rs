//! The server dies in the middle of a sync, as by a power cut, and starts again.

use std::time::Duration;

use serde_json::Value;
use testbed::{Browser, ConfigurationFields, ConfigurationView};

use crate::scene::Stage;

/// The points of the reconciler's `abort_at`, in the order of a sync.
const POINTS: [&str; 18] = [
    "glance",
    "identify",
    "provision",
    "term",
    "fence",
    "fetch",
    "load",
    "observe",
    "plan",
    "gate",
    "intent",
    "applied",
    "batch",
    "apply",
    "prune",
    "tag",
    "assess",
    "record",
];

/// What the server looks for its own death at.
const ABORT_AT: &str = "FAIRLEAD_ABORT_AT";

/// The first sync begins at once; only a failure waits this long.
const DEATH_LIMIT: Duration = Duration::from_secs(30);

/// How often the server is taken away at any moment, and how often when there is time.
const KILLS: usize = 6;
const KILLS_STATED: usize = 100;

#[tokio::test]
async fn a_server_that_dies_before_it_writes_ends_where_an_undisturbed_one_does() {
    die_at(&POINTS[..9]).await;
}

#[tokio::test]
async fn a_server_that_dies_while_or_after_it_writes_ends_where_an_undisturbed_one_does() {
    die_at(&POINTS[9..]).await;
}

#[tokio::test]
async fn a_server_that_is_killed_again_and_again_ends_there_too() {
    let stage = Stage::start(&[]).await;
    let undisturbed = Subject::new(&stage, "undisturbed").await;
    undisturbed.commit("one").await;
    let id = stage.browser.add_configuration(&stage.cluster_id, &undisturbed.fields).await.unwrap();
    stage.browser.until_installed(&id).await.unwrap();
    let wanted = undisturbed.dump(&stage).await;
    let subject = Subject::new(&stage, "killed").await;
    subject.commit("one").await;
    let id = stage.browser.add_configuration(&stage.cluster_id, &subject.fields).await.unwrap();
    for number in 0..testbed::count(KILLS, KILLS_STATED) {
        // After a while that is another one each time; a start takes longer than the longest.
        let pause = u64::try_from(number * 13 % 97).unwrap();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        stage.portal.kill();
        stage.portal.start_again().await.unwrap();
    }
    let view = stage.browser.until_installed(&id).await.unwrap();
    assert_settled(&view, "any moment");
    assert_eq!(subject.dump(&stage).await, wanted);
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_ends_its_sync_first() {
    let mut stage = Stage::start(&[]).await;
    let subject = Subject::new(&stage, "stopped").await;
    subject.commit("one").await;
    let id = stage.browser.add_configuration(&stage.cluster_id, &subject.fields).await.unwrap();
    stage.portal.stop().await.unwrap();
    stage.portal.start_again().await.unwrap();
    let view = stage.browser.until_installed(&id).await.unwrap();
    assert_settled(&view, "a stop");
    let log = stage.portal.log();
    assert!(log.contains("stopped\n") && !log.contains("was interrupted"), "{log}");
}

async fn die_at(points: &[&str]) {
    let mut stage = Stage::start(&[]).await;
    let undisturbed = Subject::new(&stage, "undisturbed").await;
    undisturbed.commit("one").await;
    let id = stage.browser.add_configuration(&stage.cluster_id, &undisturbed.fields).await.unwrap();
    stage.browser.until_installed(&id).await.unwrap();
    let first = undisturbed.dump(&stage).await;
    undisturbed.commit("two").await;
    stage.browser.sync(&id).await.unwrap();
    let second = undisturbed.dump(&stage).await;
    assert_ne!(first, second, "the change is one that is seen");

    for point in points {
        let subject = Subject::new(&stage, point).await;
        subject.commit("one").await;
        live_with(&mut stage, Some(point)).await;
        // The server may die before it has answered; what it has taken is stored.
        let _ = stage.browser.add_configuration(&stage.cluster_id, &subject.fields).await;
        dies(&mut stage, point).await;
        live_with(&mut stage, None).await;
        let id = find(&stage.browser, subject.fields.value("name")).await;
        let view = stage.browser.until_installed(&id).await.unwrap();
        assert_settled(&view, point);
        assert_told(&view, point);
        assert_eq!(subject.dump(&stage).await, first, "after a death at {point} in the first sync");

        let commit = subject.commit("two").await;
        live_with(&mut stage, Some(point)).await;
        let _ = stage.browser.sync_now(&id).await;
        dies(&mut stage, point).await;
        live_with(&mut stage, None).await;
        let moved = |view: &ConfigurationView| view.is_quiet() && view.revision() == commit;
        let view = stage.browser.until(&id, "the change is in place", moved).await.unwrap();
        assert_settled(&view, point);
        assert_told(&view, point);
        assert_eq!(subject.dump(&stage).await, second, "after a death at {point} in a later sync");
    }
    let list = stage.browser.read("list_configurations", &[("query[page]", "1")]).await.unwrap();
    assert_eq!((&list["counts"]["pending"], &list["counts"]["failed"]), (&Value::from(0), &Value::from(0)));
}

/// Starts the server once more, with its death planned or not.
async fn live_with(stage: &mut Stage, point: Option<&str>) {
    stage.portal.stop().await.unwrap();
    stage.portal.set(ABORT_AT, point);
    stage.portal.start_again().await.unwrap();
}

async fn dies(stage: &mut Stage, point: &str) {
    stage.portal.ended(DEATH_LIMIT).await.unwrap();
    let log = stage.portal.log();
    let last = log.rsplit("aborting at").next().unwrap_or_default();
    assert!(last.starts_with(&format!(" {point}")), "the server did not die at {point}:\n{last}");
}

fn assert_settled(view: &ConfigurationView, point: &str) {
    assert_eq!((view.compliance(), view.reason()), ("Installed", "installed"), "{point}: {}", view.summary());
    let rows = view.0["resources"].as_array().unwrap();
    assert_eq!(rows.len(), 5, "{point}: {rows:#?}");
    assert!(rows.iter().all(|row| row["reason"].is_null()), "{point}: {rows:#?}");
}

/// Whoever reads the history knows that the server died, unless the sync had been recorded by then.
fn assert_told(view: &ConfigurationView, point: &str) {
    let newest = &view.0["history"][0];
    assert_eq!(newest["resumed"], point != "record", "{point}: {newest}");
}

/// A configuration's id by its name.
async fn find(browser: &Browser, name: &str) -> String {
    let arguments = [("query[page]", "1"), ("query[filter]", name)];
    let list = browser.read("list_configurations", &arguments).await.unwrap();
    list["page"]["items"][0]["id"].as_str().unwrap_or_default().to_owned()
}

/// One configuration of a kind that all of these tests compare.
struct Subject {
    fields: ConfigurationFields,
    repository: testbed::Repository,
    app: String,
}

impl Subject {
    async fn new(stage: &Stage, prefix: &str) -> Self {
        let repository = stage.git.repository("manifests").await.unwrap();
        let fields = ConfigurationFields::named_apart(prefix, repository.url()).unwrap();
        let app = format!("{}-app", fields.value("name"));
        Self { fields, repository, app }
    }

    async fn commit(&self, value: &str) -> String {
        let app = &self.app;
        let manifests = format!(
            "apiVersion: v1
kind: Namespace
metadata:
  name: {app}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: changing
  namespace: {app}
data:
  key: {value}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: constant
  namespace: {app}
data:
  key: same
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: {app}
spec:
  clusterIP: None
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: {app}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
        value: {value}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
"
        );
        self.repository.commit(&[("all.yaml", &manifests)], "Change the manifests").await.unwrap()
    }

    /// Everything applied, without what differs between two runs that came out alike.
    async fn dump(&self, stage: &Stage) -> Vec<String> {
        let app = &self.app;
        let paths = [
            format!("/api/v1/namespaces/{app}"),
            format!("/api/v1/namespaces/{app}/configmaps/changing"),
            format!("/api/v1/namespaces/{app}/configmaps/constant"),
            format!("/api/v1/namespaces/{app}/services/web"),
            format!("/apis/apps/v1/namespaces/{app}/deployments/web"),
        ];
        let mut dump = Vec::new();
        for path in paths {
            let object = stage.cluster.object(&path).await.unwrap();
            let mut object = object.unwrap_or_else(|| panic!("{path} is not there"));
            strip(&mut object);
            dump.push(serde_json::to_string_pretty(&object).unwrap().replace(app, "APP"));
        }
        dump
    }
}

/// Takes out names of the run, times, and what controllers write.
fn strip(object: &mut Value) {
    object.as_object_mut().unwrap().remove("status");
    let metadata = object["metadata"].as_object_mut().unwrap();
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        metadata.remove(field);
    }
    let mark = metadata["labels"]["fluxcd.io/sync-gc-mark"].take();
    assert!(mark.as_str().is_some_and(|mark| mark.starts_with("sha256.")), "{mark}");
    let checksum = metadata["annotations"]["fluxcd.io/sync-checksum"].take();
    assert_eq!(checksum.as_str().map(str::len), Some(40), "{checksum}");
    metadata["annotations"].as_object_mut().unwrap().remove("deployment.kubernetes.io/revision");
    let managers = metadata["managedFields"].as_array_mut().unwrap();
    managers.retain(|entry| entry["manager"] == "fairlead");
    for entry in managers {
        entry.as_object_mut().unwrap().remove("time");
    }
}
