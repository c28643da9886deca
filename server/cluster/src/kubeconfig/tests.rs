//! What people paste, and what becomes of it.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use secrecy::ExposeSecret;

use super::*;
use crate::UnreadableCredential;

/// A user entry's lines, in a kubeconfig that is fine otherwise.
fn with_user(user: &str) -> String {
    with("server: https://cluster.test:6443", user)
}

/// A cluster entry's lines, in a kubeconfig that is fine otherwise.
fn with_cluster(cluster: &str) -> String {
    with(cluster, "token: abc")
}

fn with(cluster: &str, user: &str) -> String {
    let indented = |lines: &str| lines.replace('\n', "\n    ");
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: home
  cluster:
    {}
users:
- name: ada
  user:
    {}
contexts:
- name: ada@home
  context:
    cluster: home
    user: ada
    namespace: team-a
current-context: ada@home
preferences: {{}}
",
        indented(cluster),
        indented(user)
    )
}

/// The rules that a text breaks.
fn rules(text: &str) -> Vec<Rule> {
    let violations = Kubeconfig::parse(text).err().unwrap_or_default();
    violations.0.into_iter().map(|violation| violation.rule).collect()
}

fn refused(text: &str) -> Vec<(String, KubeconfigRefusal)> {
    let refused = rules(text).into_iter().map(|rule| match rule {
        Rule::KubeconfigFieldRefused { field, reason } => (field, reason),
        other => panic!("{other:?}"),
    });
    refused.collect()
}

fn detail(text: &str) -> String {
    match rules(text).as_slice() {
        [Rule::KubeconfigFormat { detail }] => detail.clone(),
        other => panic!("{other:?}"),
    }
}

fn chosen(text: &str) -> Credential {
    Kubeconfig::parse(text).expect("a kubeconfig").choose("ada@home").expect("a credential")
}

struct Identity {
    certificate: String,
    key: String,
}

fn identity(year: i32) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.not_before = date_time_ymd(2001, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    let certificate = params.self_signed(&key).expect("a certificate").pem();
    Identity { certificate, key: key.serialize_pem() }
}

fn certificate_user(certificate: &str, key: &str) -> String {
    with_user(&format!(
        "client-certificate-data: {}\nclient-key-data: {}",
        STANDARD.encode(certificate),
        STANDARD.encode(key)
    ))
}

// === what is taken ===

#[test]
fn an_ordinary_kubeconfig_shows_its_contexts_and_gives_one_credential() {
    let kubeconfig = Kubeconfig::parse(&with_user("token: abc")).expect("a kubeconfig");
    let [context] = kubeconfig.contexts.as_slice() else { panic!("one context") };
    assert_eq!(
        (context.name.as_str(), context.server.as_str(), context.user.as_str(), context.namespace.as_deref()),
        ("ada@home", "https://cluster.test:6443/", "ada", Some("team-a"))
    );
    assert!(context.can_be_chosen());
    assert_eq!(kubeconfig.current.as_deref(), Some("ada@home"));
    let credential = kubeconfig.choose("ada@home").expect("a credential");
    assert_eq!(credential.token().map(ExposeSecret::expose_secret), Some("abc"));
    assert_eq!(credential.namespace(), Some("team-a"));
}

#[test]
fn json_is_read_as_well() {
    let text = r#"{"clusters": [{"name": "home", "cluster": {"server": "https://x.test"}}],
        "users": [{"name": "ada", "user": {"token": "abc"}}],
        "contexts": [{"name": "ada@home", "context": {"cluster": "home", "user": "ada"}}]}"#;
    assert_eq!(chosen(text).server(), "https://x.test/");
}

#[test]
fn certificate_and_key_that_belong_together_are_taken() {
    let Identity { certificate, key } = identity(2999);
    let credential = chosen(&certificate_user(&certificate, &key));
    assert!(credential.certificate().is_some());
}

#[test]
fn fields_without_effect_are_accepted() {
    let cluster = "server: https://x.test\ninsecure-skip-tls-verify: false\nproxy-url: \"\"\ndisable-compression: true\n\
                   extensions:\n- name: minikube\n  extension: {version: v1}";
    assert_eq!(chosen(&with_cluster(cluster)).server(), "https://x.test/");
    assert!(rules(&with_user("token: abc\nexec: null\ntokenFile: \"\"\nextensions: []")).is_empty());
}

// === S-C1, S-C2, S-C3: what would run, read or weaken something ===

