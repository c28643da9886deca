//! URLs and branches that would be options or commands somewhere: none of them is a URL or a branch.

use std::path::Path;

use child::Launcher;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl};

use crate::{Fixture, request};

/// S-D1
#[test]
fn urls_that_are_options_or_commands_are_no_urls() {
    let long = format!("https://host.example/{}", "x".repeat(10_000));
    for url in [
        "ext::sh -c 'touch /tmp/pwn'",
        "--upload-pack=touch /tmp/pwn",
        "ssh://-oProxyCommand=touch%20x/x",
        "ssh://-oProxyCommand=x@host/x",
        "-oProxyCommand=x@host:x",
        "git@-oProxyCommand=x:x",
        "file:///etc",
        "/etc",
        "fd::17",
        "https://host.example/a\r\nb",
        "https://host.example/a\tb",
        "https://host.example/a\0b",
        "https://-host.example/x",
        "https://user:password@host.example/x",
        "https://host.example/-x",
        "https://host.example/x?service=y",
        "https://host.example/x#y",
        "https://hоst.example/x",
        "http://0x7f.1/x",
        "http://2130706433/x",
        &long,
    ] {
        assert!(RepositoryUrl::parse(url).is_err(), "{url:?}");
    }
}

// S-D2
#[test]
fn branches_that_are_options_or_expressions_are_no_branches() {
    for branch in
        ["--upload-pack=x", "-x", "refs/heads/../../x", "HEAD^{/x}", "a b", "@{-1}", "a\0b", "a:b", "a*", "@"]
    {
        assert!(Branch::parse(branch).is_err(), "{branch:?}");
    }
}

#[tokio::test]
async fn a_source_without_a_launcher_says_so_only_in_the_log() {
    let fixture = Fixture::with(|settings| settings.launcher = Launcher::new(Path::new("/nowhere/fairlead")));
    let error = fixture.resolve(&request("http://127.0.0.1:9/x.git")).await.unwrap_err();
    let Reason::Internal { id } = error.reason else { panic!("{error}") };
    assert_eq!((id.len(), error.detail), (12, None));
    assert!(
        fixture
            .source
            .check()
            .await
            .unwrap_err()
            .to_string()
            .starts_with("git cannot be used: git could not be")
    );
}
