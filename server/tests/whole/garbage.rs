//! What left Git: what is deleted, what waits, and what is never touched.

mod definitions;
mod kept;
mod sources;

use serde_json::json;
use testbed::{AuditEvent, ConfigurationView};

use crate::scene::Scene;

/// The box of the form that switches garbage collection on.
pub(crate) const COLLECT: (&str, &str) = ("sync_garbage_collection", "true");

/// A synced scene whose objects are these config maps, in a namespace of its own that is in Git too.
pub(crate) async fn collecting(prefix: &str, names: &[&str]) -> (Scene, String) {
    synced_with(prefix, COLLECT, names).await
}

async fn synced_with(prefix: &str, (field, value): (&'static str, &str), names: &[&str]) -> (Scene, String) {
    let scene = Scene::shared(prefix).await.with(field, value);
    let mut change = scene.repository.change().write("namespace.yaml", scene.namespace());
    for name in names {
        change = change.write(&format!("{name}.yaml"), scene.config_map(name, "one"));
    }
    change.commit("Begin").await.unwrap();
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

/// Removes files and syncs.
pub(crate) async fn without(scene: &Scene, id: &str, names: &[&str]) -> ConfigurationView {
    let mut change = scene.repository.change();
    for name in names {
        change = change.remove(&format!("{name}.yaml"));
    }
    change.commit("Remove").await.unwrap();
    scene.browser().sync(id).await.unwrap()
}

/// What was deleted for a scene, in order.
pub(crate) fn deletions<'events>(scene: &Scene, events: &'events [AuditEvent]) -> Vec<&'events AuditEvent> {
    let deleted = |event: &&AuditEvent| event.verb.starts_with("delete") && scene.concerns(event);
    events.iter().filter(deleted).collect()
}

