//! Making, making anew and removing a webhook, by the settings and by the REST API.

use http::StatusCode;

use super::{Hook, Hooked};
use crate::rest::api::{Api, act};
use crate::tenancy::{group, person};

#[tokio::test]
async fn a_secret_is_shown_once_and_opens_nothing_when_another_one_is_made() {
    let hooked = Hooked::new("renewed").await;
    let Hooked { scene, id, hook } = &hooked;
    assert_eq!(hook.secret.len(), 43, "256 bits");
    let address = hook.address.strip_prefix(&format!("{}/webhooks/", scene.stage.portal.url())).unwrap();
    assert!(address.len() == 32 && address.bytes().all(|byte| byte.is_ascii_hexdigit()), "{address}");
    let page = format!("/configurations/{id}?tab=settings");
    let shown = scene.browser().get(&page).await.unwrap().body;
    assert!(shown.contains(&hook.address) && !shown.contains(&hook.secret), "{shown}");

    let made = scene.browser().post(&page, "make_webhook", &[("id", id)]).await.unwrap();
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains(&hook.address), "the host keeps the address that it has");
    assert_eq!(hook.signed(b"{}").await, StatusCode::UNAUTHORIZED);
    let anew = Hook::make(&scene.name).await;
    assert!(anew.address == hook.address && anew.secret != hook.secret);
    assert_eq!(anew.signed(b"{}").await, StatusCode::ACCEPTED);
    assert!(!scene.browser().get(&page).await.unwrap().body.contains(&anew.secret));

    let api = Api::shared().await;
    assert_eq!(api.delete(&act(&scene.name, "webhook")).await.status, 200);
    assert_eq!(api.delete(&act(&scene.name, "webhook")).await.status, 204);
    assert_eq!(anew.signed(b"{}").await, StatusCode::UNAUTHORIZED);
    let other = Hook::make(&scene.name).await;
    assert_ne!(other.address, hook.address);
    scene.browser().submit(&page, "remove_webhook", &[("id", id)]).await.unwrap();
    assert_eq!(other.signed(b"{}").await, StatusCode::UNAUTHORIZED);

    let path = format!("/activity.jsonl?filter={}", scene.name);
    let lines = scene.browser().get(&path).await.unwrap().body;
    let times = |action: &str| lines.matches(&format!("\"{action}\"")).count();
    assert_eq!(
        (times("configuration.make_webhook"), times("configuration.remove_webhook")),
        (4, 2),
        "{lines}"
    );
    for secret in [&hook.secret, &anew.secret, &other.secret] {
        assert!(!lines.contains(secret.as_str()), "{lines}");
    }
}

#[tokio::test]
async fn a_webhook_is_seen_by_those_alone_who_may_change_it_and_goes_with_its_configuration() {
    let hooked = Hooked::new("webhooked").await;
    let Hooked { scene, id, hook } = &hooked;
    let group = group(scene.stage).await;
    let reader = person("webhook-reader", &group, "Reader").await;
    let view = reader.read("get_configuration", &[("id", id)]).await.unwrap();
    assert!(view["webhook"].is_null(), "{}", view["webhook"]);
    let refused = reader.call("make_webhook", &[("id", id)]).await.unwrap();
    assert_eq!(refused.status, 403, "{}", refused.body);
    let contributor = person("webhook-contributor", &group, "Contributor").await;
    let view = contributor.read("get_configuration", &[("id", id)]).await.unwrap();
    assert_eq!(view["webhook"]["address"], hook.address.as_str());

    scene.browser().delete_configuration(id).await.unwrap();
    assert_eq!(hook.signed(b"{}").await, StatusCode::UNAUTHORIZED);
}
