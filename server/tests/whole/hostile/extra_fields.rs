//! Fields that no form has: what somebody adds to a request decides nothing.

use serde_json::json;

use crate::rest::api::{Api, configuration};
use crate::scene::{Scene, Stage};
use crate::tenancy::{SUBSCRIPTION, assignments, group, person};

/// Never an id of ours.
const OTHER: &str = "01930000-0000-7000-8000-0000000000fd";

#[tokio::test]
async fn s_j2_what_is_added_to_a_form_makes_nobody_more_than_they_are() {
    let stage = Stage::shared().await;
    let group = group(stage).await;
    let added = [
        ("administrator", "true"),
        ("kind", "Person"),
        ("id", OTHER),
        ("user_id", OTHER),
        ("user", "admin"),
        ("created_by", "somebody else"),
        ("subscription_id", OTHER),
        ("role", "Owner"),
    ];
    let with = |fields: &[(&'static str, &'static str)]| [fields, &added[..]].concat();

    let made = stage.browser.call("create_person", &with(&[("user_name", "added-fields")])).await.unwrap();
    assert_eq!(made.status, 200, "{}", made.body);
    let people = stage.browser.read("list_people", &[("after", "")]).await.unwrap();
    let people = people["people"].as_array().unwrap();
    let row = people.iter().find(|row| row["name"] == "added-fields").unwrap();
    assert!(row["administrator"] == false && row["id"] != OTHER, "{row}");

    let reader = person("added-reader", &group, "Reader").await;
    let made =
        reader.call("create_token", &with(&[("token_name", "added"), ("token_days", "1")])).await.unwrap();
    assert_eq!(made.status, 200, "{}", made.body);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    let api = Api::with(&stage.portal, &token);
    assert_eq!(api.delete(&configuration("nobody")).await.status, 403, "it is the reader's own");

    let given: Vec<(&str, &str)> = added[..7]
        .iter()
        .copied()
        .chain([("place", group.as_str()), ("principal", "added-reader"), ("role", "Reader")])
        .collect();
    assert_eq!(stage.browser.call("assign_role", &given).await.unwrap().status, 200);
    let rows = assignments(&stage.browser, &group).await;
    let row = rows.iter().find(|row| row["name"] == "added-reader").unwrap();
    assert_eq!((row["role"].as_str(), row["created_by"].as_str()), (Some("Reader"), Some("admin")), "{row}");
}

#[tokio::test]
async fn s_j2_a_body_that_names_another_thing_than_its_address_changes_only_what_the_address_names() {
    let scene = Scene::shared("address").await;
    let other = Scene::shared("other").await;
    other.commit(&[("namespace.yaml", &other.namespace())]).await;
    let id = other.add().await;
    let api = Api::shared().await;
    let before = api.get(&configuration(&other.name)).await.json;
    let mut body = json!({
        "id": before["id"],
        "name": other.name,
        "type": "Microsoft.KubernetesConfiguration/sourceControlConfigurations",
        "systemData": { "createdBy": "somebody else", "createdAt": "2000-01-01T00:00:00Z" },
        "properties": { "repositoryUrl": "http://127.0.0.1:9/elsewhere.git", "provisioningState": "Failed" },
    });
    let refused = api.put(&configuration(&scene.name), &body).await;
    assert_eq!((refused.status, refused.targets()), (400, vec!["name"]), "{}", refused.json);
    body.as_object_mut().unwrap().remove("name");
    let made = api.put(&configuration(&scene.name), &body).await;
    assert!([200, 201].contains(&made.status), "{}", made.json);
    assert_eq!(made.json["name"], scene.name.as_str());
    assert_ne!(made.json["id"], before["id"]);
    assert_ne!(made.json["systemData"]["createdBy"], "somebody else", "{}", made.json);
    let after = api.get(&configuration(&other.name)).await.json;
    assert_eq!(after["properties"]["repositoryUrl"], before["properties"]["repositoryUrl"]);
    assert_eq!(after["systemData"]["createdAt"], before["systemData"]["createdAt"]);
    assert_eq!(api.delete(&configuration(&scene.name)).await.status, 200);

    // Another tenant in the body of a form: the thing that is named decides.
    let fields = [("id", id.as_str()), ("subscription", SUBSCRIPTION), ("cluster", OTHER)];
    assert_eq!(scene.browser().call("sync_configuration", &fields).await.unwrap().status, 200);
    scene.browser().until_installed(&id).await.unwrap();
}
