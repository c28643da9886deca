//! What the tests share, and what each has for itself.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalogue::Locale;
use domain::reason::{ObjectReason, Reason};
use http::Method;
use serde_json::{Value, json};
use testbed::{
    AuditEvent, Browser, Cluster, ConfigurationFields, ConfigurationView, GitServer, Portal, PortalOptions,
    Repository,
};
use tokio::sync::OnceCell;

/// Bounds a wait for something that takes a moment; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(1);

/// One portal with one connected cluster for all tests of this program.
pub(crate) struct Stage {
    pub(crate) portal: Portal,
    pub(crate) cluster: &'static Cluster,
    pub(crate) git: &'static GitServer,
    /// The administrator's.
    pub(crate) browser: Browser,
    /// The cluster's id in the portal.
    pub(crate) cluster_id: String,
}

impl Stage {
    /// The one of this program.
    pub(crate) async fn shared() -> &'static Self {
        static SHARED: OnceCell<Stage> = OnceCell::const_new();
        SHARED.get_or_init(|| async { Self::start(&[]).await }).await
    }

    /// One of a test's own, on the shared control plane, with further variables for the server.
    pub(crate) async fn start(environment: &[(&str, &str)]) -> Self {
        let (cluster, git) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
        let variable = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut environment: Vec<_> = environment.iter().map(variable).collect();
        environment.push(("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned()));
        let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
        let browser = portal.sign_in().await.unwrap();
        let cluster_id = browser.connect_cluster(&cluster.kubeconfig(), "default", "Stage").await.unwrap();
        Self { portal, cluster, git, browser, cluster_id }
    }

    /// A name and a repository for one test.
    pub(crate) async fn scene(&'static self, prefix: &str) -> Scene {
        Scene::new(self, prefix).await
    }
}

/// A configuration to be: the operator has the namespace `name`, the objects are in the namespace `app`.
pub(crate) struct Scene {
    pub(crate) stage: &'static Stage,
    pub(crate) name: String,
    pub(crate) app: String,
    pub(crate) repository: Repository,
    pub(crate) fields: ConfigurationFields,
    added: Added,
}

/// The configurations that a test added. When it has ended, their repositories are looked at no longer: those of all tests,
/// each every second, would be most of the work of those that have not ended.
struct Added {
    browser: &'static Browser,
    ids: Mutex<Vec<String>>,
}

impl Drop for Added {
    fn drop(&mut self) {
        let (browser, ids) = (self.browser, std::mem::take(&mut *self.ids()));
        // Nobody waits for it: the way to the server may lead through the test's own runtime, which is held here.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            for id in ids {
                // Deleted by now, or its server is gone: then it is quiet.
                let call = async { browser.call("suspend_configuration", &[("id", &id)]).await.map(drop) };
                let _ = runtime.as_ref().map(|runtime| runtime.block_on(call));
            }
        });
    }
}

