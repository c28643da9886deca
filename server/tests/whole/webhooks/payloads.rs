//! What a webhook says that is signed: never a command, and never a reason to fall over.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Hooked, digits};

/// Largest body that is taken.
const BODY_MAX: usize = 64 * 1024;

// S-L2
#[tokio::test]
async fn s_l2_whatever_is_signed_is_taken_and_breaks_nothing() {
    let hooked = Hooked::new("anything").await;
    let hook = &hooked.hook;
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let null: Value = json!({ "ref": null, "repository": null, "project": null, "push": null, "resource": null,
        "changes": null });
    let wrong =
        json!({ "ref": 1, "repository": [], "push": { "changes": {} }, "resource": { "refUpdates": [1] } });
    let bodies = [
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        vec![0xff; 100],
        nested(64).into_bytes(),
        nested(30_000).into_bytes(),
        null.to_string().into_bytes(),
        wrong.to_string().into_bytes(),
        b"payload=%7B%22ref".to_vec(),
        vec![b' '; BODY_MAX],
    ];
    for body in &bodies {
        let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(hook.signed(body).await, StatusCode::ACCEPTED, "{start:?}");
    }
    assert_eq!(hook.signed(&vec![b' '; BODY_MAX + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!hooked.scene.stage.portal.log().contains("panicked"));
    assert_eq!(hooked.scene.browser().get("/healthz").await.unwrap().status, 200);
}

// S-L4
#[tokio::test]
async fn s_l4_what_names_another_repository_or_branch_wakes_neither_this_configuration_nor_another() {
    let (hooked, other) = (Hooked::new("named").await, Hooked::new("innocent").await);
    let (before, others) = (hooked.looks(), other.looks());
    let own = hooked.scene.repository.url();
    let repositories = [
        other.scene.repository.url().to_owned(),
        own.replace("manifests", "m.*"),
        format!("{}.*", own.trim_end_matches(".git")),
    ];
    for repository in &repositories {
        let push = json!({ "ref": "refs/heads/main", "repository": { "clone_url": repository } });
        assert_eq!(
            hooked.hook.signed(push.to_string().as_bytes()).await,
            StatusCode::ACCEPTED,
            "{repository}"
        );
    }
    for branch in ["other", ".*", "ma.n", "main|x", "(main)", "Main"] {
        let push = json!({ "ref": format!("refs/heads/{branch}"), "repository": { "clone_url": own } });
        assert_eq!(hooked.hook.signed(push.to_string().as_bytes()).await, StatusCode::ACCEPTED, "{branch}");
    }
    // Signed for one webhook, sent to the other.
    let push = other.push();
    let signature = format!("sha256={}", digits(&hooked.hook.secret, push.as_bytes()));
    let (status, _) = other.hook.send(&[("x-signature", &signature)], push.as_bytes()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    hooked.assert_no_look_since(before).await;
    other.assert_no_look_since(others).await;
}
