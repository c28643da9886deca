//! From the form to the objects.

use testbed::AuditEvent;

use crate::scene::Scene;

#[tokio::test]
async fn what_git_has_is_in_the_cluster_and_says_where_it_comes_from() {
    let scene = Scene::shared("chain").await;
    let files = [
        ("namespace.yaml", scene.namespace()),
        ("config.yaml", scene.config_map("settings", "one")),
        ("web.yaml", scene.deployment("web")),
    ];
    let commit = scene.commit(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).await;

    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();

    assert_eq!((view.level(), view.reason(), view.revision()), ("Information", "installed", commit.as_str()));
    let web = format!("/apis/apps/v1/namespaces/{}/deployments/web", scene.app);
    let mut marks = Vec::new();
    for path in [format!("/api/v1/namespaces/{}", scene.app), scene.config_map_path("settings"), web] {
        let metadata = scene.object(&path).await.unwrap()["metadata"].clone();
        let checksum = metadata["annotations"]["fluxcd.io/sync-checksum"].as_str().unwrap();
        assert!(checksum.len() == 40 && checksum.bytes().all(|byte| byte.is_ascii_hexdigit()), "{checksum}");
        marks.push(metadata["labels"]["fluxcd.io/sync-gc-mark"].as_str().unwrap().to_owned());
        let managers = metadata["managedFields"].as_array().unwrap();
        let ours = managers.iter().filter(|entry| entry["operation"] == "Apply").collect::<Vec<_>>();
        assert_eq!(ours.len(), 1, "{managers:#?}");
        assert_eq!(ours[0]["manager"], "fairlead");
    }
    assert!(marks.iter().all(|mark| mark.starts_with("sha256.")), "{marks:?}");
    marks.dedup();
    assert_eq!(
        marks.len(),
        3,
        "a mark is made of source and object, so that a copy of an object has a wrong one"
    );
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
    scene.browser().until(&id, "everything is healthy", |view| view.health() == "Healthy").await.unwrap();

    let list = scene.browser().get("/configurations").await.unwrap().text();
    assert!(list.contains(&scene.name), "{list}");
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    for words in ["settings", "web", &commit[..7]] {
        assert!(page.contains(words), "{words} is not in: {page}");
    }
}

// S-J4
#[tokio::test]
async fn every_write_outside_the_operators_own_objects_comes_as_its_service_account() {
    let scene = Scene::shared("impersonate").await;
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    scene.commit(&[("settings.yaml", &scene.config_map("settings", "two"))]).await;
    scene.browser().sync(&id).await.unwrap();

    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let writes: Vec<_> = events.iter().filter(|event| scene.concerns(event) && event.is_write()).collect();
    let (operators, others): (Vec<_>, Vec<_>) = writes.iter().partition(|event| is_operator(&scene, event));
    assert_eq!(kinds(&operators), ["clusterrolebindings", "leases", "namespaces", "serviceaccounts"]);
    assert!(operators.iter().all(|event| event.impersonated_user.is_none()), "{operators:#?}");
    assert_eq!(kinds(&others), ["configmaps", "namespaces"]);
    let account = scene.service_account();
    assert!(others.iter().all(|event| event.impersonated_user.as_deref() == Some(&account)), "{others:#?}");
    assert!(others.iter().all(|event| event.request_uri.contains("fieldManager=fairlead")), "{others:#?}");
    let values: Vec<_> = others.iter().filter(|event| event.resource == "configmaps").collect();
    assert_eq!(values.len(), 2, "one write for each revision: {values:#?}");
}

/// What the operator is made of.
fn is_operator(scene: &Scene, event: &AuditEvent) -> bool {
    event.resource == "clusterrolebindings"
        || event.namespace.as_deref() == Some(&scene.name)
        || event.name.as_deref() == Some(&scene.name)
}

fn kinds(events: &[&&AuditEvent]) -> Vec<String> {
    let mut kinds: Vec<String> = events.iter().map(|event| event.resource.clone()).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn with_namespace_scope_the_operator_works_in_its_own_namespace_alone() {
    let scene = Scene::shared("own").await.with("operator_scope", "namespace");
    let inside = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: inside\ndata:\n  key: one\n";
    let outside = inside.replace("inside", "outside\n  namespace: default");
    let above = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: never-made\n";
    scene.commit(&[("in.yaml", inside), ("out.yaml", &outside), ("above.yaml", above)]).await;

    let id = scene.add().await;
    let view = scene.browser().until_reason(&id, "objectsLeftOut").await.unwrap();

    assert_eq!((view.compliance(), view.level()), ("Installed", "Warning"));
    assert_eq!(view.state()["reason"]["count"], 2);
    assert_eq!(view.object_reason("ConfigMap", "outside"), "foreignNamespace");
    assert_eq!(view.object_reason("Namespace", "never-made"), "clusterScoped");
    let path = |namespace: &str, name: &str| format!("/api/v1/namespaces/{namespace}/configmaps/{name}");
    assert!(scene.object(&path(&scene.name, "inside")).await.is_some());
    assert!(scene.object(&path("default", "outside")).await.is_none());
}
