//! `fairlead backup` and `fairlead restore`

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;
use testbed::{Browser, ConfigurationView, Portal, PortalOptions};
use vault::backup::{Half, unlock};

use super::{Desk, Private, TOKEN, settled};
use crate::canaries::canary::{Canary, Net};
use crate::scene::Stage;

/// Bytes of a key.
const KEY_LENGTH: usize = 32;

pub(crate) async fn back_up(portal: &Portal, desk: &Desk, name: &str, more: &[&str]) -> String {
    let (to, passphrase) = (desk.at(name), desk.at("passphrase"));
    let arguments = ["backup", "--to", &to, "--passphrase-file", &passphrase];
    portal.command(&[&arguments[..], more].concat(), "").await.unwrap()
}

pub(crate) async fn restore(
    portal: &Portal,
    desk: &Desk,
    name: &str,
    passphrase: &str,
) -> Result<String, String> {
    let (from, passphrase) = (desk.at(name), desk.at(passphrase));
    let arguments = ["restore", "--from", &from, "--passphrase-file", &passphrase];
    portal.command(&arguments, "").await.map_err(|error| error.to_string())
}

/// One that has nothing yet.
pub(crate) fn empty(of: &Portal) -> Portal {
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    Portal::without_data(&PortalOptions { listen: None, environment }, of.password()).unwrap()
}

/// What lies in a folder; nothing when it is not there.
fn entries(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().display().to_string()).collect()
}

