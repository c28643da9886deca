use super::*;

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
const HTTPS: &str = "https://git.example.com/team/app.git";
const SSH: &str = "git@git.example.com:team/app.git";

fn url(text: &str) -> RepositoryUrl {
    RepositoryUrl::parse(text).expect("a URL")
}

fn given(name: SecretName, value: &str) -> RepositoryCredentialDraft {
    let mut draft = RepositoryCredentialDraft::default();
    *draft.change_mut(name) = SecretChange::Replace(value.into());
    draft
}

fn faults(draft: &RepositoryCredentialDraft, to: &str, stored: StoredAccess) -> Vec<(Field, Rule)> {
    let violations = draft.validate(&url(to), stored).err().unwrap_or_default();
    violations.0.into_iter().map(|violation| (violation.field, violation.rule)).collect()
}

fn stored_text(name: SecretName, value: &str, to: &str) -> String {
    let checked = given(name, value).validate(&url(to), StoredAccess::default()).expect("valid");
    match checked.change(name) {
        SecretChange::Replace(value) => value.expose_secret().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_sent_is_valid_for_every_url() {
    for to in [HTTPS, "http://host/x", SSH, "git://host/x", "https://org@host/x"] {
        assert_eq!(faults(&RepositoryCredentialDraft::default(), to, StoredAccess::default()), []);
    }
}

#[test]
fn each_secret_goes_with_its_kind_of_url() {
    let none = StoredAccess::default();
    for to in [HTTPS, "http://host/x", "git://host/x"] {
        let found = faults(&given(SecretName::SshPrivateKey, KEY), to, none);
        assert_eq!(found, [(Field::SshPrivateKey, Rule::SshKeyWithHttp)], "{to}");
    }
    let mut both = given(SecretName::HttpsUser, "ada");
    both.https_key = SecretChange::Replace("token".into());
    for to in [SSH, "git://host/x", "ssh://git@host/x"] {
        let wrong = Rule::HttpsAuthWithSsh;
        let found = faults(&both, to, none);
        assert_eq!(found, [(Field::HttpsUser, wrong.clone()), (Field::HttpsKey, wrong)], "{to}");
    }
    assert_eq!(faults(&both, HTTPS, none), []);
    assert_eq!(faults(&both, "http://host/x", none), []);
    let authority = given(SecretName::HttpsCaCertificate, CERTIFICATE);
    assert_eq!(faults(&authority, HTTPS, none), []);
    for to in [SSH, "http://host/x"] {
        let wrong = (Field::HttpsCaCertificate, Rule::CertificateWithoutHttps);
        assert_eq!(faults(&authority, to, none), [wrong], "{to}");
    }
    let new = RepositoryCredentialDraft { new_key: Some(KeyKind::Rsa), ..Default::default() };
    for (to, kept) in [(HTTPS, None), (SSH, Some(KeyKind::Rsa))] {
        let checked = new.validate(&url(to), none).expect("a form always names a kind");
        assert_eq!(checked.new_key, kept, "{to}");
    }
}

#[test]
fn user_and_key_go_together_and_what_is_stored_or_in_the_url_counts() {
    let none = StoredAccess::default();
    let incomplete = |field| vec![(field, Rule::HttpsAuthIncomplete)];
    let (user, key) = (given(SecretName::HttpsUser, "ada"), given(SecretName::HttpsKey, "token"));
    assert_eq!(faults(&user, HTTPS, none), incomplete(Field::HttpsKey));
    assert_eq!(faults(&key, HTTPS, none), incomplete(Field::HttpsUser));
    assert_eq!(faults(&key, "https://org@dev.azure.com/org/project/_git/app", none), []);
    let both = StoredAccess { https_user: true, https_key: true, ..none };
    assert_eq!(faults(&key, HTTPS, both), [], "one is replaced by key, the other stays");
    let removed = RepositoryCredentialDraft { https_user: SecretChange::Remove, ..Default::default() };
    assert_eq!(faults(&removed, HTTPS, both), incomplete(Field::HttpsUser));
    assert_eq!(faults(&RepositoryCredentialDraft::default(), SSH, both), [], "they go with the old URL");
}

#[test]
fn https_user_and_key_are_taken_literally_but_are_one_line() {
    assert_eq!(stored_text(SecretName::HttpsKey, " p%20ä= ", "https://org@host/x"), " p%20ä= ");
    let none = StoredAccess::default();
    let line = faults(&given(SecretName::HttpsKey, "token\n"), "https://org@host/x", none);
    assert_eq!(line, [(Field::HttpsKey, Rule::ControlCharacter)]);
    let long = faults(&given(SecretName::HttpsKey, &"x".repeat(8193)), "https://org@host/x", none);
    assert_eq!(long, [(Field::HttpsKey, Rule::TooLong { max: 8192 })]);
}

#[test]
fn a_key_gets_its_last_line_end_and_loses_those_of_windows() {
    let pasted = KEY.replace('\n', "\r\n");
    assert_eq!(stored_text(SecretName::SshPrivateKey, pasted.trim_end(), SSH), KEY);
}

#[test]
fn keys_that_cannot_be_used_are_refused_each_with_its_reason() {
    let block = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA";
    for (key, rule) in [
        (block("DSA PRIVATE KEY", "AAAA"), Rule::SshKeyDsa),
        (block("ENCRYPTED PRIVATE KEY", "AAAA"), Rule::SshKeyPassphrase),
        (block("RSA PRIVATE KEY", encrypted), Rule::SshKeyPassphrase),
        (block("PUBLIC KEY", "AAAA"), Rule::SshKeyFormat),
        (block("CERTIFICATE", "AAAA"), Rule::SshKeyFormat),
        ("ssh-ed25519 AAAA me@host".to_owned(), Rule::SshKeyFormat),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA".to_owned(), Rule::SshKeyFormat),
        ("x".repeat(40_000), Rule::TooLong { max: 32_768 }),
    ] {
        let found = faults(&given(SecretName::SshPrivateKey, &key), SSH, StoredAccess::default());
        assert_eq!(found, [(Field::SshPrivateKey, rule)], "{}", key.get(..40).unwrap_or(&key));
    }
    for label in ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"] {
        let key = block(label, "AAAA");
        assert_eq!(stored_text(SecretName::SshPrivateKey, &key, SSH), key);
    }
}

#[test]
fn certificates_are_kept_and_what_is_around_them_is_not() {
    let file = format!("# one\n{CERTIFICATE}\n# two\r\n{}", CERTIFICATE.replace('\n', "\r\n"));
    let stored = stored_text(SecretName::HttpsCaCertificate, &file, HTTPS);
    assert_eq!(stored, CERTIFICATE.repeat(2));
    for wrong in ["no certificate", "-----BEGIN CERTIFICATE-----\nMAAA", KEY] {
        let found = faults(&given(SecretName::HttpsCaCertificate, wrong), HTTPS, StoredAccess::default());
        assert_eq!(found, [(Field::HttpsCaCertificate, Rule::CertificateFormat)], "{wrong}");
    }
}

#[test]
fn a_form_gives_raw_text_and_a_key_in_base64_too() {
    let mut fields = AccessFields {
        ssh_key: OWN_KEY.to_owned(),
        ssh_private_key: STANDARD.encode(KEY),
        https_user: "YWRh".to_owned(),
        ..AccessFields::default()
    };
    let draft = RepositoryCredentialDraft::from_form(&fields);
    let text = |change: &SecretChange| match change {
        SecretChange::Replace(value) => value.expose_secret().to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(text(&draft.ssh_private_key), KEY);
    assert_eq!(text(&draft.https_user), "YWRh");
    assert_eq!(text(&draft.https_key), "Keep");
    fields.ssh_key = "rsa".to_owned();
    let draft = RepositoryCredentialDraft::from_form(&fields);
    assert_eq!((text(&draft.ssh_private_key), draft.new_key), ("Keep".to_owned(), Some(KeyKind::Rsa)));
    fields = AccessFields { https_remove: "true".to_owned(), ..AccessFields::default() };
    let draft = RepositoryCredentialDraft::from_form(&fields);
    assert_eq!(
        (text(&draft.https_user), text(&draft.https_ca_certificate)),
        ("Remove".into(), "Keep".into())
    );
}

#[test]
fn whoever_chooses_an_own_key_has_to_give_it() {
    let fields = AccessFields { ssh_key: OWN_KEY.to_owned(), ..AccessFields::default() };
    let draft = RepositoryCredentialDraft::from_form(&fields);
    let none = StoredAccess::default();
    assert_eq!(faults(&draft, SSH, none), [(Field::SshPrivateKey, Rule::Required)]);
    assert_eq!(faults(&draft, HTTPS, none), [], "it means nothing there");
}

#[test]
fn arm_gives_base64_of_text_and_nothing_else() {
    let settings = |entries: &[(&str, Option<&str>)]| {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)));
        RepositoryCredentialDraft::from_arm(&entries.collect())
    };
    let draft = settings(&[("httpsUser", Some("YWRh")), ("httpsKey", None)]).expect("valid");
    assert!(matches!(&draft.https_user, SecretChange::Replace(user) if user.expose_secret() == "ada"));
    assert!(matches!(draft.https_key, SecretChange::Remove));
    assert!(matches!(draft.ssh_private_key, SecretChange::Keep));
    for (key, value, field, rule) in [
        ("httpsKey", "token!", Field::HttpsKey, Rule::Base64Text),
        ("httpsKey", "YWR", Field::HttpsKey, Rule::Base64Text),
        ("httpsKey", "/w==", Field::HttpsKey, Rule::Base64Text),
        ("sshPrivateKey", "", Field::SshPrivateKey, Rule::Required),
    ] {
        let found = settings(&[(key, Some(value))]).expect_err("a fault");
        assert_eq!(found.0.len(), 1);
        assert_eq!((found.0[0].field, found.0[0].rule.clone()), (field, rule), "{key} {value}");
    }
    let found = settings(&[("HttpsKey", Some("YWRh"))]).expect_err("keys are spelled exactly");
    assert_eq!(found.0[0].field, Field::ProtectedSettings);
}

#[test]
fn secrets_belong_to_a_host_as_it_is_reached() {
    let same = |one: &str, other: &str| same_host(&url(one), &url(other));
    assert!(same("https://host/a", "https://user@HOST:443/b"));
    assert!(same("git@host:a", "ssh://other@host/b"));
    for other in ["http://host/a", "https://host:8443/a", "https://host.example/a", "git@host:a"] {
        assert!(!same("https://host/a", other), "{other}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let fields = AccessFields {
        ssh_key: OWN_KEY.to_owned(),
        ssh_private_key: "canary-one".to_owned(),
        https_key: "canary-two".to_owned(),
        ..AccessFields::default()
    };
    let draft = RepositoryCredentialDraft::from_form(&fields);
    assert!(!format!("{fields:?} {draft:?}").contains("canary"));
}
