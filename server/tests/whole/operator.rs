//! The operator's own objects: put right, moved, remembered; and a cluster that became another one.

use domain::cluster::ClusterUid;
use http::Method;
use testbed::{Cluster, ConfigurationFields, ConfigurationView, FaultProxy, Portal, PortalOptions, Rule};

use crate::scene::{Scene, Stage, eventually};

/// Service account, binding and Lease of an operator.
fn objects_of(namespace: &str, instance: &str) -> [String; 3] {
    [
        format!("/api/v1/namespaces/{namespace}/serviceaccounts/{instance}"),
        format!("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/fairlead:{namespace}:{instance}"),
        format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{instance}"),
    ]
}

async fn synced(prefix: &str) -> (Scene, String) {
    let scene = Scene::shared(prefix).await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

async fn gone(scene: &Scene, path: &str) {
    eventually(&format!("{path} is gone"), || async { scene.object(path).await.is_none() }).await;
}

#[tokio::test]
async fn d14_operator_objects_that_somebody_deleted_come_back_and_nothing_else_is_touched() {
    let (scene, id) = synced("d14").await;
    let uid = scene.object(&scene.config_map_path("settings")).await.unwrap()["metadata"]["uid"].clone();
    for path in objects_of(&scene.name, &scene.name) {
        scene.remove(&path).await;
    }
    let mark = scene.stage.cluster.audit_mark().await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!(view.reason(), "installed");
    for path in objects_of(&scene.name, &scene.name) {
        assert!(scene.object(&path).await.is_some(), "{path} is not back");
    }
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    assert!(!events.iter().any(|event| scene.concerns(event) && event.verb.starts_with("delete")));
    assert_eq!(scene.object(&scene.config_map_path("settings")).await.unwrap()["metadata"]["uid"], uid);
}

#[tokio::test]
async fn d14_an_operators_namespace_that_somebody_deleted_comes_back_and_nothing_else_is_touched() {
    let (scene, id) = synced("d14-whole").await;
    let uid = scene.object(&scene.config_map_path("settings")).await.unwrap()["metadata"]["uid"].clone();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();
    let namespace = format!("/api/v1/namespaces/{}", scene.name);
    let old = scene.object(&namespace).await.unwrap()["metadata"]["uid"].clone();
    scene.remove(&namespace).await;
    // It goes slowly, and nothing can be made in it until it has gone.
    eventually("the namespace is another one", || async {
        let _ = scene.browser().sync_now(&id).await;
        scene.object(&namespace).await.is_some_and(|object| object["metadata"]["uid"] != old)
    })
    .await;
    let back = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    eventually("the operator's objects are back", || async {
        let _ = scene.browser().sync_now(&id).await;
        let mut all = true;
        for path in objects_of(&scene.name, &scene.name) {
            all &= scene.object(&path).await.is_some();
        }
        all
    })
    .await;
    scene.browser().sync_now(&id).await.unwrap();
    scene.browser().until(&id, "it is installed again", back).await.unwrap();
    assert_eq!(scene.object(&scene.config_map_path("settings")).await.unwrap()["metadata"]["uid"], uid);
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    assert!(!events.iter().any(|event| scene.concerns(event) && event.verb.starts_with("delete")));
}

/// D14
#[tokio::test]
async fn an_operator_object_that_somebody_deletes_comes_back_by_itself() {
    let (scene, _) = synced("back").await;
    for path in objects_of(&scene.name, &scene.name) {
        let uid = scene.object(&path).await.unwrap()["metadata"]["uid"].clone();
        scene.remove(&path).await;
        eventually(&format!("{path} is back"), || async {
            scene.object(&path).await.is_some_and(|object| object["metadata"]["uid"] != uid)
        })
        .await;
    }
}

#[tokio::test]
async fn an_operator_moves_with_its_namespace_and_name_and_what_it_applied_stays() {
    let (scene, id) = synced("move").await;
    let uid = scene.object(&scene.config_map_path("settings")).await.unwrap()["metadata"]["uid"].clone();
    let (namespace, instance) = (format!("{}-b", scene.name), format!("{}-c", scene.name));
    let fields = scene
        .fields
        .clone()
        .with("operator_namespace", &namespace)
        .with("operator_instance_name", &instance)
        .with("sync_garbage_collection", "true");
    scene.browser().replace_configuration(&id, &fields).await.unwrap();

    for path in objects_of(&namespace, &instance) {
        eventually(&format!("{path} is there"), || async { scene.object(&path).await.is_some() }).await;
    }
    for path in objects_of(&scene.name, &scene.name) {
        gone(&scene, &path).await;
    }
    gone(&scene, &format!("/api/v1/namespaces/{}", scene.name)).await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(view.reason(), "installed");
    assert_eq!(scene.object(&scene.config_map_path("settings")).await.unwrap()["metadata"]["uid"], uid);
    let page = scene.browser().get(&format!("/clusters/{}", scene.stage.cluster_id)).await.unwrap().text();
    assert!(page.contains(&format!("{0}/{0}", scene.name)), "the page tells what became of it");
}

#[tokio::test]
async fn an_operator_that_is_narrowed_to_its_namespace_loses_its_rights_in_the_cluster() {
    let scene = Scene::shared("narrow").await;
    scene
        .commit(&[("settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n")])
        .await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let [_, cluster_wide, _] = objects_of(&scene.name, &scene.name);
    assert!(scene.object(&cluster_wide).await.is_some());

    let fields =
        scene.fields.clone().with("operator_scope", "namespace").with("sync_garbage_collection", "true");
    scene.browser().replace_configuration(&id, &fields).await.unwrap();
    gone(&scene, &cluster_wide).await;
    let inside = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/rolebindings/{0}", scene.name);
    eventually("the binding inside is there", || async { scene.object(&inside).await.is_some() }).await;
    // The object now belongs into the operator's namespace; the one before it stays where it is.
    let moved = format!("/api/v1/namespaces/{}/configmaps/settings", scene.name);
    eventually("it is in the operator's namespace", || async { scene.object(&moved).await.is_some() }).await;
    scene.browser().until_installed(&id).await.unwrap();
    let before = "/api/v1/namespaces/default/configmaps/settings";
    assert!(scene.object(before).await.is_some(), "nothing applied is deleted by it");
}

#[tokio::test]
async fn an_operator_of_an_offline_and_then_disconnected_cluster_goes_when_the_cluster_is_back() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), testbed::GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Away").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("absent", repository.url()).unwrap();
    let name = fields.value("name").to_owned();
    let manifest = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    repository.commit(&[("a.yaml", &manifest)], "Begin").await.unwrap();
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();

    proxy.refuse(true);
    browser.delete_configuration(&id).await.unwrap();
    let page = format!("/clusters/{cluster_id}");
    eventually("the page says that it waits", || async {
        browser.get(&page).await.unwrap().text().contains("Goes within a minute")
    })
    .await;
    browser.disconnect_cluster(&cluster_id).await.unwrap();
    let [account, ..] = objects_of(&name, &name);
    assert!(cluster.object(&account).await.unwrap().is_some());

    proxy.refuse(false);
    browser.connect_cluster(&proxy.kubeconfig(), "default", "Back").await.unwrap();
    for path in objects_of(&name, &name) {
        eventually(&format!("{path} is gone"), || async { cluster.object(&path).await.unwrap().is_none() })
            .await;
    }
    let kept = format!("/api/v1/namespaces/default/configmaps/{name}");
    assert!(cluster.object(&kept).await.unwrap().is_some(), "what was applied stays");
}