#[tokio::test]
async fn a_portal_restored_from_both_halves_is_installed_as_before_and_goes_on() {
    let mut stage = Stage::start(&[]).await;
    let private = Private::installed(&stage, "restored").await;
    let desk = Desk::new();
    let said = back_up(&stage.portal, &desk, "database.age", &[]).await;
    assert!(said.contains("fairlead backup --keys") && said.contains("in another place"), "{said}");
    let said = back_up(&stage.portal, &desk, "keys.age", &["--keys"]).await;
    assert!(said.contains("where the backups of the database are not"), "{said}");
    assert_eq!(stage.browser.sync(&private.id).await.unwrap().compliance(), "Installed");
    stage.portal.stop().await.unwrap();

    let restored = empty(&stage.portal);
    restore(&restored, &desk, "database.age", "passphrase").await.unwrap();
    let refused = restored.command(&["serve"], "").await.unwrap_err().to_string();
    assert!(refused.contains("the key file") && refused.contains("is missing"), "{refused}");
    restore(&restored, &desk, "keys.age", "passphrase").await.unwrap();
    for name in ["keys", "fairlead.db"] {
        let mode = std::fs::metadata(restored.data().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    let mode = std::fs::metadata(restored.data()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);

    restored.start_again().await.unwrap();
    let browser: Browser = restored.sign_in().await.unwrap();
    assert_eq!(browser.sync(&private.id).await.unwrap().compliance(), "Installed");
    let commit = private.commit("two").await;
    browser.sync_now(&private.id).await.unwrap();
    let synced = |view: &ConfigurationView| settled(view, &commit);
    browser.until(&private.id, "the commit is synced", synced).await.unwrap();
    assert_eq!(private.value(&stage).await.as_deref(), Some("two"));

    // Nothing is ever overwritten.
    for name in ["database.age", "keys.age"] {
        let refused = restore(&restored, &desk, name, "passphrase").await.unwrap_err();
        assert!(refused.contains("is there already"), "{refused}");
    }
    browser.until_installed(&private.id).await.unwrap();
}

#[tokio::test]
async fn v1_a_backup_shows_no_secret_and_neither_half_opens_one_by_itself() {
    let stage = Stage::start(&[]).await;
    Private::installed(&stage, "canary").await;
    let desk = Desk::new();
    back_up(&stage.portal, &desk, "database.age", &[]).await;
    back_up(&stage.portal, &desk, "keys.age", &["--keys"]).await;
    let ring = std::fs::read_to_string(stage.portal.data().join("keys")).unwrap();
    let key = ring.trim().split(':').nth(1).unwrap();
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, key).unwrap();
    assert_eq!(key.len(), KEY_LENGTH);
    let kubeconfig = stage.cluster.kubeconfig();
    let client_key = kubeconfig.split("client-key-data: ").nth(1).unwrap().lines().next().unwrap();
    let net = Net::of(&[
        Canary::new("token", TOKEN),
        Canary::new("key", key),
        Canary::new("kubeconfig", &client_key[client_key.len() / 2..][..40]),
    ]);
    let assert_clean = |what: &str, content: &[u8]| {
        assert!(!content.is_empty(), "{what} is there");
        let caught = net.caught(content);
        assert!(caught.is_empty(), "{what}: {caught:?}");
    };
    for name in ["database.age", "keys.age"] {
        assert_clean(name, &std::fs::read(desk.path(name)).unwrap());
        let mode = std::fs::metadata(desk.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    assert_clean("the database, opened", &opened(&desk, "database.age", Half::Database));
    let keys = String::from_utf8(opened(&desk, "keys.age", Half::Keys)).unwrap();
    assert_eq!(keys, ring, "the ring is whole, and it is nothing but the ring");
    let names = entries(stage.portal.data());
    assert!(!names.iter().any(|name| name.contains("snapshot")), "the copy is removed: {names:?}");

    // With another ring, the database opens nothing: the server says which key it needs.
    let other = empty(&stage.portal);
    restore(&other, &desk, "database.age", "passphrase").await.unwrap();
    let id = ring.split(':').next().unwrap();
    let strange = other.data().join("keys");
    std::fs::copy(stage.portal.data().join("keys"), &strange).unwrap();
    std::fs::write(&strange, format!("another:{}=:active\n", "A".repeat(43))).unwrap();
    let refused = other.command(&["serve"], "").await.unwrap_err().to_string();
    assert!(refused.contains(id) && refused.contains("put its line back"), "{refused}");
}

#[tokio::test]
async fn a_backup_that_does_not_open_leaves_nothing_behind() {
    let portal = Portal::start().await.unwrap();
    let desk = Desk::new();
    back_up(&portal, &desk, "database.age", &[]).await;
    let whole = std::fs::read(desk.path("database.age")).unwrap();
    std::fs::write(desk.path("cut.age"), &whole[..whole.len() / 2]).unwrap();
    let mut altered = whole.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    std::fs::write(desk.path("altered.age"), altered).unwrap();
    std::fs::write(desk.path("plain.age"), std::fs::read(portal.data().join("fairlead.db")).unwrap())
        .unwrap();
    let cases = [
        ("database.age", "wrong", "the passphrase is not the one"),
        ("cut.age", "passphrase", "is cut off or was changed"),
        ("altered.age", "passphrase", "is cut off or was changed"),
        ("plain.age", "passphrase", "is no backup"),
        ("nowhere.age", "passphrase", "nowhere.age"),
    ];
    let other = empty(&portal);
    for (name, passphrase, words) in cases {
        let refused = restore(&other, &desk, name, passphrase).await.unwrap_err();
        assert!(refused.contains(words), "{name}: {refused}");
        assert!(!other.data().exists(), "{name}: {:?}", entries(other.data()));
    }
    // A folder with anything in it is somebody's.
    std::fs::create_dir(other.data()).unwrap();
    std::fs::write(other.data().join("notes"), "mine").unwrap();
    let refused = restore(&other, &desk, "database.age", "passphrase").await.unwrap_err();
    assert!(refused.contains("is not empty, it has notes"), "{refused}");
    assert_eq!(entries(other.data()), ["notes"]);
}

#[tokio::test]
async fn a_backup_overwrites_nothing_and_takes_its_passphrase_from_no_argument() {
    let portal = Portal::start().await.unwrap();
    let desk = Desk::new();
    let to = desk.at("database.age");
    let arguments = ["backup", "--to", &to];
    let refused = portal.command(&arguments, "").await.unwrap_err().to_string();
    assert!(refused.contains("--passphrase-file"), "{refused}");
    let by_input = [&arguments[..], &["--passphrase-file", "-"]].concat();
    let refused = portal.command(&by_input, "too short\n").await.unwrap_err().to_string();
    assert!(refused.contains("at least 12 characters"), "{refused}");
    assert!(!desk.path("database.age").exists());
    portal.command(&by_input, "a passphrase that is long enough").await.unwrap();
    let first = std::fs::read(&to).unwrap();
    for more in [&[][..], &["--keys"]] {
        let again = [&by_input[..], more].concat();
        let refused =
            portal.command(&again, "a passphrase that is long enough").await.unwrap_err().to_string();
        assert!(refused.contains("is there already"), "{refused}");
    }
    assert_eq!(std::fs::read(&to).unwrap(), first);
    let mut names = entries(desk.folder.path());
    names.sort();
    assert_eq!(names, ["database.age", "passphrase", "wrong"], "nothing half done is left");
}

fn opened(desk: &Desk, name: &str, half: Half) -> Vec<u8> {
    let mut passphrase = String::new();
    std::fs::File::open(desk.path("passphrase")).unwrap().read_to_string(&mut passphrase).unwrap();
    let file = std::fs::read(desk.path(name)).unwrap();
    let unlocked = unlock(&SecretString::from(passphrase.trim()), &file[..]).unwrap();
    assert_eq!(unlocked.half, half);
    let mut content = Vec::new();
    unlocked.copy(&mut content).unwrap();
    content
}
