//! Private repositories, from the form to the objects: the four kinds of access, and where no secret may be found.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use testbed::{GitServer, GitServerOptions, SshGitServer};

use crate::canaries::canary::{Canary, Net};
use crate::canaries::read_all;
use crate::scene::Scene;

/// A scene whose repository is read over ssh by this server; `known` hosts are those of the server.
async fn over_ssh(prefix: &str, server: &SshGitServer, known: bool) -> Scene {
    let mut scene = Scene::shared(prefix).await;
    scene.repository = server.repository("manifests").await.unwrap();
    let url = scene.repository.url().to_owned();
    let scene = scene.with("repository_url", &url).with("git_poll_interval", "1s");
    if known { scene.with("ssh_known_hosts", &server.known_hosts()) } else { scene }
}

async fn commit(scene: &Scene) {
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
}

#[tokio::test]
async fn a_key_made_here_waits_for_the_host_and_then_works() {
    let server = SshGitServer::start().await.unwrap();
    let scene = over_ssh("made", &server, true).await.with("ssh_key", "ed25519");
    commit(&scene).await;
    let id = scene.add().await;
    let key = scene.browser().configuration(&id).await.unwrap().0["repository_public_key"].clone();
    let key = key.as_str().expect("the key is there as soon as the configuration is").to_owned();
    assert!(key.starts_with("ssh-ed25519 AAAA") && key.ends_with(" fairlead"), "{key}");
    let view = scene.until_told(&id, "repositoryKeyNotAccepted").await;
    assert_eq!((view.compliance(), view.level()), ("Pending", "Warning"));
    let page = scene.browser().get(&format!("/configurations/{id}")).await.unwrap().text();
    assert!(page.contains(&key) && page.contains("Deploy keys"), "{page}");

    server.authorize(&[&key]).unwrap();
    scene.browser().until_installed(&id).await.unwrap();
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));

    // Taken once, being refused is a failure.
    server.authorize(&[]).unwrap();
    let view = scene.until_told(&id, "repositoryCredentialRefused").await;
    assert_eq!(view.compliance(), "Failed");
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));

    // A new key waits again.
    let renewed = scene.fields.clone().with("ssh_key", "ed25519");
    scene.browser().replace_configuration(&id, &renewed).await.unwrap();
    let view = scene.until_told(&id, "repositoryKeyNotAccepted").await;
    let second = view.0["repository_public_key"].as_str().unwrap().to_owned();
    assert_ne!(second, key);
    server.authorize(&[&second]).unwrap();
    scene.browser().until_installed(&id).await.unwrap();
}

// V5
#[tokio::test]
async fn an_own_key_works_and_stays_until_it_is_replaced_or_the_host_changes() {
    let server = SshGitServer::start().await.unwrap();
    let scene = over_ssh("own", &server, true).await.with("ssh_key", "own");
    let encoded = STANDARD.encode(server.private_key());
    let scene = scene.with("ssh_private_key", &encoded);
    commit(&scene).await;
    let id = scene.add().await;
    let view = scene.browser().until_installed(&id).await.unwrap();
    let public = view.0["repository_public_key"].as_str().unwrap();
    let words = |key: &str| key.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(public), words(server.public_key()));
    assert_eq!(view.0["access"]["ssh_key_made_here"], false);

    // Saved again without a key, it is the same.
    let kept = scene.fields.clone().with("ssh_key", "keep").with("ssh_private_key", "").with("git_path", "");
    scene.browser().replace_configuration(&id, &kept).await.unwrap();
    assert_eq!(scene.browser().sync(&id).await.unwrap().compliance(), "Installed");

    // The old key is nothing for another host.
    let elsewhere = kept.with("repository_url", "ssh://git@127.0.0.1:9/x.git").with("ssh_known_hosts", "");
    scene.browser().replace_configuration(&id, &elsewhere).await.unwrap();
    let view = scene.browser().configuration(&id).await.unwrap();
    assert_eq!(view.0["access"]["ssh_key_made_here"], true);
    assert_ne!(words(view.0["repository_public_key"].as_str().unwrap()), words(server.public_key()));
}

