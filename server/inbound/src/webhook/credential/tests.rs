use http::{HeaderName, HeaderValue};

use super::*;

const SECRET: &str = "R2l2ZSBtZSBhIHNlY3JldCBvZiAyNTYgYml0cyE";
const BODY: &[u8] = br#"{"ref":"refs/heads/main"}"#;

fn digits(secret: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

fn right() -> String {
    digits(SECRET, BODY)
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes()))
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (
            name.parse::<HeaderName>().expect("a name"),
            HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        )
    };
    let mut headers = HeaderMap::new();
    for (name, value) in pairs.iter().map(pair) {
        headers.append(name, value);
    }
    headers
}

/// Whether these headers prove the body.
fn taken(pairs: &[(&str, &str)]) -> bool {
    Credential::read(&headers(pairs))
        .is_ok_and(|credential| credential.proves(&SecretString::from(SECRET), BODY))
}

#[test]
fn each_host_is_taken_by_its_own_header() {
    let right = right();
    let prefixed = format!("sha256={right}");
    for pair in [
        ("X-Hub-Signature-256", prefixed.as_str()),
        ("X-Gitea-Signature", &right),
        ("X-Hub-Signature", &prefixed),
        ("X-Gitlab-Token", SECRET),
        ("Authorization", &basic("anybody", SECRET)),
        ("Authorization", &basic("", SECRET).replace("Basic", "basic")),
        ("X-Signature", &prefixed),
    ] {
        assert!(taken(&[pair]), "{pair:?}");
    }
}

#[test]
fn a_signature_is_the_hmac_that_others_compute() {
    // RFC 4231, test case 2
    let mut signature = [0_u8; SIGNATURE];
    let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    signature.copy_from_slice(&HEXLOWER.decode(known.as_bytes()).expect("digits"));
    let credential = Credential::Signature(signature);
    assert!(credential.proves(&SecretString::from("Jefe"), b"what do ya want for nothing?"));
}

// S-L1
#[test]
fn no_wrong_missing_or_weaker_credential_is_taken() {
    let right = right();
    let prefixed = format!("sha256={right}");
    let other_body = format!("sha256={}", digits(SECRET, b"{}"));
    let other_secret = format!("sha256={}", digits("another", BODY));
    let upper = format!("sha256={}", right.to_uppercase());
    let sha1 = format!("sha1={}", &right[..40]);
    let none: [(&str, &str); 0] = [];
    assert!(!taken(&none));
    for pair in [
        ("X-Hub-Signature-256", ""),
        ("X-Hub-Signature-256", "sha256="),
        ("X-Hub-Signature-256", right.as_str()),
        ("X-Hub-Signature-256", &other_body),
        ("X-Hub-Signature-256", &other_secret),
        ("X-Hub-Signature-256", &upper),
        ("X-Hub-Signature-256", &prefixed[..prefixed.len() - 2]),
        ("X-Hub-Signature-256", &format!("{prefixed}00")),
        ("X-Hub-Signature-256", &format!(" {prefixed}, {prefixed}")),
        ("X-Hub-Signature-256", &sha1),
        ("X-Hub-Signature", &sha1),
        ("X-Hub-Signature", "sha1="),
        ("X-Gitea-Signature", &prefixed),
        ("X-Gitea-Signature", &right.to_uppercase()),
        ("X-Signature", &right),
        ("X-Gitlab-Token", ""),
        ("X-Gitlab-Token", &SECRET[1..]),
        ("X-Gitlab-Token", &format!("{SECRET} ")),
        ("X-Gitlab-Token", &SECRET.to_lowercase()),
        ("Authorization", SECRET),
        ("Authorization", &format!("Bearer {SECRET}")),
        ("Authorization", "Basic"),
        ("Authorization", "Basic !"),
        ("Authorization", &basic(SECRET, "")),
        ("Authorization", &format!("Basic {}", BASE64.encode(SECRET.as_bytes()))),
        ("X-Gitlab-Token", "\u{e9}"),
    ] {
        assert!(!taken(&[pair]), "{pair:?}");
    }
}

// S-L1
#[test]
fn two_credentials_are_none() {
    let right = right();
    let prefixed = format!("sha256={right}");
    let wrong = "0".repeat(64);
    let basic = basic("x", SECRET);
    let github = ("X-Hub-Signature-256", prefixed.as_str());
    for pairs in [
        [github, github],
        [github, ("X-Hub-Signature", &prefixed)],
        [github, ("X-Signature", &prefixed)],
        [github, ("X-Gitlab-Token", SECRET)],
        [github, ("Authorization", &basic)],
        [github, ("X-Gitea-Signature", &wrong)],
        [("X-Hub-Signature-256", ""), ("X-Gitea-Signature", &right)],
        [("X-Gitea-Signature", &right), ("X-Gitea-Signature", &right)],
        [("X-Gitlab-Token", SECRET), ("Authorization", &basic)],
        [("X-Gitlab-Token", SECRET), ("X-Gitlab-Token", SECRET)],
    ] {
        assert_eq!(Credential::read(&headers(&pairs)).err(), Some(CredentialFault::Several), "{pairs:?}");
    }
    let three = [github, ("X-Gitea-Signature", right.as_str()), ("X-Signature", &prefixed)];
    assert!(!taken(&three));
}

#[test]
fn what_hosts_send_beside_their_signature_does_not_disturb() {
    let right = right();
    let prefixed = format!("sha256={right}");
    let sha1 = format!("sha1={}", &right[..40]);
    let (github, weak) = (("X-Hub-Signature-256", prefixed.as_str()), ("X-Hub-Signature", sha1.as_str()));
    assert!(taken(&[github, weak]), "GitHub");
    assert!(taken(&[("X-Gitea-Signature", &right), ("X-Gogs-Signature", &right), weak, github]), "Gitea");
    assert!(taken(&[github, ("Authorization", "Bearer of-a-gateway")]));
}

// S-L1
#[test]
fn an_empty_secret_is_proved_by_nothing() {
    let empty = SecretString::from("");
    let digits = digits("", BODY);
    for pair in
        [("X-Gitea-Signature", digits.as_str()), ("X-Gitlab-Token", ""), ("Authorization", &basic("", ""))]
    {
        let credential = Credential::read(&headers(&[pair])).expect("a credential");
        assert!(!credential.proves(&empty, BODY), "{pair:?}");
    }
}

#[test]
fn a_credential_is_not_shown() {
    let credential = Credential::read(&headers(&[("X-Gitlab-Token", SECRET)])).expect("a credential");
    assert!(!format!("{credential:?}").contains(SECRET));
}
