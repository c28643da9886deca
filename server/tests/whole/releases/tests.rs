//! The tests that a chart brings along.

use super::{Releases, hook};
use crate::scene::eventually;

const TESTED: &str = "  wait: false\n  test:\n    enable: true\n  rollback:\n    enable: true\n";

fn with(value: &str) -> String {
    format!("{TESTED}  values:\n    value: {value}\n")
}

impl Releases {
    async fn tests(&self) -> (bool, String) {
        let tests = &self.row().await["tests"];
        (tests["passed"] == true, tests["message"].as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test]
async fn an_upgrade_whose_tests_fail_is_rolled_back_and_their_words_are_shown() {
    let releases = Releases::begin("hrtest", "  values:\n    value: one\n").await;
    let test = "charts/web/templates/tests/check.yaml";
    releases.scene.commit(&[(test, &hook("test", "fine"))]).await;
    releases.change(&with("two")).await;
    releases.until_value("two").await;
    releases.until_phase("Succeeded").await;
    assert_eq!(releases.condition("Tested").await, "True");
    eventually("the result is shown", || async { releases.tests().await.0 }).await;

    // The API server takes no such name of an entry, so that the test cannot even be made.
    releases.scene.commit(&[(test, &hook("test", "no/test"))]).await;
    releases.change(&with("three")).await;
    releases.until_phase("RolledBack").await;
    assert_eq!(releases.value().await.as_deref(), Some("two"));
    assert_eq!(releases.condition("Tested").await, "False");
    eventually("the words of the test are shown", || async {
        let (passed, said) = releases.tests().await;
        !passed && said.contains("no/test")
    })
    .await;
    let page = releases.scene.browser().get(&releases.page()).await.unwrap();
    assert!(page.text().contains("no/test"), "{}", page.text());
}

#[tokio::test]
async fn tests_whose_failure_is_ignored_hold_nothing_up() {
    let releases = Releases::begin("hrignore", "  values:\n    value: one\n").await;
    releases.scene.commit(&[("charts/web/templates/tests/check.yaml", &hook("test", "no/test"))]).await;
    let ignored =
        with("two").replace("enable: true\n  rollback", "enable: true\n    ignoreFailures: true\n  rollback");
    releases.change(&ignored).await;
    releases.until_value("two").await;
    releases.until_phase("Succeeded").await;
    eventually("the result is shown", || async { releases.tests().await.1.contains("no/test") }).await;
}
