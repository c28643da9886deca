//! What no source of ours may do, whoever writes it.

use std::path::PathBuf;

use serde_json::json;
use testbed::{FaultProxy, GitServer, GitServerOptions, Portal, PortalOptions};

use super::index::root;

/// Every Rust source of the program.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("app"), root().join("server")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 300, "{} sources", found.len());
    found
}

#[test]
fn s_c5_no_client_is_made_from_files_or_the_environment_of_the_server() {
    let lints = std::fs::read_to_string(root().join("clippy.toml")).unwrap();
    for method in [
        "kube::Client::try_default",
        "kube::Config::infer",
        "kube::Config::from_kubeconfig",
        "kube::config::Kubeconfig::read",
        "kube::config::Kubeconfig::read_from",
    ] {
        assert!(lints.contains(&format!("path = \"{method}\"")), "{method} is not in clippy.toml");
    }
    // The lint holds unless somebody switches it off: that is done in one place, for the clock.
    let allowed: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| !path.ends_with("gates.rs") && text.contains("clippy::disallowed_methods"))
        .map(|(path, _)| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert_eq!(allowed, ["server/src/clock.rs"]);
}

#[test]
fn s_o4_no_source_of_the_program_takes_a_certificate_that_nobody_vouches_for() {
    let words = [
        "danger_accept_invalid",
        "accept_invalid_certs",
        ".dangerous()",
        "sslVerify=false",
        "GIT_SSL_NO_VERIFY",
    ];
    let found: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("gates.rs"))
        .flat_map(|(path, text)| {
            let found = words.into_iter().filter(|word| text.contains(word)).collect::<Vec<_>>();
            found.into_iter().map(move |word| format!("{}: {word}", path.display()))
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Git hosts and clusters are met in the tests of their crates.
#[tokio::test]
async fn s_o4_a_provider_behind_a_certificate_of_an_unknown_authority_is_asked_nothing() {
    let options = GitServerOptions { tls: true, basic_auth: None };
    let there = GitServer::start_with(options).await.unwrap();
    let between = FaultProxy::to(there.url(), there.ca_pem()).unwrap();
    let setting = json!([{
        "name": "between", "title": "Between", "issuer": between.url(), "client_id": "fairlead", "client_secret": "x".repeat(32),
    }]);
    let environment = vec![("FAIRLEAD_OIDC".to_owned(), setting.to_string())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let answer = portal.visitor().unwrap().get("/sign-in/between").await.unwrap();
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(between.requests().is_empty(), "{:?}", between.requests());
}
