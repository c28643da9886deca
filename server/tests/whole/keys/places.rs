//! A ring that comes from the environment or from a program.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use testbed::{Portal, PortalOptions};

use super::{Desk, by_key};
use crate::scene::Stage;

const ONE: &str = "one:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const TWO: &str = "two:/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// What a program prints on its way to failing.
const HALF: &str = "AAECAwQFBgcI";

#[tokio::test]
async fn keys_in_the_environment_are_rotated_by_hand_and_written_nowhere() {
    let mut stage = Stage::start(&[("FAIRLEAD_KEYS", &format!("{ONE}:active"))]).await;
    let data = stage.portal.data().to_owned();
    let stored = by_key(&data).await["one"];
    let refused = stage.portal.command(&["rotate-keys"], "").await.unwrap_err().to_string();
    assert!(refused.contains("the variable FAIRLEAD_KEYS, where fairlead cannot write"), "{refused}");
    assert!(refused.contains("Start the server again") && !refused.contains(&ONE[4..]), "{refused}");
    assert_eq!(by_key(&data).await, BTreeMap::from([("one".to_owned(), stored)]));

    stage.portal.set("FAIRLEAD_KEYS", Some(&format!("{ONE}\n{TWO}:active")));
    stage.portal.start_again().await.unwrap();
    let said = stage.portal.command(&["rotate-keys"], "").await.unwrap();
    assert!(said.contains("goes on with the key two"), "{said}");
    assert!(said.contains("The key one seals 0 secrets"), "{said}");
    assert_eq!(by_key(&data).await, BTreeMap::from([("two".to_owned(), stored)]));

    stage.portal.stop().await.unwrap();
    stage.portal.set("FAIRLEAD_KEYS", Some(&format!("{ONE}:active")));
    let refused = stage.portal.command(&["serve"], "").await.unwrap_err().to_string();
    assert!(refused.contains("\"two\""), "{refused}");
    stage.portal.set("FAIRLEAD_KEYS", Some(&format!("{TWO}:active")));
    stage.portal.start_again().await.unwrap();
    assert!(!data.join("keys").exists(), "no file is made beside the environment");

    // V3: another key of the same name.
    stage.portal.stop().await.unwrap();
    stage.portal.set("FAIRLEAD_KEYS", Some(&format!("two:{}:active", &ONE[4..])));
    let refused = stage.portal.command(&["serve"], "").await.unwrap_err().to_string();
    assert!(refused.contains("the key two in the key ring is not the one"), "{refused}");
    stage.portal.set("FAIRLEAD_KEYS", Some(&format!("{TWO}:active")));
    stage.portal.start_again().await.unwrap();
    let desk = Desk::new();
    let (to, passphrase) = (desk.at("keys.age"), desk.at("passphrase"));
    let arguments = ["backup", "--keys", "--to", &to, "--passphrase-file", &passphrase];
    let refused = stage.portal.command(&arguments, "").await.unwrap_err().to_string();
    assert!(refused.contains("the keys come from the variable FAIRLEAD_KEYS"), "{refused}");
}

#[tokio::test]
async fn keys_that_a_program_prints_are_used_and_its_errors_show_nothing_of_them() {
    let desk = Desk::new();
    desk.write("ring", &format!("{ONE}:active\n"));
    // it finds its own settings in the environment, and none of ours
    let script = "#!/bin/sh\n[ -n \"$WHERE\" ] && ! env | grep -q ^FAIRLEAD_ && exec cat \"$WHERE\"\n";
    desk.write("print", script);
    desk.write("fail", &format!("#!/bin/sh\necho {HALF}\necho {HALF} >&2\nexit 3\n"));
    desk.write("prattle", &format!("#!/bin/sh\necho {HALF}\n"));
    for name in ["print", "fail", "prattle"] {
        std::fs::set_permissions(desk.path(name), PermissionsExt::from_mode(0o700)).unwrap();
    }
    let (print, ring) = (desk.at("print"), desk.at("ring"));
    let mut stage = Stage::start(&[("FAIRLEAD_KEY_COMMAND", &print), ("WHERE", &ring)]).await;
    let data = stage.portal.data().to_owned();
    assert!(by_key(&data).await.contains_key("one"));
    assert!(!data.join("keys").exists(), "no file is made beside the program");
    let shown = stage.portal.command(&["check-config"], "").await.unwrap();
    assert!(shown.contains(&format!("keys = the command {print}")), "{shown}");

    stage.portal.stop().await.unwrap();
    for (name, words) in [("fail", "exit status: 3"), ("prattle", "line 1")] {
        let command = desk.at(name);
        stage.portal.set("FAIRLEAD_KEY_COMMAND", Some(&command));
        let refused = stage.portal.command(&["serve"], "").await.unwrap_err().to_string();
        assert!(refused.contains(&command) && refused.contains(words), "{refused}");
        assert!(!refused.contains(HALF) && !stage.portal.log().contains(HALF), "{refused}");
    }
}

#[tokio::test]
async fn two_places_for_the_keys_are_refused_and_both_are_named() {
    let environment = [("FAIRLEAD_KEYS", ONE), ("FAIRLEAD_KEY_COMMAND", "cat keys")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let portal =
        Portal::without_data(&PortalOptions { listen: None, environment }, "nobody signs in").unwrap();
    for command in ["serve", "check-config", "rotate-keys"] {
        let refused = portal.command(&[command], "").await.unwrap_err().to_string();
        assert!(
            refused.contains("FAIRLEAD_KEYS") && refused.contains("`key_command`"),
            "{command}: {refused}"
        );
        assert!(!refused.contains(ONE), "{refused}");
    }
}
