//! Stored secrets that somebody has changed behind the server's back: whose they are says so, everything else goes on,
//! and they recover. (V2; each bit of each part is in `server/vault/src/seal/tests.rs`.)

use super::unreadable::{installed, row};
use super::{query, write};
use crate::rest::api::{Api, configuration};
use crate::scene::{Scene, Stage};

const USER: &str = "ada";
const KEY: &str = "canary-of-the-sealed-key";

/// What is stored with a secret, and must fit the rest of it.
const PARTS: [&str; 6] = ["wrapped_key", "nonce", "ciphertext", "fingerprint", "algorithm", "key_id"];

/// One stored secret.
struct Sealed {
    stage: &'static Stage,
    found_by: String,
}

impl Sealed {
    fn of(stage: &'static Stage, owner: &str, field: &str) -> Self {
        Self { stage, found_by: format!("owner_id = '{owner}' AND field = '{field}'") }
    }

    /// A part of it as SQL writes it.
    fn part(&self, part: &str) -> String {
        let statement = format!("SELECT quote({part}) FROM secrets WHERE {}", self.found_by);
        query(self.stage, &statement, "[row] = found.fetchall(); print(row[0])").trim().to_owned()
    }

    fn set(&self, part: &str, to: &str) {
        write(self.stage, &format!("UPDATE secrets SET {part} = {to} WHERE {}", self.found_by));
    }

    /// Flips its last bit, or that of its last letter; gives what was there.
    fn flip(&self, part: &str) -> String {
        let before = self.part(part);
        let (kept, last) = before.split_at(before.len() - 2);
        let flipped = match last.as_bytes()[0] {
            digit if before.starts_with("X'") => {
                let digit = char::from(digit).to_digit(16).unwrap() ^ 1;
                format!("{digit:X}")
            }
            letter => char::from(letter ^ 1).to_string(),
        };
        self.set(part, &format!("{kept}{flipped}'"));
        before
    }
}

#[tokio::test]
async fn v2_a_credential_with_a_flipped_bit_is_told_as_unreadable_until_it_is_entered_again() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let api = Api::of(&stage.portal, "admin").await;
    let (neighbour, neighbour_id) = installed(stage, "neighbour").await;
    let scene = stage.scene("flipped").await.with("https_user", USER).with("https_key", KEY);
    scene.repository.require_basic_auth(USER, KEY).unwrap();
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    let beside = row(&neighbour).await;
    let live = scene.object(&scene.config_map_path("settings")).await;
    let sealed = Sealed::of(stage, &id, "httpsKey");

    for part in PARTS {
        let before = sealed.flip(part);
        scene.browser().sync_now(&id).await.unwrap();
        assert_unreadable(&scene, &api, &id, part).await;
        assert_eq!(row(&neighbour).await, beside, "{part}");
        sealed.set(part, &before);
        scene.browser().sync_now(&id).await.unwrap();
        scene.browser().until_installed(&id).await.unwrap();
    }

    // What the sentence advises, without any knowledge of what is stored.
    sealed.flip("ciphertext");
    scene.browser().sync_now(&id).await.unwrap();
    assert_unreadable(&scene, &api, &id, "once more").await;
    assert_eq!(scene.object(&scene.config_map_path("settings")).await, live, "nothing applied is touched");
    neighbour.commit(&[("settings.yaml", &neighbour.config_map("settings", "two"))]).await;
    neighbour.browser().sync(&neighbour_id).await.unwrap();
    assert_eq!(neighbour.value("settings").await.as_deref(), Some("two"));
    scene.browser().replace_configuration(&id, &scene.fields).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();
    assert!(!stage.portal.log().contains("panicked"), "{}", stage.portal.log());
}

/// Its page and the REST API say so, in one sentence and without a word of it.
async fn assert_unreadable(scene: &Scene, api: &Api, id: &str, part: &str) {
    let view = scene.until_told(id, "repositoryCredentialUnreadable").await;
    assert_eq!((view.compliance(), view.level(), view.detail()), ("Failed", "Error", ""), "{part}");
    let answer = api.get(&configuration(&scene.name)).await;
    assert_eq!(answer.status, 200, "{part}: {answer:?}");
    let status = &answer.json["properties"]["complianceStatus"];
    assert_eq!(status["complianceState"], "Failed", "{part}");
    let message = status["message"].to_string();
    assert!(message.contains("the credential of the repository cannot be decrypted"), "{part}: {message}");
    let log = scene.stage.portal.log();
    assert!(log.contains(&format!("the credential of configuration {id} cannot be read")), "{part}: {log}");
    assert!(!log.contains(KEY) && !answer.json.to_string().contains(KEY), "{part}");
}

#[tokio::test]
async fn v2_a_kubeconfig_with_a_flipped_bit_is_told_by_its_cluster_and_its_configurations() {
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let api = Api::of(&stage.portal, "admin").await;
    let (scene, id) = installed(stage, "locked").await;
    let sealed = Sealed::of(stage, &stage.cluster_id, "kubeconfig");
    // An open connection is kept for as long as the server runs.
    stage.portal.kill();
    let before = sealed.flip("ciphertext");
    stage.portal.start_again().await.unwrap();
    scene.browser().sync_now(&id).await.unwrap();
    let view = scene.until_told(&id, "clusterCredentialUnreadable").await;
    assert_eq!((view.compliance(), view.detail()), ("Failed", ""));
    let answer = api.get(&configuration(&scene.name)).await;
    let message = answer.json["properties"]["complianceStatus"]["message"].to_string();
    assert!(message.contains("The cluster's kubeconfig cannot be decrypted"), "{message}");
    let page = scene.browser().get(&format!("/clusters/{}", stage.cluster_id)).await.unwrap();
    assert!(page.text().contains("The stored kubeconfig cannot be decrypted"), "{}", page.text());

    sealed.set("ciphertext", &before);
    scene.browser().sync_now(&id).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();
    assert!(!stage.portal.log().contains("panicked"), "{}", stage.portal.log());
}