#[test]
fn each_field_that_would_run_read_or_weaken_something_is_refused_by_name() {
    use KubeconfigRefusal::{BasicAuth, Impersonation, Insecure, Proxy, ReadsFile, RunsProgram, Unknown};
    let users = [
        (
            "exec:\n  apiVersion: client.authentication.k8s.io/v1\n  command: touch\n  args: [/tmp/x]",
            "exec",
            RunsProgram,
        ),
        ("exec: {\"command\": \"touch\"}", "exec", RunsProgram),
        (
            "auth-provider:\n  name: gcp\n  config: {cmd-path: /bin/touch, cmd-args: /tmp/x}",
            "auth-provider",
            RunsProgram,
        ),
        ("auth-provider: {name: oidc, config: {}}", "auth-provider", RunsProgram),
        ("tokenFile: /proc/self/environ", "tokenFile", ReadsFile),
        ("client-key: /var/lib/keys", "client-key", ReadsFile),
        ("client-certificate: ../x.pem", "client-certificate", ReadsFile),
        ("username: ada", "username", BasicAuth),
        ("password: secret", "password", BasicAuth),
        ("as: admin", "as", Impersonation),
        ("as-groups: [system:masters]", "as-groups", Impersonation),
        ("as-uid: \"1\"", "as-uid", Impersonation),
        ("as-user-extra: {a: [b]}", "as-user-extra", Impersonation),
        ("Exec: {command: touch}", "Exec", Unknown),
        ("impersonate: admin", "impersonate", Unknown),
    ];
    for (lines, field, reason) in users {
        let text = with_user(&format!("token: abc\n{lines}"));
        assert_eq!(refused(&text), [(format!("users[ada].user.{field}"), reason)], "{lines}");
    }
    let clusters = [
        ("certificate-authority: /etc/shadow", "certificate-authority", ReadsFile),
        ("proxy-url: http://proxy.test", "proxy-url", Proxy),
        ("insecure-skip-tls-verify: true", "insecure-skip-tls-verify", Insecure),
        ("insecure-skip-tls-verify: \"false\"", "insecure-skip-tls-verify", Insecure),
        ("api-version: v1", "api-version", Unknown),
    ];
    for (lines, field, reason) in clusters {
        let text = with_cluster(&format!("server: https://x.test\n{lines}"));
        assert_eq!(refused(&text), [(format!("clusters[home].cluster.{field}"), reason)], "{lines}");
    }
}

#[test]
fn tricks_of_yaml_do_not_hide_a_field() {
    let anchored = "token: abc\nexec: &run {command: touch}";
    let merged = "token: abc\n<<: {exec: {command: touch}}";
    let twice = "token: abc\nexec: null\nexec: {command: touch}";
    assert!(detail(&with_user(anchored)).contains("anchors and aliases are not allowed"));
    assert!(detail(&with_user(merged)).contains("merge keys (<<) are not allowed"));
    assert!(detail(&with_user(twice)).contains("a field is given twice"));
    let two_documents = format!("{}---\n{}", with_user("token: abc"), with_user("exec: {command: touch}"));
    assert!(detail(&two_documents).contains("a second document begins"));
    assert!(detail(&format!("\u{feff}{}", with_user("token: abc"))).contains("byte order mark"));
    let sixteen_bits: String =
        with_user("token: abc").chars().flat_map(|character| [character, '\0']).collect();
    assert!(detail(&sixteen_bits).contains("UTF-8"));
}

#[test]
fn an_aliased_user_of_another_context_is_no_way_around() {
    let text =
        with_user("&user\ntoken: abc").replace("contexts:\n", "contexts:\n- name: b\n  context: *user\n");
    assert!(detail(&text).contains("anchors and aliases are not allowed"));
}

#[test]
fn a_context_with_a_refused_field_is_shown_and_cannot_be_chosen_beside_a_good_one() {
    let text = with_user("token: abc")
        .replace("contexts:\n", "- name: runner\n  user: {exec: {command: touch}}\ncontexts:\n- name: bad\n  context: {cluster: home, user: runner}\n");
    let kubeconfig = Kubeconfig::parse(&text).expect("a kubeconfig");
    let field = "users[runner].user.exec".to_owned();
    let refused = RefusedField { field: field.clone(), reason: KubeconfigRefusal::RunsProgram };
    assert_eq!(kubeconfig.contexts[0].refused, [refused]);
    assert!(kubeconfig.choose("ada@home").is_ok());
    let violations = kubeconfig.choose("bad").expect_err("refused");
    let reason = KubeconfigRefusal::RunsProgram;
    assert_eq!(violations.0[0].rule, Rule::KubeconfigFieldRefused { field, reason });
    assert!(!kubeconfig.to_secret().expose_secret().contains("touch"));
}

#[test]
fn every_fault_is_told_at_once() {
    let text = with("server: http://x.test\nproxy-url: http://p", "exec: {command: a}\nas: b\ntokenFile: c");
    assert_eq!(refused(&text).len(), 5);
}

// === S-C4: what the server's address may be ===

