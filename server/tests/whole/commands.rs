//! The commands beside `fairlead serve`.

use serde_json::Value;

use crate::scene::Stage;

#[tokio::test]
async fn manifests_are_printed_as_a_sync_would_read_them() {
    let stage = Stage::shared().await;
    let repository = stage.git.repository("sample").await.unwrap();
    let commit = repository.commit_sample().await.unwrap();
    let arguments =
        ["manifests", "--repository-url", repository.url(), "--operator-params", "--git-branch=main"];
    let table = stage.portal.command(&arguments, "").await.unwrap();
    for words in ["team-a", "arc-k8s-demo", "namespaces/team-a.yaml:1", &commit] {
        assert!(table.contains(words), "{words} is not in:\n{table}");
    }
    let json = stage.portal.command(&[&arguments[..], &["--output", "json"]].concat(), "").await.unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let objects = json["objects"].as_array().unwrap();
    assert_eq!((json["revision"].as_str(), objects.len()), (Some(commit.as_str()), 6), "{json}");
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    assert_eq!(deployment["namespace"], "default", "what has no namespace gets the scope's");
}

#[tokio::test]
async fn manifests_that_cannot_be_read_are_an_error_with_file_and_line() {
    let stage = Stage::shared().await;
    let repository = stage.git.repository("broken").await.unwrap();
    repository.commit(&[("apps/broken.yaml", "kind: ConfigMap\nmetadata: [\n")], "Break it").await.unwrap();
    let params = "--git-branch=main";
    let arguments = ["manifests", "--repository-url", repository.url(), "--operator-params", params];
    let error = stage.portal.command(&arguments, "").await.unwrap_err().to_string();
    assert!(error.contains("apps/broken.yaml:"), "{error}");
    assert!(error.contains("exit status: 1"), "{error}");
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused() {
    let stage = Stage::shared().await;
    let error =
        stage.portal.command(&["serve", "--listen", "127.0.0.1:0"], "").await.unwrap_err().to_string();
    assert!(error.contains("another fairlead has"), "{error}");
}

#[tokio::test]
async fn a_setting_that_does_not_exist_is_an_error_that_names_it() {
    let mut portal = testbed::Portal::start().await.unwrap();
    portal.set("FAIRLEAD_LISSTEN", Some("127.0.0.1:1"));
    let error = portal.command(&["check-config"], "").await.unwrap_err().to_string();
    assert!(error.contains("lissten"), "{error}");
    portal.set("FAIRLEAD_LISSTEN", None);
    let shown = portal.command(&["check-config"], "").await.unwrap();
    assert!(shown.contains("outbound_allow = 127.0.0.0/8"), "{shown}");
}

#[tokio::test]
async fn a_token_is_shown_once_and_stored_nowhere() {
    let stage = Stage::shared().await;
    let token =
        stage.portal.command(&["token", "create", "--user", "admin", "--name", "ci"], "").await.unwrap();
    assert!(token.starts_with("flp_") && token.len() > 40, "{}", token.len());
    for file in std::fs::read_dir(stage.portal.data()).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = if file.is_file() { std::fs::read(&file).unwrap() } else { Vec::new() };
        let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "{} holds the token", file.display());
    }
}

#[tokio::test]
async fn a_kubeconfigs_key_is_in_no_file_and_no_log() {
    let stage = Stage::shared().await;
    let kubeconfig = stage.cluster.kubeconfig();
    let key = kubeconfig.split("client-key-data: ").nth(1).unwrap().lines().next().unwrap();
    let middle = &key[key.len() / 2..key.len() / 2 + 40];
    let mut places = vec![("the log".to_owned(), stage.portal.log().into_bytes())];
    for file in std::fs::read_dir(stage.portal.data()).unwrap().map(|entry| entry.unwrap().path()) {
        if file.is_file() {
            places.push((file.display().to_string(), std::fs::read(&file).unwrap()));
        }
    }
    assert!(places.len() >= 3, "database, keys and log are looked at");
    for (place, bytes) in places {
        assert!(
            !bytes.windows(middle.len()).any(|window| window == middle.as_bytes()),
            "{place} holds the key"
        );
    }
}

#[tokio::test]
async fn a_database_whose_key_is_missing_is_not_served_and_the_key_is_named() {
    let mut stage = Stage::start(&[]).await;
    stage.portal.stop().await.unwrap();
    let keys = stage.portal.data().join("keys");
    let away = stage.portal.data().join("keys-away");
    std::fs::rename(&keys, &away).unwrap();
    let error = stage.portal.command(&["serve"], "").await.unwrap_err().to_string();
    assert!(error.contains("key"), "{error}");
    assert!(!keys.exists(), "no new key is made in place of one that is needed");
    std::fs::rename(&away, &keys).unwrap();
    stage.portal.start_again().await.unwrap();
}
