//! More webhooks than anybody needs.

use std::time::{Duration, Instant};

use futures::StreamExt;
use http::StatusCode;

use super::{Hooked, digits};

/// Webhooks in a run of `make test`.
const SOME: usize = 600;
/// What the rule states, in this time.
const STATED: usize = 10_000;
const WINDOW: Duration = Duration::from_secs(10);
/// Connections that are used at once.
const AT_ONCE: usize = 32;

// S-L3
#[tokio::test]
async fn s_l3_a_flood_of_right_webhooks_is_two_looks_and_most_are_told_that_they_are_too_many() {
    let hooked = Hooked::new("flood").await;
    let body = hooked.push();
    let signature = format!("sha256={}", digits(&hooked.hook.secret, body.as_bytes()));
    let headers = [("x-hub-signature-256", signature.as_str())];
    let before = hooked.looks();
    let began = Instant::now();
    let sent = futures::stream::iter(0..testbed::count(SOME, STATED))
        .map(|_| async { hooked.hook.send(&headers, body.as_bytes()).await.0 })
        .buffer_unordered(AT_ONCE);
    // A machine that is too slow to send them all within the time sends what it can.
    let sent = sent.take_while(|_| std::future::ready(began.elapsed() < WINDOW));
    let statuses: Vec<StatusCode> = sent.collect().await;
    let counted = |status: StatusCode| statuses.iter().filter(|one| **one == status).count();
    let (taken, too_many) = (counted(StatusCode::ACCEPTED), counted(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(taken + too_many, statuses.len(), "{statuses:?}");
    assert!(taken >= 1 && too_many > taken, "{taken} were taken, {too_many} were too many");
    tokio::time::sleep(WINDOW.saturating_sub(began.elapsed())).await;
    let looks = hooked.looks() - before;
    assert!((1..=2).contains(&looks), "{} webhooks led to {looks} looks", statuses.len());

    // None is lost: what was pushed during the flood is there when the second look is due.
    let revision =
        hooked.scene.commit(&[("settings.yaml", &hooked.scene.config_map("settings", "two"))]).await;
    hooked.hook.send(&headers, body.as_bytes()).await;
    let there = |view: &testbed::ConfigurationView| view.is_quiet() && view.revision() == revision;
    let browser = hooked.scene.browser();
    let seen = tokio::time::timeout(6 * WINDOW, browser.until(&hooked.id, "the push is there", there)).await;
    assert_eq!(seen.expect("it is there, not a day later").unwrap().compliance(), "Installed");
}