#[test]
fn the_server_is_an_https_address_and_nothing_else() {
    for server in [
        "http://x.test",
        "unix:///run/x.sock",
        "x.test:6443",
        "https://",
        "https://user:password@x.test",
        "https://x.test/?a=b",
        "https://x.test/#a",
        "file:///etc/passwd",
        "[1]",
    ] {
        let refused = refused(&with_cluster(&format!("server: {server}")));
        assert_eq!(
            refused,
            [("clusters[home].cluster.server".to_owned(), KubeconfigRefusal::ServerNotHttps)],
            "{server}"
        );
    }
    assert_eq!(refused(&with_cluster("tls-server-name: x.test")).len(), 1);
    assert_eq!(
        chosen(&with_cluster("server: https://x.test/k8s/clusters/c-1")).server(),
        "https://x.test/k8s/clusters/c-1"
    );
}

#[test]
fn a_password_in_a_refused_address_is_not_shown() {
    let text = with_cluster("server: https://user:CANARY@x.test")
        .replace("contexts:\n", "- name: good\n  user: {token: abc}\ncontexts:\n");
    let kubeconfig = Kubeconfig::read(&text).unwrap_or_else(|rule| panic!("{rule:?}"));
    assert_eq!(kubeconfig.contexts[0].server, "https://x.test");
}

// === S-C7: bad material, limits, speed ===

#[test]
fn bad_material_is_refused_without_a_word_of_it() {
    use KubeconfigRefusal::{BadData, KeyMismatch};
    let Identity { certificate, key } = identity(2999);
    let other = identity(2999);
    let bad_pem = STANDARD.encode("-----BEGIN CERTIFICATE-----\nCANARY\n-----END CERTIFICATE-----\n");
    let cases = [
        (
            with_user("client-certificate-data: CANARY!\nclient-key-data: x"),
            "client-certificate-data",
            BadData,
        ),
        (with_user(&format!("client-certificate-data: {bad_pem}")), "client-certificate-data", BadData),
        (certificate_user(&certificate, "CANARY"), "client-key-data", BadData),
        (certificate_user(&certificate, &other.key), "client-key-data", KeyMismatch),
        (certificate_user(&key, &key), "client-certificate-data", BadData),
        (
            with_user(&format!("client-certificate-data: {}", STANDARD.encode(&certificate))),
            "client-key-data",
            BadData,
        ),
        (with_user("token: \"CANARY CANARY\""), "token", BadData),
        (with_user(&format!("token: {}", "C".repeat(40_000))), "token", BadData),
    ];
    for (text, field, reason) in cases {
        let refused = refused(&text);
        assert!(refused.contains(&(format!("users[ada].user.{field}"), reason)), "{refused:?}");
        assert!(!format!("{:?}", rules(&text)).contains("CANARY"));
    }
    assert_eq!(refused(&with_user("{}")), [("users[ada].user".to_owned(), BadData)]);
    let authority = with_cluster(&format!("server: https://x.test\ncertificate-authority-data: {bad_pem}"));
    assert_eq!(
        refused(&authority),
        [("clusters[home].cluster.certificate-authority-data".to_owned(), BadData)]
    );
}

#[test]
fn a_credential_that_has_expired_is_refused_at_the_time_of_asking() {
    let Identity { certificate, key } = identity(2026);
    let mut kubeconfig = Kubeconfig::parse(&certificate_user(&certificate, &key)).expect("a kubeconfig");
    let end = Timestamp(1_767_225_600_000); // 2026-01-01
    assert_eq!(kubeconfig.choose("ada@home").expect("a credential").expires_at(), Some(end));
    kubeconfig.refuse_expired(end);
    assert!(kubeconfig.contexts[0].can_be_chosen());
    kubeconfig.refuse_expired(end.plus_milliseconds(1));
    assert_eq!(kubeconfig.contexts[0].refused[0].reason, KubeconfigRefusal::Expired);
    assert!(kubeconfig.choose("ada@home").is_err());
}

#[test]
fn the_end_of_a_token_is_read_where_it_says_so() {
    // {"exp": 1767225600}
    assert_eq!(
        chosen(&with_user("token: e30.eyJleHAiOiAxNzY3MjI1NjAwfQ.sig")).expires_at(),
        Some(Timestamp(1_767_225_600_000))
    );
    assert_eq!(chosen(&with_user("token: a.b.c")).expires_at(), None);
}