#[tokio::test]
async fn d23_another_cluster_behind_the_address_is_not_written_to_until_an_owner_confirms_it() {
    let mut stage = Stage::start(&[]).await;
    let repository = stage.git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("other", repository.url()).unwrap();
    let name = fields.value("name").to_owned();
    let manifest = |value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: {value}\n")
    };
    repository.commit(&[("a.yaml", &manifest("one"))], "Begin").await.unwrap();
    let id = stage.browser.add_configuration(&stage.cluster_id, &fields).await.unwrap();
    stage.browser.until_installed(&id).await.unwrap();

    // As if another cluster had been connected under this address.
    stage.portal.stop().await.unwrap();
    pretend_another_was_connected(&stage).await;
    stage.portal.start_again().await.unwrap();
    repository.commit(&[("a.yaml", &manifest("two"))], "Change").await.unwrap();
    let mark = stage.cluster.audit_mark().await.unwrap();
    stage.browser.sync_now(&id).await.unwrap();
    let replaced = |view: &ConfigurationView| view.is_quiet() && view.reason() == "clusterReplaced";
    stage.browser.until(&id, "the other cluster is told", replaced).await.unwrap();
    let path = format!("/clusters/{}", stage.cluster_id);
    eventually("the page asks", || async {
        stage.browser.get(&path).await.unwrap().text().contains("Another cluster answers here")
    })
    .await;
    let events = stage.cluster.audit(mark).await.unwrap();
    let writes: Vec<_> =
        events.iter().filter(|event| event.is_write() && event.request_uri.contains(&name)).collect();
    assert!(writes.is_empty(), "{writes:#?}");

    let system = stage.cluster.object("/api/v1/namespaces/kube-system").await.unwrap().unwrap();
    let uid = system["metadata"]["uid"].as_str().unwrap();
    assert!(stage.browser.confirm_replaced(&stage.cluster_id, "another").await.is_err());
    stage.browser.confirm_replaced(&stage.cluster_id, uid).await.unwrap();
    let view = stage.browser.until_installed(&id).await.unwrap();
    assert_eq!(view.reason(), "installed");
    let live = stage.cluster.object(&format!("/api/v1/namespaces/default/configmaps/{name}")).await.unwrap();
    assert_eq!(live.unwrap()["data"]["key"], "two");
}

