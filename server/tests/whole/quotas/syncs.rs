//! Syncs: how many per hour, and how much each may bring.

use serde_json::json;

use super::{Team, refused};
use crate::garbage::COLLECT;
use crate::rest::api::Api;
use crate::scene::{Scene, eventually};

#[tokio::test]
async fn a_sync_beyond_the_quota_waits_and_says_until_when_and_is_not_lost() {
    let team = Team::new("quota-syncs").await;
    let scene = Scene::shared("quotasyncs").await;
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("a.yaml", &scene.config_map("a", "one"))]).await;
    let id = team.add(&scene).await;
    scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(team.used().await["syncsPerHour"], json!(1), "fetched and applied is one sync");
    scene.browser().sync(&id).await.unwrap();
    assert_eq!(team.used().await["syncsPerHour"], json!(1), "one that finds everything as it was is none");

    team.limit(json!({ "syncsPerHour": 1 })).await;
    scene.commit(&[("a.yaml", &scene.config_map("a", "two"))]).await;
    let answer = Api::shared().await.post(&team.of_configuration(&scene.name, "sync"), None).await;
    let sentence = refused(&answer);
    assert!(sentence.starts_with("The sync is noted. The 1 sync per hour"), "{sentence}");
    let page = format!("/configurations/{id}");
    let says = |text: String| text.contains("Waits until") && text.contains("Nothing is lost");
    eventually("the page says that it waits", || async {
        says(scene.browser().get(&page).await.unwrap().text())
    })
    .await;
    let posted = scene.browser().post(&page, "sync_configuration", &[("id", &id)]).await.unwrap().text();
    assert!(posted.contains("The sync is noted.") && posted.contains("begins at"), "{posted}");
    assert_eq!(scene.value("a").await.as_deref(), Some("one"), "nothing was applied");

    // Nobody asks again: it was kept.
    team.limit(json!({})).await;
    eventually("what waited is applied", || async { scene.value("a").await.as_deref() == Some("two") }).await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(view.state()["put_off"], json!(null));
    assert_eq!(team.used().await["syncsPerHour"], json!(2));
}

#[tokio::test]
async fn what_strangers_changed_is_put_right_when_there_is_a_turn_for_it() {
    let team = Team::new("quota-drift").await;
    let scene = Scene::shared("quotadrift").await;
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("a.yaml", &scene.config_map("a", "one"))]).await;
    let id = team.add(&scene).await;
    scene.browser().until_installed(&id).await.unwrap();
    team.limit(json!({ "syncsPerHour": 1 })).await;
    scene.patch(&scene.config_map_path("a"), &json!({ "data": { "key": "theirs" } })).await;
    scene.browser().until(&id, "it waits", |view| !view.state()["put_off"].is_null()).await.unwrap();
    assert_eq!(scene.value("a").await.as_deref(), Some("theirs"));
    team.limit(json!({ "syncsPerHour": 2 })).await;
    eventually("it is put right", || async { scene.value("a").await.as_deref() == Some("one") }).await;
}

#[tokio::test]
async fn a_sync_of_too_many_objects_fails_before_it_writes_and_deletes_nothing() {
    let team = Team::new("quota-objects").await;
    let scene = Scene::shared("quotaobjects").await.with(COLLECT.0, COLLECT.1);
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("a.yaml", &scene.config_map("a", "one"))]).await;
    let id = team.add(&scene).await;
    scene.browser().until_installed(&id).await.unwrap();
    team.limit(json!({ "objectsPerSync": 2 })).await;
    let change = scene.repository.change().remove("a.yaml");
    let change = change.write("b.yaml", scene.config_map("b", "one"));
    let revision = change.write("c.yaml", scene.config_map("c", "one")).commit("Exchange").await.unwrap();
    let view = scene.browser().sync(&id).await.unwrap();
    let reason = json!({ "code": "objectQuota", "count": 3, "limit": 2 });
    assert_eq!(view.state()["reason"], reason, "{}", view.summary());
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(
        page.contains(
            "Failed: the revision has 3 objects, and the resource group's quota allows 2 per sync."
        ),
        "{page}"
    );
    assert_eq!(scene.value("a").await.as_deref(), Some("one"), "it is not deleted");
    assert_eq!(scene.value("b").await, None);

    team.limit(json!({ "objectsPerSync": 3 })).await;
    scene.browser().sync(&id).await.unwrap();
    let view = scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(view.revision(), revision);
    assert_eq!((scene.value("a").await, scene.value("c").await.as_deref()), (None, Some("one")));
}

#[tokio::test]
async fn a_repository_larger_than_the_quota_is_refused_by_its_name() {
    let team = Team::new("quota-repository").await;
    let scene = Scene::shared("quotasize").await;
    // Hashes of numbers do not become smaller in a pack.
    let hashes = (0_u64..200_000).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string());
    let noise: String = hashes.collect();
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("noise.txt", &noise)]).await;
    team.limit(json!({ "repositoryMebibytes": 1 })).await;
    let id = team.add(&scene).await;
    let view = scene.until_told(&id, "repositoryQuota").await;
    assert_eq!((view.compliance(), &view.state()["reason"]["mebibytes"]), ("Failed", &json!(1)));
    team.limit(json!({ "repositoryMebibytes": 20 })).await;
    scene.browser().sync_now(&id).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();
}
