//! What the portal shows of releases, and what people may ask for.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use testbed::Browser;

use super::Releases;
use crate::people::stranger;
use crate::scene::eventually;
use crate::tenancy::{group, person};

/// What the values of the release say; shown nowhere.
const FIRST: &str = "word-of-the-first-revision";
const SECOND: &str = "word-of-the-second-revision";
/// More than the `chartsSyncInterval` of these tests: each release has been looked at once more.
const ANOTHER_LOOK: Duration = Duration::from_secs(7);

fn with(value: &str) -> String {
    format!("  values:\n    value: {value}\n")
}

#[tokio::test]
async fn a_person_sees_what_helm_says_and_rolls_back_to_a_revision_that_stands() {
    let releases = Releases::begin("hp", &with(FIRST)).await;
    let Releases { scene, id } = &releases;
    releases.until_value(FIRST).await;
    let notes = "Thank you for {{ .Release.Name }}, <script>.\n";
    scene.commit(&[("charts/web/templates/NOTES.txt", notes)]).await;
    releases.change(&with(SECOND)).await;
    releases.until_value(SECOND).await;
    releases.until_phase("Succeeded").await;
    eventually("nobody is at it", || async { releases.row().await["busy"] == false }).await;

    let row = releases.row().await;
    let told = (&row["phase"], &row["helm_status"], &row["failed"], &row["wanted"], &row["rest"]);
    assert_eq!(
        told,
        (&"Succeeded".into(), &"deployed".into(), &false.into(), &true.into(), &false.into()),
        "{row:#}"
    );
    assert_eq!(row["chart"]["name"], "web");
    assert_eq!(row["chart"]["commit"].as_str().map(str::len), Some(7), "{row:#}");

    let detail = scene.browser().call("get_release", &releases.named()).await.unwrap();
    let kept = &detail.json()["helm"]["Told"];
    let history = kept["history"].as_array().unwrap();
    let statuses = (history.first().map(|one| &one["status"]), history.last().map(|one| &one["status"]));
    assert_eq!(statuses, (Some(&"deployed".into()), Some(&"superseded".into())), "{kept:#}");
    assert_eq!(kept["history"][0]["revision"], row["helm_revision"]);
    assert_eq!(history[0]["chart"], "web-1.0.0");
    assert_eq!(kept["values"], "{\n  \"value\": \"•••\"\n}");
    let page = scene.browser().get(&releases.page()).await.unwrap();
    assert!(page.text().contains(&format!("Thank you for {}-web, <script>.", scene.app)), "{}", page.text());
    assert!(page.text().contains("Roll back to revision 1"), "{}", page.text());
    for answer in [&detail.body, &page.body] {
        assert!(!answer.contains(FIRST) && !answer.contains(SECOND), "values are shown: {answer}");
    }

    let [configuration, namespace, name] = releases.named();
    let fields = [configuration, namespace, name, ("revision", "1")];
    let back = scene.browser().submit(&releases.page(), "roll_back_release", &fields).await.unwrap();
    assert_eq!(back, releases.page());
    releases.until_value(FIRST).await;
    releases.until_phase("RolledBack").await;
    scene.browser().sync(id).await.unwrap();
    tokio::time::sleep(ANOTHER_LOOK).await;
    assert_eq!(releases.value().await.as_deref(), Some(FIRST), "what a person chose stands");
    let row = releases.row().await;
    assert_eq!((&row["chosen"], &row["failed"]), (&true.into(), &false.into()), "{row:#}");

    scene.browser().submit(&releases.page(), "retry_release", &releases.named()).await.unwrap();
    releases.until_value(SECOND).await;
    eventually("nobody's choice stands", || async { releases.row().await["chosen"] == false }).await;

    let activity = [("query[filter]", "release.")];
    let activity = scene.browser().read("list_activity", &activity).await.unwrap();
    // The filter looks at other words of an entry as well.
    let is_ours = |entry: &&Value| {
        entry["targetId"] == id.as_str() && entry["action"].as_str().unwrap().starts_with("release.")
    };
    let entries: Vec<&Value> = activity["entries"].as_array().unwrap().iter().filter(is_ours).collect();
    let actions: Vec<&Value> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["release.retry", "release.roll_back"], "{activity:#}");
    let key = format!("{}/web", scene.app);
    assert_eq!(entries[1]["changes"][0]["after"], key.as_str(), "{activity:#}");
    assert_eq!(entries[1]["changes"][1]["after"], "1", "{activity:#}");
}

