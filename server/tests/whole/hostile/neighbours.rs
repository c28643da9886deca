//! What is wrong with one configuration is no trouble for others.

use std::fmt::Write;

use super::unreadable::{READABLE, UNREADABLE};
use super::write;
use crate::scene::{Scene, Stage};

/// More than this the server must not grow by, whatever is in a repository.
const GROWTH_BYTES: u64 = 64 * 1024 * 1024;
/// As long a scalar as a malicious file may have; the file is never read beyond its limit.
const SCALAR_BYTES: usize = 300_000_000;
const DOCUMENTS: usize = 2_000_000;
const DEPTH: usize = 100_000;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb, namespace: default}\n";

async fn synced(stage: &'static Stage, prefix: &str) -> (Scene, String) {
    let scene = stage.scene(prefix).await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    (scene, id)
}

/// Another revision of it is applied as if nothing were.
async fn is_well((scene, id): &(Scene, String), value: &str) {
    scene.commit(&[("settings.yaml", &scene.config_map("settings", value))]).await;
    let view = scene.browser().sync(id).await.unwrap();
    assert_eq!(view.reason(), "installed", "{}", view.summary());
    assert_eq!(scene.value("settings").await.as_deref(), Some(value));
}

#[tokio::test]
async fn s_f1_bombs_are_named_and_cost_no_memory_and_no_neighbour() {
    // A portal of its own: the memory is that of this test.
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let neighbour = synced(stage, "neighbour").await;
    let (scene, id) = synced(stage, "bombs").await;
    let before = stage.portal.usage().unwrap().peak_memory;
    let mut laughs = "a0: &a0 lol\n".to_owned();
    for level in 1..10 {
        let uses = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{uses}]").unwrap();
    }
    let bombs = [
        ("laughs", laughs, "loadLimit"),
        ("lists", "[".repeat(DEPTH), "loadLimit"),
        ("mappings", "{a: ".repeat(DEPTH), "loadLimit"),
        ("scalar", format!("a: {}", "x".repeat(SCALAR_BYTES)), "loadLimit"),
        ("documents", "---\n".repeat(DOCUMENTS), "loadLimit"),
        ("twice", "kind: A\nkind: B\n".to_owned(), "manifestInvalid"),
        // A tag makes nothing of a text.
        ("tagged", format!("{MAP}data: {{a: !!python/object/apply:os.system x}}\n"), "installed"),
    ];
    for (name, bomb, reason) in bombs {
        let change = scene.repository.change().remove_all().write("namespace.yaml", scene.namespace());
        change.write("bomb.yaml", bomb).commit(name).await.unwrap();
        let view = scene.browser().sync(&id).await.unwrap();
        assert_eq!(view.reason(), reason, "{name}: {}", view.summary());
        let told = view.0.to_string().contains("bomb.yaml");
        assert!(told || reason == "installed", "{name}: {}", view.summary());
        is_well(&neighbour, name).await;
    }
    let growth = stage.portal.usage().unwrap().peak_memory.saturating_sub(before);
    assert!(growth < GROWTH_BYTES, "the server grew by {} MiB", growth / 1024 / 1024);
    scene.repository.change().remove("bomb.yaml").commit("Harmless").await.unwrap();
    assert_eq!(scene.browser().sync(&id).await.unwrap().reason(), "installed");
}

#[tokio::test]
async fn s_f3_a_row_that_cannot_be_read_is_listed_and_hurts_no_other() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let neighbour = synced(stage, "neighbour").await;
    let (bad, _) = synced(stage, "bad").await;
    let row = format!("(SELECT id FROM configurations WHERE name = '{}')", bad.name);
    for (number, change) in [
        format!(
            "UPDATE configurations SET spec = replace(spec, '{READABLE}', '{UNREADABLE}') WHERE id = {row}"
        ),
        format!("UPDATE configurations SET operator_scope = 'planet' WHERE id = {row}"),
        format!("UPDATE configurations SET spec = 'no json' WHERE id = {row}"),
        format!("UPDATE configuration_status SET compliance = 'Splendid' WHERE configuration_id = {row}"),
        format!("UPDATE configuration_status SET reason = '[' WHERE configuration_id = {row}"),
        format!(
            "UPDATE configuration_status SET next_due_at = -5, counts = '{{}}' WHERE configuration_id = {row}"
        ),
    ]
    .iter()
    .enumerate()
    {
        write(stage, change);
        let list = stage.browser.get("/configurations").await.unwrap();
        assert_eq!(list.status, 200, "{change}");
        for name in [&bad.name, &neighbour.0.name] {
            assert!(list.body.contains(name.as_str()), "{name} is not listed after {change}");
        }
        is_well(&neighbour, &format!("value-{number}")).await;
    }
}
