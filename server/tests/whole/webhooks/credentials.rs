//! Who is taken, and who is not.

use data_encoding::BASE64;
use http::{Method, StatusCode};

use super::{Hook, Hooked, digits};
use crate::hostile::{is_kept, write};
use crate::scene::Stage;

/// What everybody is told who is not taken.
async fn assert_refused(hook: &Hook, headers: &[(&str, &str)], body: &[u8], what: &str) {
    let (status, answer) = hook.send(headers, body).await;
    assert_eq!((status, answer.as_str()), (StatusCode::UNAUTHORIZED, "refused\n"), "{what}: {headers:?}");
}

async fn metrics() -> String {
    Stage::shared().await.browser.get("/metrics").await.unwrap().body
}

#[tokio::test]
async fn s_l1_who_does_not_prove_to_know_the_secret_is_refused_and_runs_nothing() {
    let hooked = Hooked::new("unproved").await;
    let Hooked { scene, id, hook } = &hooked;
    scene.commit(&[("settings.yaml", &scene.config_map("settings", "two"))]).await;
    let before = hooked.looks();
    let body = hooked.push();
    let body = body.as_bytes();
    let right = digits(&hook.secret, body);
    let prefixed = format!("sha256={right}");
    let basic = |password: &str| format!("Basic {}", BASE64.encode(format!("u:{password}").as_bytes()));
    let other_body = format!("sha256={}", digits(&hook.secret, b"{}"));
    let other_secret = format!("sha256={}", digits("", body));
    let upper = format!("sha256={}", right.to_uppercase());
    let sha1 = format!("sha1={}", &right[..40]);
    let cases: Vec<(&str, Vec<(&str, String)>)> = vec![
        ("no signature", vec![]),
        ("an empty one", vec![("x-hub-signature-256", String::new())]),
        ("one of nothing", vec![("x-hub-signature-256", "sha256=".to_owned())]),
        ("a wrong one", vec![("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))]),
        ("one of another body", vec![("x-hub-signature-256", other_body)]),
        ("one of an empty secret", vec![("x-hub-signature-256", other_secret)]),
        ("SHA-1 in GitHub's old header", vec![("x-hub-signature", sha1.clone())]),
        ("SHA-1 in the new one", vec![("x-hub-signature-256", sha1)]),
        ("upper-case digits", vec![("x-hub-signature-256", upper)]),
        ("another header's form", vec![("x-gitea-signature", prefixed.clone())]),
        (
            "the same header twice",
            vec![("x-hub-signature-256", prefixed.clone()), ("x-hub-signature-256", prefixed.clone())],
        ),
        (
            "two kinds, both right",
            vec![("x-hub-signature-256", prefixed.clone()), ("x-gitlab-token", hook.secret.clone())],
        ),
        (
            "Gitea's two that differ",
            vec![("x-hub-signature-256", prefixed), ("x-gitea-signature", "0".repeat(64))],
        ),
        ("a wrong token", vec![("x-gitlab-token", hook.secret.to_lowercase())]),
        ("an empty token", vec![("x-gitlab-token", String::new())]),
        ("a wrong password", vec![("authorization", basic("u"))]),
        ("an empty password", vec![("authorization", basic(""))]),
        ("a bearer token", vec![("authorization", format!("Bearer {}", hook.secret))]),
    ];
    let refused_before = metrics().await;
    for (what, headers) in &cases {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_refused(hook, &headers, body, what).await;
    }

    // Nor is anybody told whether there is something at an address.
    let right: [(&str, &str); 1] = [("x-gitea-signature", &right)];
    let base = hook.address.rsplit_once('/').unwrap().0;
    let own = hook.address.rsplit_once('/').unwrap().1;
    for address in
        ["0".repeat(32), own.to_uppercase(), format!("{own}0"), own[1..].to_owned(), "%ff".to_owned()]
    {
        assert_refused(&hook.at(&format!("{base}/{address}")), &right, body, &address).await;
    }
    hooked.assert_no_look_since(before).await;

    let metrics = metrics().await;
    assert!(metrics.contains("fairlead_webhooks_total{outcome=\"refused\"}"), "{metrics}");
    assert_ne!(metrics, refused_before);
    let log = scene.stage.portal.log();
    assert!(log.contains(&format!("a webhook of configuration {id} was refused: ")), "each has its line");
    assert!(!is_kept(scene.stage, &hook.secret), "the secret lies nowhere as it is");
    let view = scene.browser().configuration(id).await.unwrap();
    assert!(!view.0["webhook"]["refused_at"].is_null(), "{}", view.0["webhook"]);
    assert!(view.0["webhook"]["taken_at"].is_null(), "{}", view.0["webhook"]);

    // One whose secret is gone from the database takes nobody.
    let row = format!("owner_id = '{id}' AND field = 'webhookSecret'");
    write(scene.stage, &format!("DELETE FROM secrets WHERE {row}"));
    assert_refused(hook, &right, body, "no secret").await;
    assert_refused(hook, &[("x-gitlab-token", "")], body, "no secret, empty token").await;
    hooked.assert_no_look_since(before).await;
}

#[tokio::test]
async fn each_host_is_taken_by_what_it_sends() {
    let hooked = Hooked::new("hosts").await;
    let hook = &hooked.hook;
    let body = hooked.push();
    let right = digits(&hook.secret, body.as_bytes());
    let prefixed = format!("sha256={right}");
    let basic = format!("Basic {}", BASE64.encode(format!("azure:{}", hook.secret).as_bytes()));
    let weak = format!("sha1={}", &right[..40]);
    let hosts: [&[(&str, &str)]; 7] = [
        &[("x-hub-signature-256", &prefixed), ("x-hub-signature", &weak)],
        &[("x-gitea-signature", &right), ("x-hub-signature", &weak), ("x-hub-signature-256", &prefixed)],
        &[("x-gitea-signature", &right)],
        &[("x-hub-signature", &prefixed)],
        &[("x-gitlab-token", &hook.secret)],
        &[("authorization", &basic)],
        &[("x-signature", &prefixed)],
    ];
    for headers in hosts {
        let answer = hook.send(headers, body.as_bytes()).await;
        assert_eq!(answer, (StatusCode::ACCEPTED, "taken\n".to_owned()), "{headers:?}");
    }
    let view = hooked.scene.browser().configuration(&hooked.id).await.unwrap();
    assert!(!view.0["webhook"]["taken_at"].is_null(), "{}", view.0["webhook"]);
}

#[tokio::test]
async fn a_webhook_needs_neither_session_nor_origin_and_is_posted_only() {
    let hooked = Hooked::new("doorless").await;
    let hook = &hooked.hook;
    let signature = format!("sha256={}", digits(&hook.secret, b"{}"));
    let cookies = hooked.scene.browser().cookies();
    let foreign = [
        ("x-signature", signature.as_str()),
        ("origin", "https://git.example.com"),
        ("sec-fetch-site", "cross-site"),
        ("cookie", &cookies),
    ];
    assert_eq!(hook.send(&foreign, b"{}").await.0, StatusCode::ACCEPTED);
    let answer = hook.send(&foreign[1..], b"{}").await;
    assert_eq!(answer.0, StatusCode::UNAUTHORIZED, "a session proves nothing here");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let (status, _) = hook.send_by(method.clone(), &foreign, b"{}").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}