// V5
#[tokio::test]
async fn user_and_token_open_a_repository_and_go_with_its_host() {
    let scene = Scene::shared("token").await.with("git_poll_interval", "1s");
    scene.repository.require_basic_auth("ada", "right token").unwrap();
    commit(&scene).await;
    let scene = scene.with("https_user", "ada").with("https_key", "wrong token");
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryUserNotAccepted").await;
    assert_eq!(view.compliance(), "Pending");
    assert_eq!(view.0["access"]["https_key"], true);

    // A key alone replaces the key alone.
    let right = scene.fields.clone().with("https_user", "").with("https_key", "right token");
    scene.browser().replace_configuration(&id, &right).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();

    scene.repository.require_basic_auth("ada", "another token").unwrap();
    let view = scene.until_told(&id, "repositoryCredentialRefused").await;
    assert_eq!(view.compliance(), "Failed");

    let open = scene.fields.clone().with("https_user", "").with("https_key", "").with("https_remove", "true");
    scene.browser().replace_configuration(&id, &open).await.unwrap();
    let view = scene.until_told(&id, "repositoryNotFound").await;
    assert_eq!(view.0["access"]["https_key"], false);
}

#[tokio::test]
async fn an_authority_of_its_own_is_trusted_for_one_configuration() {
    let options = GitServerOptions { tls: true, basic_auth: Some(("ada".into(), "token".into())) };
    let server = GitServer::start_with(options).await.unwrap();
    let mut scene = Scene::shared("authority").await;
    scene.repository = server.repository("manifests").await.unwrap();
    let url = scene.repository.url().to_owned();
    let scene = scene.with("repository_url", &url).with("https_user", "ada").with("https_key", "token");
    commit(&scene).await;
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryUnreachable").await;
    assert!(view.detail().contains("certificate"), "{}", view.detail());

    let trusting = scene.fields.clone().with("https_ca_certificate", server.ca_pem().unwrap());
    let trusting = trusting.with("https_user", "").with("https_key", "");
    scene.browser().replace_configuration(&id, &trusting).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();
}

/// S-D4
#[tokio::test]
async fn a_host_key_is_trusted_by_one_click_and_a_changed_one_stops_everything() {
    let mut server = SshGitServer::start().await.unwrap();
    let scene = over_ssh("trust", &server, false).await.with("ssh_key", "own");
    let key = server.private_key().to_owned();
    let scene = scene.with("ssh_private_key", &key);
    commit(&scene).await;
    let id = scene.add().await;
    let view = scene.until_told(&id, "repositoryHostKeyUnknown").await;
    assert_eq!(view.compliance(), "Failed");
    let trust = |view: &testbed::ConfigurationView| {
        view.state()["reason"]["fingerprint"].as_str().unwrap().to_owned()
    };
    let page = format!("/configurations/{id}");
    let wrong = [("id", id.as_str()), ("fingerprint", "SHA256:something-else")];
    let refused = scene.browser().post(&page, "trust_host_key", &wrong).await.unwrap();
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    let first = trust(&view);
    let fields = [("id", id.as_str()), ("fingerprint", first.as_str())];
    scene.browser().submit(&page, "trust_host_key", &fields).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();

    server.replace_host_key().await.unwrap();
    let view = scene.until_told(&id, "repositoryHostKeyChanged").await;
    assert_eq!(view.state()["reason"]["expected"], first);
    assert_eq!(scene.value("settings").await.as_deref(), Some("one"));
    let second = trust(&view);
    let fields = [("id", id.as_str()), ("fingerprint", second.as_str())];
    scene.browser().submit(&page, "trust_host_key", &fields).await.unwrap();
    scene.browser().until_installed(&id).await.unwrap();
    let known = scene.browser().configuration(&id).await.unwrap().0["draft"]["ssh_known_hosts"].clone();
    let known = STANDARD.decode(known.as_str().unwrap()).unwrap();
    assert_eq!(String::from_utf8(known).unwrap().lines().count(), 1, "the old key is no longer believed");
}