impl Added {
    fn ids(&self) -> MutexGuard<'_, Vec<String>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    pub(crate) async fn shared(prefix: &str) -> Self {
        Stage::shared().await.scene(prefix).await
    }

    async fn new(stage: &'static Stage, prefix: &str) -> Self {
        let repository = stage.git.repository("manifests").await.unwrap();
        let fields = ConfigurationFields::named_apart(prefix, repository.url()).unwrap();
        let name = fields.value("name").to_owned();
        let added = Added { browser: &stage.browser, ids: Mutex::default() };
        Self { stage, app: format!("{name}-app"), name, repository, fields, added }
    }

    /// Adds the configuration as its fields say.
    pub(crate) async fn add(&self) -> String {
        let id = self.browser().add_configuration(&self.stage.cluster_id, &self.fields).await.unwrap();
        self.added.ids().push(id.clone());
        id
    }

    /// Waits until it stands for this reason, and sees that the page says it in its sentence.
    pub(crate) async fn until_told(&self, id: &str, reason: &str) -> ConfigurationView {
        let view = self.browser().until_reason(id, reason).await.unwrap();
        assert_told(self.browser(), id, &view).await;
        view
    }

    /// With another value in a field of the form.
    pub(crate) fn with(mut self, field: &'static str, value: &str) -> Self {
        self.fields = self.fields.with(field, value);
        self
    }

    pub(crate) fn browser(&self) -> &'static Browser {
        &self.stage.browser
    }

    /// Commits files and gives the commit.
    pub(crate) async fn commit(&self, files: &[(&str, &str)]) -> String {
        self.repository.commit(files, "Change the manifests").await.unwrap()
    }

    /// The namespace of the objects, as a manifest.
    pub(crate) fn namespace(&self) -> String {
        format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {}\n", self.app)
    }

    /// A ConfigMap with one value, as a manifest.
    pub(crate) fn config_map(&self, name: &str, value: &str) -> String {
        let app = &self.app;
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {app}\ndata:\n  key: {value}\n"
        )
    }

    /// A Deployment of one pod, as a manifest.
    pub(crate) fn deployment(&self, name: &str) -> String {
        let app = &self.app;
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {app}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
        - name: web
          image: registry.example.com/{name}:1
"
        )
    }

    /// The path of a ConfigMap in the namespace of the objects.
    pub(crate) fn config_map_path(&self, name: &str) -> String {
        format!("/api/v1/namespaces/{}/configmaps/{name}", self.app)
    }

    /// The value of a ConfigMap in the cluster, when it is there.
    pub(crate) async fn value(&self, name: &str) -> Option<String> {
        let object = self.object(&self.config_map_path(name)).await?;
        object["data"]["key"].as_str().map(str::to_owned)
    }

    /// An object in the cluster by its path.
    pub(crate) async fn object(&self, path: &str) -> Option<Value> {
        self.stage.cluster.object(path).await.unwrap()
    }

    /// Changes an object as somebody else would.
    pub(crate) async fn patch(&self, path: &str, patch: &Value) {
        let path = format!("{path}?fieldManager=somebody-else");
        let (status, answer) = self.stage.cluster.ask(Method::PATCH, &path, Some(patch)).await.unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    /// Deletes an object as somebody else would.
    pub(crate) async fn remove(&self, path: &str) {
        let (status, answer) = self.stage.cluster.ask(Method::DELETE, path, None).await.unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    /// Makes a ConfigMap as somebody else would.
    pub(crate) async fn create_config_map(&self, namespace: &str, name: &str) {
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        let object = json!({ "metadata": { "name": name }, "data": { "key": "theirs" } });
        let (status, answer) = self.stage.cluster.ask(Method::POST, &path, Some(&object)).await.unwrap();
        assert_eq!(status, 201, "{answer}");
    }

    /// As whom the operator calls.
    pub(crate) fn service_account(&self) -> String {
        format!("system:serviceaccount:{0}:{0}", self.name)
    }

    /// Whether a request of the portal was about this configuration: as its operator, in one of its namespaces, or
    /// about one of these themselves.
    pub(crate) fn concerns(&self, event: &AuditEvent) -> bool {
        let ours = |name: &Option<String>| {
            name.as_deref().is_some_and(|name| {
                name == self.name || name == self.app || name == format!("fairlead:{0}:{0}", self.name)
            })
        };
        event.user_agent.starts_with("fairlead/")
            && (event.impersonated_user.as_deref() == Some(&self.service_account())
                || ours(&event.namespace)
                || ours(&event.name))
    }
}

/// The page says the stored reason in the catalogue's sentence, and each object's beside the object.
pub(crate) async fn assert_told(browser: &Browser, id: &str, view: &ConfigurationView) {
    let page = browser.get(&format!("/configurations/{id}")).await.unwrap().text();
    let reason: Reason = serde_json::from_value(view.state()["reason"].clone()).unwrap();
    let sentence = catalogue::reason_sentence(Locale::English, &reason);
    assert!(page.contains(&sentence), "{sentence:?} is not on the page: {page}");
    for row in view.0["resources"].as_array().into_iter().flatten().filter(|row| !row["reason"].is_null()) {
        let reason: ObjectReason = serde_json::from_value(row["reason"].clone()).unwrap();
        let sentence = catalogue::object_reason_sentence(Locale::English, &reason);
        assert!(page.contains(&sentence), "{sentence:?} is not on the page: {page}");
    }
}

/// Waits until something holds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    assert!(tokio::time::timeout(LIMIT, wait).await.is_ok(), "waited in vain until {what}");
}
