//! A webhook as strangers send it: any headers, any body. Nothing proves an empty secret, what names our own branch and
//! repository is never taken for another one, and whatever is in a body, reading it comes to an end.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use inbound::webhook::{Credential, Hint, Watched, hint};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use serde_json::json;

const URL: &str = "https://git.example.com/team/app.git";
const WATCHED: Watched<'_> = Watched { repository: URL, branch: "main" };

/// What is looked at, and what is not.
const NAMES: [&str; 8] = [
    "x-hub-signature-256",
    "x-hub-signature",
    "x-gitea-signature",
    "x-gitlab-token",
    "authorization",
    "x-signature",
    "x-gogs-signature",
    "cookie",
];

static EMPTY: LazyLock<SecretString> = LazyLock::new(|| SecretString::from(""));
/// None that an input has.
static SECRET: LazyLock<SecretString> = LazyLock::new(|| SecretString::from(URL.repeat(3)));

fuzz_target!(|input: (Vec<(u8, &str)>, &str, &[u8])| {
    let (pairs, named, body) = input;
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_static(NAMES[usize::from(name) % NAMES.len()]);
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    }
    if let Ok(credential) = Credential::read(&headers) {
        assert!(!credential.proves(&EMPTY, body), "an empty secret is proved by {headers:?}");
        assert!(!credential.proves(&SECRET, body), "a secret is proved by {headers:?}");
    }
    hint(body, WATCHED);
    let ours = json!({ "ref": "refs/heads/main", "repository": { "clone_url": URL, "url": named } });
    assert_eq!(hint(ours.to_string().as_bytes(), WATCHED), Hint::Look);
    let other = json!({ "ref": "refs/heads/main", "repository": { "clone_url": named } });
    assert_ne!(hint(other.to_string().as_bytes(), WATCHED), Hint::OtherBranch, "{named:?}");
    let other = json!({ "ref": format!("refs/heads/{named}"), "repository": URL });
    let expected = if named == WATCHED.branch { Hint::Look } else { Hint::OtherBranch };
    assert_eq!(hint(other.to_string().as_bytes(), WATCHED), expected, "{named:?}");
});
