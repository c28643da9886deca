//! URLs and branches that would be options or commands somewhere. Nothing may be started for them.

use std::path::Path;

use child::Launcher;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl};
use engine::port::source::SourceRequest;

use crate::{Fixture, reason, request};

/// A source that cannot start anything: an attempt would be an internal error and not the refusal.
fn without_programs() -> Fixture {
    Fixture::with(|settings| settings.launcher = Launcher::new(Path::new("/nowhere/fairlead")))
}

#[tokio::test]
async fn urls_of_other_kinds_of_access_are_refused_before_anything_starts() {
    let fixture = without_programs();
    for url in [
        "ssh://git@host.example/x.git",
        "git@host.example:x.git",
        "git://host.example/x.git",
        "https://user@host.example/x.git",
        "http://user@host.example/x.git",
    ] {
        assert_eq!(
            reason(fixture.resolve(&request(url)).await),
            Reason::RepositoryAccessUnavailable,
            "{url}"
        );
        let opened = fixture.open(&request(url), &"1".repeat(40)).await;
        assert_eq!(reason(opened), Reason::RepositoryAccessUnavailable, "{url}");
    }
}

#[tokio::test]
async fn urls_that_are_options_or_commands_are_no_urls() {
    let long = format!("https://host.example/{}", "x".repeat(10_000));
    let fixture = without_programs();
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
        let Ok(parsed) = RepositoryUrl::parse(url) else { continue };
        // Well formed, but not ours to read: the source has the last word.
        let asked = SourceRequest { url: parsed, ..request("https://host.example/x") };
        assert_eq!(reason(fixture.resolve(&asked).await), Reason::RepositoryAccessUnavailable, "{url:?}");
    }
}

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
