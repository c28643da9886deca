//! helm dies in the middle of its work.

use std::path::PathBuf;

use super::Releases;
use crate::scene::eventually;

/// Comes to no end: nothing completes a pod that no Job owns.
const ENDLESS: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-endless\n  annotations:\n    \
                       helm.sh/hook: pre-upgrade\n    helm.sh/hook-delete-policy: before-hook-creation\nspec:\n  \
                       restartPolicy: Never\n  containers:\n    - name: wait\n      image: registry.example.com/wait:1\n";

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

#[tokio::test]
async fn a_release_whose_helm_was_killed_is_explained_and_repaired_when_somebody_asks() {
    let releases = Releases::begin("hrkill", "  wait: false\n  values:\n    value: one\n").await;
    releases.until_value("one").await;
    releases.until_phase("Succeeded").await;
    let release = format!("{}-web", releases.scene.app);

    let hook = "charts/web/templates/hook.yaml";
    releases.scene.commit(&[(hook, ENDLESS)]).await;
    releases.change("  wait: false\n  values:\n    value: two\n").await;
    eventually("helm waits for the hook", || async { !upgrades_of(&release).is_empty() }).await;
    let pod = format!("/api/v1/namespaces/{}/pods/{release}-endless", releases.scene.app);
    eventually("the hook is there", || async { releases.scene.object(&pod).await.is_some() }).await;
    for number in upgrades_of(&release) {
        let killed = std::process::Command::new("kill").args(["-KILL", &number.to_string()]).status();
        assert!(killed.unwrap().success());
    }
    eventually("it is told what is wrong and what to do", || async {
        let message = releases.row().await["message"].as_str().unwrap_or_default().to_owned();
        message.contains("pending-upgrade") && message.contains("Repair")
    })
    .await;
    assert_eq!(releases.value().await.as_deref(), Some("one"), "nothing is undone that nobody asked for");

    releases.scene.repository.change().remove(hook).commit("Without the hook").await.unwrap();
    releases.scene.browser().sync(&releases.id).await.unwrap();
    releases.scene.browser().submit(&releases.page(), "repair_release", &releases.named()).await.unwrap();
    releases.until_value("two").await;
    releases.until_phase("Succeeded").await;
}
