//! Git servers answer real git, over each way.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Output;

use testbed::{GitServer, GitServerOptions, SshGitServer};
use tokio::process::Command;

/// Runs git as a person would, with nothing but the given settings.
async fn git(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .envs(variables.iter().copied())
        .args(["-c", "user.name=Person", "-c", "user.email=person@example.com"])
        .args(arguments)
        .output()
        .await
        .unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[track_caller]
fn failed(output: &Output) -> String {
    assert!(!output.status.success(), "git succeeded");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_clone_over_http_has_what_was_committed() {
    let repository = GitServer::shared().await.unwrap().repository("team/app").await.unwrap();
    let first = repository.commit_sample().await.unwrap();
    let second = repository
        .change()
        .write("a \"strange\"\\name\nwith two lines.txt", "x")
        .write_executable("run.sh", "#!/bin/sh\n")
        .symlink("link.yaml", "team-a/endpoints.yaml")
        .submodule("module", &first)
        .remove("namespaces/itops.yaml")
        .author("Someone Else <else@example.com>")
        .commit("Change many things")
        .await
        .unwrap();

    let folder = tempfile::tempdir().unwrap();
    succeeded(&git(folder.path(), &[], &["clone", "--quiet", repository.url(), "clone"]).await);
    let clone = folder.path().join("clone");
    assert_eq!(
        succeeded(&git(&clone, &[], &["rev-parse", "HEAD", "HEAD^"]).await),
        format!("{second}\n{first}")
    );
    assert_eq!(
        succeeded(&git(&clone, &[], &["log", "-1", "--format=%an|%s"]).await),
        "Someone Else|Change many things"
    );
    assert_eq!(std::fs::read_to_string(clone.join("a \"strange\"\\name\nwith two lines.txt")).unwrap(), "x");
    assert_eq!(std::fs::read_link(clone.join("link.yaml")).unwrap(), Path::new("team-a/endpoints.yaml"));
    let tree = succeeded(&git(&clone, &[], &["ls-tree", "HEAD", "run.sh", "module"]).await);
    assert!(tree.contains("100755 blob") && tree.contains(&format!("160000 commit {first}")), "{tree}");
    assert!(!clone.join("namespaces/itops.yaml").exists());
    assert_eq!(repository.read("HEAD", "run.sh").await.unwrap(), "#!/bin/sh");
}

#[tokio::test]
async fn a_list_of_references_is_told_from_a_fetch() {
    let repository = GitServer::shared().await.unwrap().repository("app").await.unwrap();
    repository.commit(&[("a.yaml", "a: 1")], "One").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for version in ["protocol.version=2", "protocol.version=0"] {
        let before = repository.requests().unwrap();
        succeeded(&git(folder.path(), &[], &["-c", version, "ls-remote", repository.url()]).await);
        let listed = repository.requests().unwrap();
        assert_eq!(
            (listed.discoveries, listed.fetches),
            (before.discoveries + 1, before.fetches),
            "{version}"
        );
        succeeded(
            &git(folder.path(), &[], &["-c", version, "clone", "--bare", repository.url(), version]).await,
        );
        let fetched = repository.requests().unwrap();
        assert_eq!(
            (fetched.discoveries, fetched.fetches),
            (listed.discoveries + 1, listed.fetches + 1),
            "{version}"
        );
    }
}

#[tokio::test]
async fn branches_come_go_and_are_rewritten() {
    let repository = GitServer::shared().await.unwrap().repository("branches").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let heads =
        async || succeeded(&git(folder.path(), &[], &["ls-remote", "--heads", repository.url()]).await);
    assert_eq!(heads().await, "", "a new repository is empty");

    let first = repository.commit(&[("a.yaml", "a: 1")], "One").await.unwrap();
    let second = repository.commit(&[("a.yaml", "a: 2")], "Two").await.unwrap();
    repository.create_branch("release", &first).await.unwrap();
    assert_eq!(heads().await, format!("{second}\trefs/heads/main\n{first}\trefs/heads/release"));

    let rewritten = repository.change().onto(&first).write("b.yaml", "b: 1").commit("Other").await.unwrap();
    let anew = repository
        .change()
        .branch("release")
        .without_history()
        .write("c.yaml", "c: 1")
        .commit("Anew")
        .await
        .unwrap();
    assert_eq!(heads().await, format!("{rewritten}\trefs/heads/main\n{anew}\trefs/heads/release"));
    repository.revision(&format!("{anew}^")).await.unwrap_err();

    repository.delete_branch("main").await.unwrap();
    assert_eq!(heads().await, format!("{anew}\trefs/heads/release"));
    repository.delete_branch("main").await.unwrap_err();
}

#[tokio::test]
async fn https_asks_for_its_authority_and_for_credentials() {
    let server = GitServer::start_with(GitServerOptions {
        tls: true,
        basic_auth: Some(("robot".into(), "p:ss w0rd".into())),
    })
    .await
    .unwrap();
    let repository = server.repository_named("team/app").await.unwrap();
    let commit = repository.commit_sample().await.unwrap();
    assert_eq!(repository.url(), format!("{}/team/app.git", server.url()));
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, server.ca_pem().unwrap()).unwrap();
    let trust = [("GIT_SSL_CAINFO", authority.to_str().unwrap())];

    let untrusted = failed(&git(folder.path(), &[], &["ls-remote", repository.url()]).await);
    assert!(untrusted.contains("certificate"), "{untrusted}");
    let anonymous = failed(&git(folder.path(), &trust, &["ls-remote", repository.url()]).await);
    assert!(anonymous.contains("could not read Username"), "{anonymous}");
    let with = |password: &str| repository.url().replace("https://", &format!("https://robot:{password}@"));
    let wrong = failed(&git(folder.path(), &trust, &["ls-remote", &with("wrong")]).await);
    assert!(wrong.contains("Authentication failed"), "{wrong}");
    let listed = succeeded(&git(folder.path(), &trust, &["ls-remote", &with("p%3Ass%20w0rd"), "main"]).await);
    assert_eq!(listed, format!("{commit}\trefs/heads/main"));
    assert!(repository.requests().unwrap().refused >= 2);
}

#[tokio::test]
async fn a_repository_may_ask_for_credentials_of_its_own_and_revoke_them() {
    let repository = GitServer::shared().await.unwrap().repository("private").await.unwrap();
    repository.commit(&[("a.yaml", "a: 1")], "One").await.unwrap();
    repository.require_basic_auth("robot", "first").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = repository.url().replace("http://", "http://robot:first@");
    succeeded(&git(folder.path(), &[], &["ls-remote", &url]).await);
    repository.require_basic_auth("robot", "second").unwrap();
    failed(&git(folder.path(), &[], &["ls-remote", &url]).await);
    repository.allow_anonymous().unwrap();
    succeeded(&git(folder.path(), &[], &["ls-remote", repository.url()]).await);
}

#[tokio::test]
async fn a_repository_can_answer_as_a_broken_server_does() {
    let repository = GitServer::shared().await.unwrap().repository("broken").await.unwrap();
    repository.commit(&[("a.yaml", "a: 1")], "One").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    repository.answer_with(http::StatusCode::SERVICE_UNAVAILABLE).unwrap();
    let down = failed(&git(folder.path(), &[], &["ls-remote", repository.url()]).await);
    assert!(down.contains("503"), "{down}");
    repository.answer_with(http::StatusCode::OK).unwrap();
    let wall = failed(&git(folder.path(), &[], &["ls-remote", repository.url()]).await);
    assert!(wall.contains("not valid"), "{wall}");
    repository.answer_normally().unwrap();
    succeeded(&git(folder.path(), &[], &["ls-remote", repository.url()]).await);
    repository.delete().unwrap();
    let gone = failed(&git(folder.path(), &[], &["ls-remote", repository.url()]).await);
    assert!(gone.contains("not found"), "{gone}");
}

#[tokio::test]
async fn a_push_arrives() {
    let repository = GitServer::shared().await.unwrap().repository("pushed").await.unwrap();
    repository.commit(&[("a.yaml", "a: 1")], "One").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    succeeded(&git(folder.path(), &[], &["clone", "--quiet", repository.url(), "clone"]).await);
    let clone = folder.path().join("clone");
    std::fs::write(clone.join("a.yaml"), "a: 2").unwrap();
    succeeded(&git(&clone, &[], &["commit", "--quiet", "--all", "--message", "Two"]).await);
    succeeded(&git(&clone, &[], &["push", "--quiet"]).await);
    assert_eq!(repository.read("main", "a.yaml").await.unwrap(), "a: 2");
    assert_eq!(repository.requests().unwrap().pushes, 1);
}

/// ssh with the key and the known hosts of a server.
fn ssh_command(folder: &Path, server: &SshGitServer) -> String {
    use std::os::unix::fs::PermissionsExt;
    let key = folder.join("key");
    let known_hosts = folder.join("known_hosts");
    std::fs::write(&key, server.private_key()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&known_hosts, server.known_hosts()).unwrap();
    format!(
        "ssh -F none -i {} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={}",
        key.display(),
        known_hosts.display()
    )
}

#[tokio::test]
async fn a_clone_over_ssh_needs_the_key_and_knows_the_host() {
    let server = SshGitServer::start().await.unwrap();
    let repository = server.repository("team/app").await.unwrap();
    let commit = repository.commit_sample().await.unwrap();
    assert_eq!(repository.url(), server.url_of(&repository));
    let folder = tempfile::tempdir().unwrap();
    let ssh = ssh_command(folder.path(), &server);
    let variables = [("GIT_SSH_COMMAND", ssh.as_str())];
    succeeded(&git(folder.path(), &variables, &["clone", "--quiet", repository.url(), "clone"]).await);
    assert_eq!(succeeded(&git(&folder.path().join("clone"), &[], &["rev-parse", "HEAD"]).await), commit);

    let outside = repository.url().replace("/team/", "/../team/");
    let refused = failed(&git(folder.path(), &variables, &["ls-remote", &outside]).await);
    assert!(refused.contains("not allowed"), "{refused}");
    server.authorize(&[]).unwrap();
    let revoked = failed(&git(folder.path(), &variables, &["ls-remote", repository.url()]).await);
    assert!(revoked.contains("Permission denied"), "{revoked}");
}

#[tokio::test]
async fn ssh_gives_out_the_repositories_of_an_http_server() {
    let http = GitServer::start().await.unwrap();
    let repository = http.repository("both").await.unwrap();
    let commit = repository.commit(&[("a.yaml", "a: 1")], "One").await.unwrap();
    let server = http.over_ssh().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ssh = ssh_command(folder.path(), &server);
    let url = server.url_of(&repository);
    let listed = git(folder.path(), &[("GIT_SSH_COMMAND", &ssh)], &["ls-remote", &url, "main"]).await;
    assert_eq!(succeeded(&listed), format!("{commit}\trefs/heads/main"));
}
