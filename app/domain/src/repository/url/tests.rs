use proptest::prelude::*;

use super::*;

fn rule(text: &str) -> Rule {
    RepositoryUrl::parse(text).expect_err(text)
}

fn url(text: &str) -> RepositoryUrl {
    RepositoryUrl::parse(text).expect(text)
}

#[test]
fn the_five_forms_are_taken_apart() {
    let parts = |text| {
        let url = url(text);
        let user = url.user().unwrap_or("-").to_owned();
        format!("{:?} {user} {} {} {}", url.transport(), url.host(), url.port(), url.path())
    };
    assert_eq!(parts("https://github.com/Azure/arc-k8s-demo"), "Https - github.com 443 /Azure/arc-k8s-demo");
    assert_eq!(parts("http://127.0.0.1:8080/demo.git"), "Http - 127.0.0.1 8080 /demo.git");
    assert_eq!(parts("ssh://git@Host.example:2222/a/b.git"), "Ssh git host.example 2222 /a/b.git");
    assert_eq!(
        parts("git@github.com:Azure/arc-k8s-demo.git"),
        "Ssh git github.com 22 Azure/arc-k8s-demo.git"
    );
    assert_eq!(parts("git://github.com/Azure/arc-k8s-demo"), "Git - github.com 9418 /Azure/arc-k8s-demo");
    assert_eq!(
        parts("https://org@dev.azure.com/org/a%20b/_git/c"),
        "Https org dev.azure.com 443 /org/a%20b/_git/c"
    );
    assert_eq!(parts("  HTTPS://[::1]:8443/x  "), "Https - ::1 8443 /x");
    assert_eq!(parts("https://xn--bcher-kva.example/x"), "Https - xn--bcher-kva.example 443 /x");
}