#[tokio::test]
async fn keys_and_credentials_that_do_not_fit_are_told_at_their_fields() {
    let scene = Scene::shared("unfit").await;
    let page = format!("/clusters/{}/gitops/new", scene.stage.cluster_id);
    let ssh = "git@127.0.0.1:x.git";
    for (url, field, value, words) in [
        (
            scene.repository.url(),
            "ssh_private_key",
            "-----BEGIN RSA PRIVATE KEY-----",
            "goes with an ssh URL",
        ),
        (ssh, "ssh_private_key", "ssh-ed25519 AAAA me@host", "in OpenSSH or PEM form"),
        (ssh, "ssh_known_hosts", "github.com", "Line 1 is no host key"),
        (ssh, "https_key", "canary-9", "go with an https URL"),
        (scene.repository.url(), "https_key", "canary-9", "Enter both the https user and the https key"),
        (scene.repository.url(), "https_ca_certificate", "x", "in PEM form"),
    ] {
        let fields =
            scene.fields.clone().with("repository_url", url).with("ssh_key", "own").with(field, value);
        let mut pairs = fields.pairs();
        pairs.push(("cluster", &scene.stage.cluster_id));
        let answer = scene.browser().post(&page, "create_configuration", &pairs).await.unwrap();
        assert!((400..500).contains(&answer.status), "{field}: {}", answer.status);
        assert!(answer.text().contains(words), "{words:?} is not in: {}", answer.text());
        let echoed =
            field != "ssh_known_hosts" && field != "https_ca_certificate" && answer.body.contains(value);
        assert!(!echoed, "{field} came back");
    }
}

/// S-G1, for the secrets of repositories: used, refused, wrong in the form, and afterwards found nowhere.
#[tokio::test]
async fn no_secret_of_a_repository_is_found_outside_of_its_ciphertext() {
    let stage = Box::leak(Box::new(crate::scene::Stage::start(&[("FAIRLEAD_LOG", "trace")]).await));
    let (user, token) = ("canary-user-1f0e", "canary-token-77c2/+=");
    let scene = stage.scene("canary").await.with("https_user", user).with("https_key", token);
    scene.repository.require_basic_auth(user, token).unwrap();
    commit(&scene).await;
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
    scene.repository.require_basic_auth(user, "other").unwrap();
    scene.browser().sync(&id).await.unwrap();
    let server = SshGitServer::start().await.unwrap();
    let key = server.private_key().lines().nth(2).unwrap().to_owned();
    let mut over = stage.scene("canary").await;
    over.repository = server.repository("manifests").await.unwrap();
    let url = over.repository.url().to_owned();
    let over = over
        .with("repository_url", &url)
        .with("ssh_key", "own")
        .with("ssh_known_hosts", &server.known_hosts());
    let over = over.with("ssh_private_key", server.private_key());
    commit(&over).await;
    let second = over.add().await;
    over.browser().until_installed(&second).await.unwrap();
    let mut pages = Vec::new();
    let fields = over.fields.clone().with("name", "Not A Name").with("https_key", token);
    let mut wrong = fields.pairs();
    wrong.push(("cluster", &stage.cluster_id));
    let page = format!("/clusters/{}/gitops/new", stage.cluster_id);
    pages.push(stage.browser.post(&page, "create_configuration", &wrong).await.unwrap().body);
    pages.push(stage.browser.call("create_configuration", &wrong).await.unwrap().body);
    for id in [&id, &second] {
        for tab in ["", "?tab=settings", "?tab=history", "?tab=changes"] {
            pages.push(stage.browser.get(&format!("/configurations/{id}{tab}")).await.unwrap().body);
        }
        pages.push(stage.browser.configuration(id).await.unwrap().0.to_string());
    }
    let mut places: Vec<(String, Vec<u8>)> = vec![("the log".to_owned(), stage.portal.log().into_bytes())];
    places.extend(
        pages.into_iter().enumerate().map(|(index, page)| (format!("page {index}"), page.into_bytes())),
    );
    read_all(stage.portal.data(), &mut |path, content| places.push((path.display().to_string(), content)));
    let canaries = [Canary::new("user", user), Canary::new("token", token), Canary::new("key", key.as_str())];
    let net = Net::of(&canaries);
    for (place, content) in &places {
        let found = net.caught(content);
        assert!(found.is_empty(), "in {place}: {found:?}");
    }
}
