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