#[test]
fn what_would_run_a_program_or_read_a_file_is_refused() {
    let scheme = |scheme: &str| Rule::RepositoryUrlScheme { scheme: scheme.to_owned() };
    assert_eq!(rule("ext::sh -c 'touch /tmp/pwn'"), scheme("ext"));
    assert_eq!(rule("fd::17"), scheme("fd"));
    assert_eq!(rule("file:///etc"), scheme("file"));
    assert_eq!(rule("FILE:///etc"), scheme("file"));
    assert_eq!(rule("file:/etc"), scheme("file"));
    assert_eq!(rule("git+ssh://git@host/x"), scheme("git+ssh"));
    assert_eq!(rule("ftp://host/x"), scheme("ftp"));
    assert_eq!(rule("rsync://host/x"), scheme("rsync"));
    assert_eq!(rule("javascript:alert(1)"), scheme("javascript"));
    assert_eq!(rule("--upload-pack=touch /tmp/pwn"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("ssh://-oProxyCommand=touch%20x/x"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("ssh://-oProxyCommand=x@host/x"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("ssh://%2doProxyCommand=x@host/x"), Rule::RepositoryUrlShape);
    assert_eq!(rule("ssh://%2dx@host/x"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("git@-oProxyCommand=x:x"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("-oProxyCommand=x@host:x"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("git@host:-x"), Rule::RepositoryUrlHyphen);
    assert_eq!(rule("ssh://git@host/-x"), Rule::RepositoryUrlHyphen);
}

#[test]
fn what_is_no_url_of_a_repository_is_refused() {
    for bad in [
        "/etc",
        "etc",
        "../x",
        ".",
        "host/path",
        "github.com:org/repo",
        "https://host",
        "https://host/",
        "https:///x",
        "https://host:/x",
        "https://host:0/x",
        "https://host:65536/x",
        "https://host:+1/x",
        "https://host:1x/x",
        "https://@host/x",
        "https://a@b@host/x",
        r"https://host\@other/x",
        "https://host/a b",
        "https://host/x?y=z",
        "https://host/x#y",
        "https://host/%zz",
        "https://host/a/../b",
        "https://host/%2e%2e/b",
        "https://host/ä",
        "git@host:",
        "git@host:/",
        "git@host",
        "@host:x",
        "git@host:../x",
        "git@host:a b",
        "://host/x",
        "a b://host/x",
        "https://?/x",
        "https://[::1/x",
        "git@ho/st:x",
        "https://host/x^{y}",
    ] {
        let rule = rule(bad);
        assert!(matches!(rule, Rule::RepositoryUrlShape | Rule::RepositoryUrlHost), "{bad}: {rule:?}");
    }
}

#[test]
fn a_password_inside_is_refused() {
    for bad in [
        "https://user:pw@host/",
        "https://user:pw@host/x",
        "https://user:@host/x",
        "https://:pw@host/x",
        "ssh://git:pw@host/x",
        "https://user%3apw@host/x",
        "user:pw@host:x",
    ] {
        assert_eq!(rule(bad), Rule::RepositoryUrlPassword, "{bad}");
    }
}

#[test]
fn a_host_is_plain_ascii_and_one_thing_for_every_resolver() {
    for bad in [
        "https://gıthub.com/x",
        "https://github\u{2024}com/x",
        "https://github.com\u{200b}/x",
        "git@gitһub.com:x",
        "https://git%68ub.com/x",
        "https://github.com./x",
        "https://a..b/x",
        "https://a-.b/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://127.1/x",
        "https://0177.0.0.1/x",
        "https://[::1%25eth0]/x",
        "https://a!b/x",
    ] {
        assert_eq!(rule(bad), Rule::RepositoryUrlHost, "{bad}");
    }
}

#[test]
fn control_characters_and_excess_are_refused() {
    for bad in [
        "https://host/a\r\nb",
        "https://host/a\tb",
        "https://host/a\0b",
        "https://ho\nst/a",
        "https://host/a%00b",
        "git@host:a\u{7f}",
    ] {
        assert_eq!(rule(bad), Rule::ControlCharacter, "{bad:?}");
    }
    assert_eq!(rule(&format!("https://host/{}", "a".repeat(10_000))), Rule::TooLong { max: 2048 });
    assert_eq!(rule("  "), Rule::Required);
}

#[test]
fn one_repository_has_one_normalised_url() {
    let normalised = |text| url(text).normalised();
    assert_eq!(normalised("HTTPS://GitHub.com:443/Azure/Demo.git/"), "https://github.com/Azure/Demo.git/");
    assert_eq!(normalised("https://host:8443/x"), "https://host:8443/x");
    assert_eq!(normalised("https://[0:0::1]/x"), "https://[::1]/x");
    assert_eq!(normalised("git@GitHub.com:a/b"), "git@github.com:a/b");
    assert_eq!(normalised("git@GitHub.com:/a/b"), normalised("SSH://git@github.com:22/a/b"));
    assert_eq!(normalised("https://%61da@host/x"), "https://ada@host/x");
}

#[test]
fn the_safe_url_is_the_one_flux_puts_into_its_mark() {
    for (text, safe) in [
        ("https://github.com/Azure/arc-k8s-demo", "https://github.com/Azure/arc-k8s-demo"),
        ("HTTPS://GitHub.com:443/A/b.git/", "https://GitHub.com:443/A/b.git/"),
        ("git@github.com:Azure/demo.git", "ssh://git@github.com/Azure/demo.git"),
        ("git@github.com:/Azure/demo.git", "ssh://git@github.com/Azure/demo.git"),
        ("git@github.com:a%20b/c!", "ssh://git@github.com/a%2520b/c%21"),
        ("ssh://git@host:2222/a", "ssh://git@host:2222/a"),
        ("https://org%40corp@host/a%20b", "https://org%40corp@host/a%20b"),
        ("git://host/a", "git://host/a"),
    ] {
        assert_eq!(url(text).safe_url(), safe, "{text}");
    }
}

#[test]
fn only_http_without_a_user_is_public() {
    assert!(url("https://host/x").is_public_http());
    assert!(url("http://host/x").is_public_http());
    for private in ["https://org@host/x", "ssh://git@host/x", "git@host:x", "git://host/x"] {
        assert!(!url(private).is_public_http(), "{private}");
    }
}

#[test]
fn a_url_read_back_from_storage_is_checked_again() {
    assert_eq!(serde_json::to_string(&url("git@host:x")).ok().as_deref(), Some(r#""git@host:x""#));
    assert!(serde_json::from_str::<RepositoryUrl>(r#""git@host:x""#).is_ok());
    assert!(serde_json::from_str::<RepositoryUrl>(r#""ext::sh""#).is_err());
}

proptest! {
    #[test]
    fn a_normalised_url_is_valid_and_stays_as_it_is(
        prefix in "(https|HTTP|ssh|git)://([a-z%41]{1,4}@)?",
        host in r"([A-Za-z][a-z0-9-]{0,5}[a-z]\.)?[A-Za-z]{1,5}|10\.0\.0\.1|\[::1\]",
        port in "(:(443|80|22|9418|1234))?",
        path in "/[a-zA-Z0-9._~%20/]{1,20}",
    ) {
        if let Ok(first) = RepositoryUrl::parse(&format!("{prefix}{host}{port}{path}")) {
            let second = RepositoryUrl::parse(&first.normalised());
            prop_assert_eq!(second.as_ref().map(RepositoryUrl::normalised), Ok(first.normalised()));
            prop_assert_eq!(second.map(|second| (second.port(), second.transport())), Ok((first.port(), first.transport())));
        }
    }

    #[test]
    fn nothing_accepted_could_be_taken_for_an_option_or_a_second_argument(text in r"[-a-z@:/%.\\ 'x0\[\]\n]{0,24}") {
        if let Ok(url) = RepositoryUrl::parse(&text) {
            prop_assert!(!url.as_str().starts_with('-'));
            prop_assert!(!url.host().starts_with('-'));
            prop_assert!(!url.path().starts_with('-'));
            prop_assert!(!url.user().is_some_and(|user| user.starts_with('-')));
            prop_assert!(!url.as_str().contains(|character: char| character.is_whitespace() || character.is_control()));
        }
    }
}