#[tokio::test]
async fn who_may_only_read_asks_for_nothing_and_others_learn_of_nothing() {
    let releases = Releases::begin("hq", &with(FIRST)).await;
    releases.until_value(FIRST).await;
    let group = group(releases.scene.stage).await;
    let reader = person("releases-reader", &group, "Reader").await;
    let stranger = stranger("releases-stranger").await;
    let [configuration, namespace, name] = releases.named();
    let fields = [configuration, namespace, name, ("revision", "1")];
    let looks = ["list_releases", "list_other_releases", "get_release"];
    let wishes = ["retry_release", "roll_back_release", "repair_release"];
    let status = async |browser: &Browser, function: &str| {
        let answer = browser.call(function, &fields).await.unwrap();
        assert!(!answer.body.contains(FIRST), "{function}: {}", answer.body);
        assert!(answer.status == 200 || !answer.body.contains(&releases.scene.app), "{}", answer.body);
        answer.status
    };
    for function in looks {
        assert_eq!(status(&reader, function).await, 200, "{function}");
        assert_eq!(status(&stranger, function).await, 404, "{function}");
    }
    for function in wishes {
        assert_eq!(status(&reader, function).await, 403, "{function}");
        assert_eq!(status(&stranger, function).await, 404, "{function}");
    }
    let seen = reader.get(&releases.page()).await.unwrap();
    assert!(!seen.body.contains("retry_release"), "{}", seen.body);
    assert_eq!(stranger.get(&releases.page()).await.unwrap().status, 404);
    assert_eq!(releases.value().await.as_deref(), Some(FIRST));

    let gone = [configuration, namespace, ("name", "gone")];
    let answer = releases.scene.browser().call("retry_release", &gone).await.unwrap();
    assert_eq!(answer.status, 409, "{}", answer.body);
}

#[tokio::test]
async fn what_nobody_here_keeps_is_shown_as_not_managed_and_left_alone() {
    let releases = Releases::begin("hother", &with(FIRST)).await;
    releases.until_value(FIRST).await;
    let Releases { scene, id } = &releases;
    let objects = format!("/apis/helm.fluxcd.io/v1/namespaces/{}/helmreleases", scene.app);
    let theirs = json!({
        "apiVersion": "helm.fluxcd.io/v1", "kind": "HelmRelease", "metadata": { "name": "theirs" },
        "spec": { "chart": { "git": scene.repository.url(), "ref": "main", "path": "charts/web" } },
    });
    let (status, answer) = scene.stage.cluster.ask(Method::POST, &objects, Some(&theirs)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let others = [("configuration", id.as_str())];
    let others = scene.browser().read("list_other_releases", &others).await.unwrap();
    // Other tests have others on this cluster.
    let here = others["keys"].as_array().unwrap().iter().filter(|key| key["namespace"] == scene.app.as_str());
    let names: Vec<_> = here.map(|key| &key["name"]).collect();
    assert_eq!(names, ["theirs"], "{others:#}");
    let page = scene.browser().get(&format!("/configurations/{id}?tab=releases")).await.unwrap().text();
    assert!(page.contains("Not managed here") && page.contains(&format!("{}/theirs", scene.app)), "{page}");
    tokio::time::sleep(ANOTHER_LOOK).await;
    let object = scene.object(&format!("{objects}/theirs")).await.unwrap();
    assert_eq!(object["status"], Value::Null, "nobody touches it");
    assert_eq!(scene.value(&format!("{}-theirs-settings", scene.app)).await, None);
}
