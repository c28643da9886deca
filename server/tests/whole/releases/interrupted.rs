//! helm dies in the middle of its work, alone or with the server.

use std::path::PathBuf;

use super::Releases;
use crate::scene::{Stage, eventually};

/// Comes to no end: nothing completes a pod that no Job owns.
const ENDLESS: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-endless\n  annotations:\n    \
                       helm.sh/hook: pre-upgrade\n    helm.sh/hook-delete-policy: before-hook-creation\nspec:\n  \
                       restartPolicy: Never\n  containers:\n    - name: wait\n      image: registry.example.com/wait:1\n";

const HOOK: &str = "charts/web/templates/hook.yaml";

/// The processes of helm that upgrade a release.
fn upgrades_of(release: &str) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let upgrades = |number: &u32| {
        let words = std::fs::read(PathBuf::from(format!("/proc/{number}/cmdline"))).unwrap_or_default();
        let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
        let program = words.first().is_some_and(|word| word.ends_with(b"helm"));
        program && words.contains(&b"upgrade".as_slice()) && words.contains(&release.as_bytes())
    };
    numbers.filter(upgrades).collect()
}

impl Releases {
    /// A released revision, and an upgrade that comes to no end.
    async fn in_the_middle_of_an_upgrade(self) -> Self {
        self.until_value("one").await;
        self.until_phase("Succeeded").await;
        self.scene.commit(&[(HOOK, ENDLESS)]).await;
        self.change("  wait: false\n  values:\n    value: two\n").await;
        let release = format!("{}-web", self.scene.app);
        eventually("helm waits for the hook", || async { !upgrades_of(&release).is_empty() }).await;
        let pod = format!("/api/v1/namespaces/{}/pods/{release}-endless", self.scene.app);
        eventually("the hook is there", || async { self.scene.object(&pod).await.is_some() }).await;
        self
    }

    /// What is wrong is told, nothing is done about it, and after a person asked for it all is as wanted.
    async fn is_explained_and_repaired(&self) {
        eventually("it is told what is wrong and what to do", || async {
            let message = self.row().await["message"].as_str().unwrap_or_default().to_owned();
            message.contains("pending-upgrade") && message.contains("Repair")
        })
        .await;
        assert_eq!(self.value().await.as_deref(), Some("one"), "nothing is undone that nobody asked for");
        self.scene.repository.change().remove(HOOK).commit("Without the hook").await.unwrap();
        self.scene.browser().sync(&self.id).await.unwrap();
        self.scene.browser().submit(&self.page(), "repair_release", &self.named()).await.unwrap();
        self.until_value("two").await;
        self.until_phase("Succeeded").await;
    }
}

#[tokio::test]
async fn a_release_whose_helm_was_killed_is_explained_and_repaired_when_somebody_asks() {
    let releases = Releases::begin("hrkill", "  wait: false\n  values:\n    value: one\n").await;
    let releases = releases.in_the_middle_of_an_upgrade().await;
    for number in upgrades_of(&format!("{}-web", releases.scene.app)) {
        let killed = std::process::Command::new("kill").args(["-KILL", &number.to_string()]).status();
        assert!(killed.unwrap().success());
    }
    releases.is_explained_and_repaired().await;
}

#[tokio::test]
async fn a_server_that_was_killed_while_helm_worked_leaves_no_helm_behind_and_explains_what_it_finds() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let releases =
        Releases::on(stage.scene("hrpower").await, "  wait: false\n  values:\n    value: one\n").await;
    let releases = releases.in_the_middle_of_an_upgrade().await;
    stage.portal.kill();
    let release = format!("{}-web", releases.scene.app);
    eventually("helm has ended with its server", || async { upgrades_of(&release).is_empty() }).await;
    stage.portal.start_again().await.unwrap();
    releases.is_explained_and_repaired().await;
}
