//! What an unchanged revision costs.

use testbed::AuditEvent;

use crate::scene::Scene;

/// Enough that a call for each would be seen.
const OBJECTS: usize = 40;

#[tokio::test]
async fn a_second_sync_of_an_unchanged_revision_makes_no_write_and_no_call_per_object() {
    let scene = Scene::shared("cost").await;
    let manifests: Vec<String> =
        (0..OBJECTS).map(|number| scene.config_map(&format!("object-{number}"), "one")).collect();
    let (namespace, manifests) = (scene.namespace(), manifests.join("---\n"));
    scene.commit(&[("namespace.yaml", &namespace), ("objects.yaml", &manifests)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();

    let first = wished_sync(&scene, &id).await;
    let second = wished_sync(&scene, &id).await;

    for events in [&first, &second] {
        let writes: Vec<_> = events.iter().filter(|event| event.is_write() || event.is_dry_run()).collect();
        assert!(writes.is_empty(), "{writes:#?}");
        let about_objects: Vec<_> =
            events.iter().filter(|event| event.namespace.as_deref() == Some(&scene.app)).collect();
        assert!(about_objects.is_empty(), "{about_objects:#?}");
        assert!(events.len() < OBJECTS / 4, "{} requests: {events:#?}", events.len());
    }
}

/// Everything the portal asked for this configuration during a sync that a person wished.
async fn wished_sync(scene: &Scene, id: &str) -> Vec<AuditEvent> {
    let mark = scene.stage.cluster.audit_mark().await.unwrap();
    let view = scene.browser().sync(id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Installed", "installed"));
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    events.into_iter().filter(|event| scene.concerns(event)).collect()
}

#[tokio::test]
async fn a_commit_beside_the_path_moves_the_revision_and_asks_the_cluster_nothing() {
    let scene = Scene::shared("beside").await.with("git_path", "here").with("git_poll_interval", "1s");
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("here/namespace.yaml", &namespace), ("here/settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    let commit = scene.commit(&[("README.md", "Nothing that a sync reads.")]).await;
    let moved = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == commit;
    scene.browser().until(&id, "the revision has moved", moved).await.unwrap();

    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let ours: Vec<_> = events.iter().filter(|event| scene.concerns(event)).collect();
    assert!(ours.is_empty(), "{ours:#?}");
}

/// What a kubeconfig needs that may neither list nor watch objects.
fn without_watching(name: &str) -> serde_json::Value {
    let rule = |group: &str, resource: &str, verbs: &[&str]| serde_json::json!({ "apiGroups": [group], "resources": [resource], "verbs": verbs });
    let rbac = "rbac.authorization.k8s.io";
    serde_json::json!({
        "metadata": { "name": name },
        "rules": [
            rule("", "namespaces", &["get", "create", "delete"]),
            rule("", "serviceaccounts", &["get", "create", "delete", "impersonate"]),
            rule(rbac, "rolebindings", &["get", "create", "delete"]),
            rule(rbac, "clusterrolebindings", &["get", "create", "delete"]),
            rule(rbac, "clusterroles", &["bind"]),
            rule("coordination.k8s.io", "leases", &["get", "create", "update", "delete"]),
        ],
    })
}

#[tokio::test]
async fn without_the_right_to_watch_a_resync_lists_each_kind_once() {
    let (cluster, git) = tokio::try_join!(testbed::Cluster::shared(), testbed::GitServer::shared()).unwrap();
    let repository = git.repository("manifests").await.unwrap();
    let fields = testbed::ConfigurationFields::named_apart("blind", repository.url()).unwrap();
    let name = fields.value("name").to_owned();
    let role = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    let (status, answer) =
        cluster.ask(http::Method::POST, role, Some(&without_watching(&name))).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let binding = serde_json::json!({
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name }],
    });
    let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    let (status, answer) = cluster.ask(http::Method::POST, bindings, Some(&binding)).await.unwrap();
    assert_eq!(status, 201, "{answer}");

    let portal = testbed::Portal::start().await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let kubeconfig = cluster.kubeconfig_for_user(&name).unwrap();
    let cluster_id = browser.connect_cluster(&kubeconfig, "default", "Blind").await.unwrap();
    let map =
        |number: usize| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}-{number}}}\n");
    let manifests: Vec<String> = (0..OBJECTS).map(map).collect();
    repository.commit(&[("objects.yaml", &manifests.join("---\n"))], "Begin").await.unwrap();
    let id = browser.add_configuration(&cluster_id, &fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();

    let mark = cluster.audit_mark().await.unwrap();
    let view = browser.sync(&id).await.unwrap();
    assert_eq!(view.reason(), "installed", "{}", view.summary());
    let account = format!("system:serviceaccount:{name}:{name}");
    let events = cluster.audit(mark).await.unwrap();
    let asked: Vec<String> = events
        .iter()
        .filter(|event| event.impersonated_user.as_deref() == Some(&account))
        .map(|event| format!("{} {}", event.verb, event.resource))
        .collect();
    assert_eq!(asked, ["list configmaps"], "{events:#?}");

    // Seen at the next resync, for nothing watches.
    let path = format!("/api/v1/namespaces/default/configmaps/{name}-0");
    let (status, _) = cluster.ask(http::Method::DELETE, &path, None).await.unwrap();
    assert_eq!(status, 200);
    browser.sync(&id).await.unwrap();
    assert!(cluster.object(&path).await.unwrap().is_some(), "it is back");
}

/// Syncs of an unchanged repository.
const STEADY_RUNS: usize = 20;

/// What people keep in Git, by the names of a scene.
fn one_of_each(name: &str, app: &str) -> String {
    include_str!("cost/one_of_each.yaml").replace("NAME", name).replace("APP", app)
}

#[tokio::test]
async fn d18_twenty_syncs_of_an_unchanged_repository_write_nothing() {
    let scene = Scene::shared("steady").await.with("sync_garbage_collection", "true");
    scene.commit(&[("all.yaml", &one_of_each(&scene.name, &scene.app))]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();
    for _ in 0..STEADY_RUNS {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!((view.compliance(), view.reason()), ("Installed", "installed"), "{}", view.summary());
    }
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let writes: Vec<_> = events
        .iter()
        .filter(|event| scene.concerns(event) && (event.is_write() || event.is_dry_run()))
        .collect();
    assert!(writes.is_empty(), "{writes:#?}");
}
