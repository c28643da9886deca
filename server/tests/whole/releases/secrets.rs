//! What a release takes from a Secret is repeated by nobody: helm and the API server quote it when they refuse it.

use std::fmt::Write;

use super::Releases;
use crate::scene::eventually;

/// Stands in the Secret, and nowhere else but in what the release makes.
const WORD: &str = "kestrel-of-the-values";
const FROM_SECRET: &str =
    "  valuesFrom:\n    - secretKeyRef:\n        name: web-values\n        key: values.yaml\n";

impl Releases {
    /// The Secret that `FROM_SECRET` names, and a chart that tells its value to whoever installs it.
    async fn keep(&self, values: &str) {
        let mut secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web-values\n".to_owned();
        let app = &self.scene.app;
        let _ = write!(secret, "  namespace: {app}\nstringData:\n  values.yaml: |\n{values}");
        let notes = "The value is {{ .Values.value }}.\n";
        self.scene.commit(&[("secret.yaml", &secret), ("charts/web/templates/NOTES.txt", notes)]).await;
    }

    /// Everything that tells something of the release.
    async fn told(&self) -> Vec<(&str, String)> {
        let browser = self.scene.browser();
        let text = async |path: String| browser.get(&path).await.unwrap().body;
        vec![
            ("the object", self.object().await["status"].to_string()),
            ("the list", self.row().await.to_string()),
            ("the release", browser.call("get_release", &self.named()).await.unwrap().body),
            ("its page", text(self.page()).await),
            ("the configuration", text(format!("/configurations/{}", self.id)).await),
            ("its history", text(format!("/configurations/{}?tab=history", self.id)).await),
            ("the log", self.scene.stage.portal.log()),
        ]
    }
}

// S-G1
#[tokio::test]
async fn what_comes_from_a_secret_is_told_by_no_refusal_and_no_notes() {
    let releases = Releases::begin("hs", "  wait: false\n  values:\n    value: one\n").await;
    releases.until_phase("Succeeded").await;

    // The API server takes no such name of an entry, and says so with the name.
    releases.keep(&format!("    value: {WORD}\n    entry: {WORD}/slash\n")).await;
    releases.change(FROM_SECRET).await;
    releases.until_phase("DeployFailed").await;
    let view = releases.scene.until_told(&releases.id, "releasesFailed").await;
    assert_eq!(view.compliance(), "Installed");
    let told = releases.told().await;
    assert!(told[0].1.contains("***"), "the refusal is told without the word: {}", told[0].1);
    assert_nowhere(&told);

    releases.keep(&format!("    value: {WORD}\n")).await;
    releases.scene.browser().sync(&releases.id).await.unwrap();
    releases.until_value(WORD).await;
    releases.until_phase("Succeeded").await;
    eventually("the notes are shown", || async {
        let release = releases.scene.browser().call("get_release", &releases.named()).await.unwrap();
        release.body.contains("The value is ***.")
    })
    .await;
    assert_nowhere(&releases.told().await);
}

fn assert_nowhere(told: &[(&str, String)]) {
    for (place, text) in told {
        let found = text.find(WORD).map(|at| {
            text[text.floor_char_boundary(at.saturating_sub(200))..].chars().take(500).collect::<String>()
        });
        assert_eq!(found, None, "{place}");
    }
}