#[test]
fn too_large_and_too_many_are_refused_quickly() {
    let entries = |list: &str, body: &str| {
        (0..10_000)
            .fold(format!("{list}:\n"), |text, index| text + &format!("- {{name: n{index}, {body}}}\n"))
    };
    let began = Instant::now();
    let large = with_user(&format!("token: {}", "x".repeat(5 * 1024 * 1024)));
    assert_eq!(rules(&large), [Rule::KubeconfigTooLarge { max_bytes: KUBECONFIG_MAX_BYTES }]);
    let many: String = entries("contexts", "context: {}").chars().take(KUBECONFIG_MAX_BYTES).collect();
    assert!(matches!(rules(&many).as_slice(), [Rule::KubeconfigFormat { .. }]));
    let deep = with_user(&format!("token: {}1{}", "[".repeat(50_000), "]".repeat(50_000)));
    assert!(matches!(rules(&deep).as_slice(), [Rule::KubeconfigFormat { .. }]));
    // Each alone has a tenth of this; the margin is for machines that do other work meanwhile.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn what_is_no_kubeconfig_is_told_with_its_line_and_without_its_content() {
    for text in [
        "",
        "- a",
        "just text",
        "{",
        "\t- a: b",
        "a: [",
        "clusters: 5",
        "contexts: []",
        "kind: Pod\ncontexts: []",
    ] {
        assert!(
            matches!(rules(text).as_slice(), [Rule::KubeconfigFormat { .. }]),
            "{text:?}: {:?}",
            rules(text)
        );
    }
    let broken = with_user("token: CANARY\n  more: CANARY");
    assert!(
        detail(&broken).starts_with("line ") && !detail(&broken).contains("CANARY"),
        "{}",
        detail(&broken)
    );
    let unknown =
        Rule::KubeconfigFieldRefused { field: "spec".to_owned(), reason: KubeconfigRefusal::Unknown };
    assert_eq!(rules("spec: {}\ncontexts: []"), [unknown]);
}

// === names ===

#[test]
fn names_that_lead_nowhere_and_names_given_twice_refuse_their_context() {
    let nowhere = with_user("token: abc").replace("    user: ada\n", "    user: grace\n");
    let missing = Rule::KubeconfigReferenceMissing {
        field: "contexts[ada@home].context.user".to_owned(),
        name: "grace".to_owned(),
    };
    assert_eq!(rules(&nowhere), [missing]);
    let twice =
        with_user("token: abc").replace("contexts:\n", "- name: ada\n  user: {token: def}\ncontexts:\n");
    assert_eq!(refused(&twice), [("users[ada]".to_owned(), KubeconfigRefusal::Duplicate)]);
    let kubeconfig = Kubeconfig::parse(&with_user("token: abc")).expect("a kubeconfig");
    let violations = kubeconfig.choose("nobody@nowhere").expect_err("there is none");
    assert!(matches!(violations.0[0].rule, Rule::KubeconfigReferenceMissing { .. }));
}

// === what is stored ===

#[test]
fn a_credential_comes_back_from_the_vault_as_it_went_in() {
    let Identity { certificate, key } = identity(2999);
    let text = certificate_user(&certificate, &key).replace(
        "server: https://cluster.test:6443",
        &format!(
            "server: https://cluster.test:6443\n    tls-server-name: kubernetes\n    certificate-authority-data: {}",
            STANDARD.encode(&certificate)
        ),
    );
    let secret = chosen(&text).to_secret();
    let again = Credential::from_secret(secret.expose_secret()).expect("a credential");
    assert_eq!(again.to_secret().expose_secret(), secret.expose_secret());
    assert_eq!(again.tls_server_name(), Some("kubernetes"));
    let stored = Kubeconfig::parse(&text).expect("a kubeconfig").to_secret();
    let kubeconfig = Kubeconfig::from_secret(stored.expose_secret()).expect("a kubeconfig");
    let chosen = kubeconfig.choose("ada@home").expect("a credential");
    assert_eq!(chosen.to_secret().expose_secret(), secret.expose_secret());
}

#[test]
fn a_stored_credential_is_checked_again() {
    for stored in [
        "",
        "{}",
        r#"{"version": 1, "server": "https://x.test"}"#,
        r#"{"version": 1, "server": "http://x.test", "token": "abc"}"#,
        r#"{"version": 2, "server": "https://x.test", "token": "abc"}"#,
        r#"{"version": 1, "server": "https://x.test", "token": "a b"}"#,
        r#"{"version": 1, "server": "https://x.test", "token": "abc", "exec": "touch"}"#,
        r#"{"version": 1, "server": "https://x.test", "token": "abc", "clientKey": "x"}"#,
    ] {
        assert_eq!(Credential::from_secret(stored).err(), Some(UnreadableCredential), "{stored}");
    }
}

#[test]
fn a_credential_cannot_be_printed() {
    let printed = format!("{:?}", chosen(&with_user("token: CANARY")));
    assert!(printed.contains("cluster.test") && !printed.contains("CANARY"), "{printed}");
}
