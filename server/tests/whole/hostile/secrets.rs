//! Secrets that are applied: what readers see of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::canaries::canary::{Canary, Net};
use crate::rest::api::{Api, act};
use crate::scene::{Scene, Stage};
use crate::tenancy::{group, person};

const FIRST: &str = "canary-of-git-4c1b-first";
const SECOND: &str = "canary-of-git-4c1b-second";
/// Of another field manager.
const THEIRS: &str = "canary-of-theirs-88d2";

fn secret(scene: &Scene, value: &str) -> String {
    let app = &scene.app;
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{ name: door, namespace: {app} }}\nstringData: {{ password: {value} }}\n"
    )
}

#[tokio::test]
async fn s_g2_readers_see_which_keys_of_a_secret_change_and_never_what_they_hold() {
    let scene = Scene::shared("s-g2").await;
    scene.commit(&[("namespace.yaml", &scene.namespace()), ("door.yaml", &secret(&scene, FIRST))]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let path = format!("/api/v1/namespaces/{}/secrets/door", scene.app);
    scene.patch(&path, &json!({ "data": { "theirs": STANDARD.encode(THEIRS) } })).await;
    let commit = scene.commit(&[("door.yaml", &secret(&scene, SECOND))]).await;
    let plan = Api::shared().await;
    let planned = plan.post(&act(&scene.name, "plan"), Some(&json!({ "revision": commit }))).await;
    assert_eq!(planned.status, 200, "{planned:?}");
    let planned = planned.json.to_string();
    assert!(planned.contains("password") && planned.contains("door"), "{planned}");
    scene.browser().sync_now(&id).await.unwrap();
    let arrived = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == commit;
    scene.browser().until(&id, "the change is in place", arrived).await.unwrap();
    let object = scene.object(&path).await.unwrap();
    assert_eq!(object["data"]["password"], STANDARD.encode(SECOND));
    assert_eq!(object["data"]["theirs"], STANDARD.encode(THEIRS), "what others own stays");

    let reader = person("reads-secrets", &group(Stage::shared().await).await, "Reader").await;
    let net =
        Net::of(&[Canary::new("first", FIRST), Canary::new("second", SECOND), Canary::new("theirs", THEIRS)]);
    let mut said = vec![("plan".to_owned(), planned)];
    for tab in ["", "?tab=history", "?tab=changes", "?tab=settings"] {
        let page = reader.get(&format!("/configurations/{id}{tab}")).await.unwrap();
        assert_eq!(page.status, 200);
        said.push((tab.to_owned(), page.text()));
    }
    let read = reader.read("get_configuration", &[("id", &id)]).await.unwrap();
    said.push(("get_configuration".to_owned(), read.to_string()));
    let history = plan.get(&act(&scene.name, "history")).await;
    said.push(("history".to_owned(), history.json.to_string()));
    said.push(("log".to_owned(), Stage::shared().await.portal.log()));
    for (what, words) in said {
        let caught = net.caught(words.as_bytes());
        assert!(caught.is_empty(), "{what}: {caught:?}");
    }
}
