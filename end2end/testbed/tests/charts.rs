//! Chart repositories and registries answer the real helm 3 and helm 4, with and without credentials.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Output;

use testbed::{
    ChartAnswer, ChartFiles, ChartRegistry, ChartRegistryOptions, ChartRepository, ChartRepositoryOptions,
    RegistryAccess, helm,
};
use tokio::process::Command;

/// Runs helm as a person would, with a home of its own.
async fn run(major: u32, home: &Path, arguments: &[&str]) -> Output {
    Command::new(helm(major).unwrap())
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .output()
        .await
        .unwrap()
}

#[track_caller]
fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn person() -> (String, String) {
    ("ada".to_owned(), "a word".to_owned())
}

#[tokio::test]
async fn helm_pulls_from_a_repository_what_was_added() {
    let repository = ChartRepository::start().await.unwrap();
    assert_eq!(repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap(), "web-1.0.0.tgz");
    let later = ChartFiles::named("web", "1.1.0").file("values.yaml", "greeting: good day\n");
    repository.add(&later).await.unwrap();
    for major in [3, 4] {
        let home = tempfile::tempdir().unwrap();
        let pull = ["pull", "web", "--version", "^1", "--untar", "--repo", repository.url()];
        succeeded(&run(major, home.path(), &pull).await);
        let values = std::fs::read_to_string(home.path().join("web/values.yaml")).unwrap();
        assert_eq!(values, "greeting: good day\n", "helm {major}");
    }
    assert_eq!(repository.requests_for("web-1.1.0.tgz"), 2);
    repository.serve_index("entries: [");
    let home = tempfile::tempdir().unwrap();
    assert!(!run(4, home.path(), &["pull", "web", "--repo", repository.url()]).await.status.success());
    repository.answer_normally("index.yaml");
    succeeded(&run(4, home.path(), &["pull", "web", "--repo", repository.url()]).await);
    repository.answer("web-1.1.0.tgz", ChartAnswer { status: 404, location: None, body: String::new() });
    assert!(!run(4, home.path(), &["pull", "web", "--repo", repository.url()]).await.status.success());
}

#[tokio::test]
async fn a_repository_with_tls_and_a_credential_lets_in_whoever_has_both() {
    let options = ChartRepositoryOptions { tls: true, basic_auth: Some(person()) };
    let repository = ChartRepository::start_with(options).await.unwrap();
    repository.add(&ChartFiles::named("web", "1.0.0")).await.unwrap();
    for major in [3, 4] {
        let home = tempfile::tempdir().unwrap();
        let authority = home.path().join("authority.pem");
        std::fs::write(&authority, repository.ca_pem().unwrap()).unwrap();
        let authority = authority.to_str().unwrap();
        let pull = |word: &'static str| {
            let (home, repository) = (home.path(), &repository);
            async move {
                let base = ["pull", "web", "--repo", repository.url(), "--ca-file", authority];
                let credential = ["--username", "ada", "--password", word];
                run(major, home, &[&base[..], &credential[..]].concat()).await
            }
        };
        assert!(!pull("another").await.status.success(), "helm {major}");
        succeeded(&pull("a word").await);
        let without =
            ["pull", "web", "--repo", repository.url(), "--username", "ada", "--password", "a word"];
        assert!(!run(major, home.path(), &without).await.status.success(), "helm {major}");
    }
}

#[tokio::test]
async fn helm_pulls_from_a_registry_what_was_pushed() {
    let accesses = [
        (false, RegistryAccess::Anyone),
        (false, RegistryAccess::Basic("ada".into(), "a word".into())),
        (true, RegistryAccess::Basic("ada".into(), "a word".into())),
        (false, RegistryAccess::Token("ada".into(), "a word".into())),
    ];
    for (tls, access) in accesses {
        let asks = !matches!(access, RegistryAccess::Anyone);
        let registry = ChartRegistry::start_with(ChartRegistryOptions { tls, access }).await.unwrap();
        registry.push("team", &ChartFiles::named("web", "1.0.0+build.1")).await.unwrap();
        // Helm 3 speaks without TLS to every registry on the loopback interface, whatever it is told.
        for major in if tls { &[4][..] } else { &[3, 4] } {
            let (major, home) = (*major, tempfile::tempdir().unwrap());
            let url = registry.url("team/web");
            let options = registry.helm_arguments();
            let pull = |options: Vec<String>| {
                let (home, url) = (home.path(), url.clone());
                async move {
                    let base = ["pull", &url, "--version", "1.0.0+build.1", "--untar"].map(str::to_owned);
                    let arguments = [&base[..], &options].concat();
                    run(major, home, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
                }
            };
            if asks {
                let mut wrong = options.clone();
                let login = registry.wrong_login().unwrap();
                *wrong.last_mut().unwrap() = login.display().to_string();
                assert!(!pull(wrong).await.status.success(), "helm {major}");
            }
            succeeded(&pull(options).await);
            assert!(home.path().join("web/Chart.yaml").is_file());
        }
        assert!(registry.requests("GET /v2/team/web/manifests/").unwrap() >= 1);
    }
}