/// The hash of a list, to confirm it.
pub(crate) fn hash(view: &ConfigurationView, cause: &str) -> String {
    let list = view.prune_list(cause).unwrap_or_else(|| panic!("no list: {}", view.summary()));
    list["hash"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_that_left_git_takes_its_object_along() {
    let (scene, id) = collecting("collect", &["kept", "gone"]).await;
    let uid = scene.object(&scene.config_map_path("gone")).await.unwrap()["metadata"]["uid"].clone();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    let view = without(&scene, &id, &["gone"]).await;

    assert_eq!((view.compliance(), view.level(), view.reason()), ("Installed", "Information", "installed"));
    assert_eq!(scene.value("gone").await, None);
    assert_eq!(scene.value("kept").await.as_deref(), Some("one"));
    assert!(view.resource("ConfigMap", "gone").is_none(), "it is in no list any more");
    let changes = view.0["last_change_set"]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!((&changes[0]["action"], &changes[0]["object"]["name"]), (&json!("Delete"), &json!("gone")));

    // As the operator, by UID and resource version, and nothing else.
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let deleted = deletions(&scene, &events);
    assert_eq!(deleted.len(), 1, "{deleted:#?}");
    assert_eq!(deleted[0].impersonated_user.as_deref(), Some(scene.service_account().as_str()));
    let options = deleted[0].request_object.clone().unwrap_or_default();
    assert_eq!(options["preconditions"]["uid"], uid);
    assert!(options["preconditions"]["resourceVersion"].is_string(), "{options}");
}

#[tokio::test]
async fn deletions_go_in_the_reverse_of_the_order_of_application() {
    let scene = Scene::shared("reverse").await.with(COLLECT.0, COLLECT.1);
    let deployment = scene.deployment("web");
    let service = format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: {}\nspec:\n  clusterIP: None\n  ports:\n    - port: 80\n",
        scene.app
    );
    let settings = scene.config_map("settings", "one");
    let files = [
        ("namespace.yaml", scene.namespace()),
        ("web.yaml", format!("{deployment}---\n{service}---\n{settings}")),
    ];
    scene.commit(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    without(&scene, &id, &["web"]).await;

    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let ours = |event: &&&AuditEvent| event.impersonated_user.is_some();
    let order: Vec<&str> =
        deletions(&scene, &events).iter().filter(ours).map(|event| event.resource.as_str()).collect();
    assert_eq!(order, ["deployments", "configmaps", "services"]);
}

#[tokio::test]
async fn the_dry_run_tells_and_deletes_nothing() {
    let params = ("operator_params", "--git-readonly --sync-garbage-collection-dry");
    let (scene, id) = synced_with("dry", params, &["kept", "gone"]).await;
    let view = without(&scene, &id, &["gone"]).await;
    assert_eq!(view.reason(), "installed");
    assert_eq!(view.prune_names("Dry"), ["gone"]);
    assert_eq!(scene.value("gone").await.as_deref(), Some("one"));
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(page.contains("Would be deleted"), "{page}");
}

#[tokio::test]
async fn without_the_flag_nothing_is_deleted_and_with_it_what_is_left_over_goes() {
    let (scene, id) = synced_with("flag", ("operator_params", "--git-readonly"), &["kept", "gone"]).await;
    let view = without(&scene, &id, &["gone"]).await;
    assert_eq!(scene.value("gone").await.as_deref(), Some("one"));
    assert!(view.resource("ConfigMap", "gone").is_some(), "it is listed");

    let fields = scene.fields.clone().with(COLLECT.0, COLLECT.1);
    scene.browser().replace_configuration(&id, &fields).await.unwrap();
    let gone = |view: &ConfigurationView| view.is_quiet() && view.resource("ConfigMap", "gone").is_none();
    scene.browser().until(&id, "what is left over goes", gone).await.unwrap();
    assert_eq!(scene.value("gone").await, None);
}

#[tokio::test]
async fn a_namespace_waits_until_a_person_confirms_exactly_that_list() {
    let (scene, id) = collecting("guard", &["inside"]).await;
    // Something must stay, or the guard would name the empty load as well.
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: default\n"
        .replace("name: other", &format!("name: {}", scene.name));
    scene.commit(&[("other.yaml", &other)]).await;
    let view = without(&scene, &id, &["namespace", "inside"]).await;

    assert_eq!((view.compliance(), view.level(), view.reason()), ("Installed", "Warning", "pruneWaits"));
    assert_eq!(view.state()["reason"]["count"], 2);
    let mut names = view.prune_names("Guard");
    names.sort_unstable();
    assert_eq!(names, [scene.app.as_str(), "inside"]);
    assert_eq!(scene.value("inside").await.as_deref(), Some("one"));
    let first = hash(&view, "Guard");

    // D16, D25: it never goes by itself, however often it is synced.
    for _ in 0..3 {
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!(view.reason(), "pruneWaits");
    }
    assert_eq!(scene.value("inside").await.as_deref(), Some("one"));

    // One more object is another list: the earlier one cannot be confirmed any more.
    let more = scene.config_map("more", "one");
    scene.commit(&[("more.yaml", &format!("{}---\n{more}", scene.namespace()))]).await;
    scene.browser().sync(&id).await.unwrap();
    let view = without(&scene, &id, &["more"]).await;
    assert_eq!(view.prune_names("Guard").len(), 3, "{}", view.summary());
    assert!(scene.browser().confirm_prune(&id, &first).await.is_err(), "that list is another by now");
    assert_eq!(scene.value("inside").await.as_deref(), Some("one"));

    scene.browser().confirm_prune(&id, &hash(&view, "Guard")).await.unwrap();
    let done = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    let view = scene.browser().until(&id, "the confirmed list is deleted", done).await.unwrap();
    assert!(view.prune_list("Guard").is_none(), "{}", view.summary());
    let namespace = format!("/api/v1/namespaces/{}", scene.app);
    crate::scene::eventually("the namespace is gone", || async { scene.object(&namespace).await.is_none() })
        .await;
}

#[tokio::test]
async fn more_than_a_part_of_all_objects_waits() {
    let names: Vec<String> = (0..14).map(|number| format!("object-{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (scene, id) = collecting("many", &names).await;
    let view = without(&scene, &id, &names[..11]).await;
    assert_eq!((view.reason(), view.prune_names("Guard").len()), ("pruneWaits", 11));
    assert_eq!(view.prune_list("Guard").unwrap()["guards"][0]["code"], "many");
    assert_eq!(scene.value(names[0]).await.as_deref(), Some("one"));

    // What comes back to Git waits for nobody; what is left of the list still does.
    let back = scene.config_map(names[0], "one");
    scene.commit(&[(&format!("{}.yaml", names[0]), &back)]).await;
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.reason(), view.prune_names("Guard").len()), ("pruneWaits", 10));
    scene.browser().confirm_prune(&id, &hash(&view, "Guard")).await.unwrap();
    let done = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    scene.browser().until(&id, "the rest is deleted", done).await.unwrap();
    assert_eq!(scene.value(names[1]).await, None);
    assert_eq!(scene.value(names[0]).await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_failed_apply_keeps_everything() {
    let (scene, id) = collecting("failed", &["kept", "gone"]).await;
    let invalid = scene.config_map("Not_A_Name", "one");
    scene
        .repository
        .change()
        .remove("gone.yaml")
        .write("invalid.yaml", invalid)
        .commit("Break")
        .await
        .unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Failed", "objectsRefused"));
    assert!(view.detail().contains("are kept for now"), "{}", view.detail());
    assert_eq!(scene.value("gone").await.as_deref(), Some("one"));

    let view = without(&scene, &id, &["invalid"]).await;
    assert_eq!(view.reason(), "installed", "{}", view.summary());
    assert_eq!(scene.value("gone").await, None);
}