/// Requests of a sync at which the address becomes another cluster's, one after the other.
const SWAPS: usize = 6;
/// What that is meant to stand: more requests than a sync has.
const SWAPS_STATED: usize = 16;

#[tokio::test]
async fn d23_an_address_that_becomes_another_clusters_while_the_portal_runs_writes_nothing_there() {
    let (cluster, other, git) =
        tokio::try_join!(Cluster::shared(), Cluster::start(), testbed::GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Swapped").await.unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = ConfigurationFields::named_apart("swapped", repository.url()).unwrap();
    let fields = fields.with("sync_garbage_collection", "true");
    let name = fields.value("name").to_owned();
    let manifest = |value: usize| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: '{value}'\n")
    };
    repository.commit(&[("a.yaml", &manifest(0))], "Begin").await.unwrap();
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    let path = format!("/api/v1/namespaces/default/configmaps/{name}");
    // The other one is a copy, as of a cluster that was put back elsewhere: the same operator may do everything there.
    copy(cluster, &other, &format!("/api/v1/namespaces/{name}")).await;
    for path in objects_of(&name, &name) {
        copy(cluster, &other, &path).await;
    }
    let mark = other.audit_mark().await.unwrap();

    let asks = async || {
        let page = format!("/clusters/{cluster_id}");
        eventually("the page asks", || async {
            browser.get(&page).await.unwrap().text().contains("Another cluster answers here")
        })
        .await;
    };
    let replaced = |view: &ConfigurationView| view.is_quiet() && view.reason() == "clusterReplaced";
    for number in 1..=testbed::count(SWAPS, SWAPS_STATED) {
        let commit = repository.commit(&[("a.yaml", &manifest(number))], "Change").await.unwrap();
        let held = proxy.add(Rule::hang().when(|request| !request.path.contains("watch=true")).nth(number));
        let before = browser.configuration(&id).await.unwrap().last_sync();
        browser.sync_now(&id).await.unwrap();
        let begun = |view: &ConfigurationView| proxy.hits(held) > 0 || view.last_sync() > before;
        browser.until(&id, "it is in the middle, or has no such request", begun).await.unwrap();
        proxy.lead_to(&other).unwrap();
        proxy.remove(held);
        asks().await;
        browser.sync_now(&id).await.unwrap();
        browser.until(&id, "the other cluster is told", replaced).await.unwrap();
        proxy.lead_to(cluster).unwrap();
        // What was not sent to the other cluster may have been recorded with this revision.
        let moved = |view: &ConfigurationView| {
            view.is_quiet() && view.revision() == commit && view.reason() == "installed"
        };
        browser.until(&id, "the change is in place where it belongs", moved).await.unwrap();
        let live = cluster.object(&path).await.unwrap().unwrap();
        assert_eq!(live["data"]["key"], number.to_string());
    }

    // What has to go there is not looked for here either.
    proxy.lead_to(&other).unwrap();
    asks().await;
    browser.delete_configuration(&id).await.unwrap();
    eventually("the removal says whom it met", || async {
        let detail = browser.read("get_cluster", &[("id", &cluster_id)]).await.unwrap();
        detail["retirements"][0]["detail"].to_string().contains("another cluster")
    })
    .await;
    let events = other.audit(mark).await.unwrap();
    let ours: Vec<_> = events.iter().filter(|event| event.user_agent.starts_with("fairlead/")).collect();
    let writes: Vec<_> = ours.iter().filter(|event| event.is_write()).collect();
    assert!(!ours.is_empty() && writes.is_empty(), "{writes:#?}");
    let [account, ..] = objects_of(&name, &name);
    assert!(cluster.object(&account).await.unwrap().is_some());
}

/// Makes in another cluster what is at a path in the one.
async fn copy(from: &Cluster, to: &Cluster, path: &str) {
    let mut object = from.object(path).await.unwrap().unwrap();
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.retain(|field, _| matches!(field.as_str(), "name" | "namespace" | "labels" | "annotations"));
    let (collection, _) = path.rsplit_once('/').unwrap();
    let (status, answer) = to.ask(Method::POST, collection, Some(&object)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
}

async fn pretend_another_was_connected(stage: &Stage) {
    let location = storage::Storage::location_in(stage.portal.data());
    let clock = std::sync::Arc::new(server::clock::SystemClock);
    let storage = storage::Storage::open_beside(&location, clock).await.unwrap();
    let mut unit = storage.begin().await.unwrap();
    let another = ClusterUid("00000000-0000-4000-8000-000000000000".to_owned());
    assert!(unit.replace_cluster_uid(stage.cluster_id.parse().unwrap(), &another).await.unwrap());
    unit.commit().await.unwrap();
    storage.close().await;
}
