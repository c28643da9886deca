//! Kubeconfigs that would run programs, read files, or weaken what protects them.

use crate::scene::Stage;

/// A kubeconfig with one line more, or another in place of it.
async fn refused(change: impl Fn(&str) -> String) -> (u16, String) {
    let stage = Stage::shared().await;
    let kubeconfig = change(&stage.cluster.kubeconfig());
    let fields = [("kubeconfig", kubeconfig.as_str())];
    let answer = stage.browser.post("/clusters/connect", "begin_connect", &fields).await.unwrap();
    (answer.status, answer.text())
}

fn with_user_field(kubeconfig: &str, field: &str) -> String {
    kubeconfig.replace("  user:\n", &format!("  user:\n    {field}\n"))
}

fn with_cluster_field(kubeconfig: &str, field: &str) -> String {
    kubeconfig.replace("  cluster:\n", &format!("  cluster:\n    {field}\n"))
}

// S-C1, S-C2, S-C3
#[tokio::test]
async fn what_would_run_a_program_or_read_a_file_is_refused_by_the_fields_name() {
    for (field, line) in [
        ("exec", "exec: { apiVersion: client.authentication.k8s.io/v1, command: /bin/true }"),
        ("auth-provider", "auth-provider: { name: gcp }"),
        ("tokenFile", "tokenFile: /etc/shadow"),
        ("client-key", "client-key: /etc/shadow"),
        ("as", "as: somebody"),
        ("password", "password: secret"),
    ] {
        let (status, text) = refused(|kubeconfig| with_user_field(kubeconfig, line)).await;
        assert!((400..500).contains(&status), "{field}: {status}");
        assert!(
            text.contains(&format!("].user.{field}")) || text.contains(field),
            "{field} is not in: {text}"
        );
        assert!(!text.contains("/etc/shadow"), "{field}: {text}");
    }
}

#[tokio::test]
async fn what_would_lead_elsewhere_or_trust_anybody_is_refused_by_the_fields_name() {
    for (field, line) in [
        ("proxy-url", "proxy-url: http://proxy.example.com"),
        ("insecure-skip-tls-verify", "insecure-skip-tls-verify: true"),
        ("certificate-authority", "certificate-authority: /etc/passwd"),
        ("tls-server-name", "no-such-field: true"),
    ] {
        let (status, text) = refused(|kubeconfig| with_cluster_field(kubeconfig, line)).await;
        assert!((400..500).contains(&status), "{field}: {status}");
        let named = line.split(':').next().unwrap();
        assert!(text.contains(named), "{named} is not in: {text}");
    }
}

#[tokio::test]
async fn what_is_no_kubeconfig_is_said_to_be_none() {
    for text in ["", "hello", "kind: Config\nclusters: [\n", "{}"] {
        let (status, words) = refused(|_| text.to_owned()).await;
        assert!((400..500).contains(&status), "{text:?}: {status}: {words}");
    }
}

#[tokio::test]
async fn the_same_cluster_is_connected_once() {
    let stage = Stage::shared().await;
    let again = stage.browser.connect_cluster(&stage.cluster.kubeconfig(), "default", "Again").await;
    let words = again.unwrap_err().to_string();
    assert!(words.contains("409") && words.contains("Stage"), "{words}");
}

#[tokio::test]
async fn a_kubeconfig_without_the_rights_it_needs_is_not_connected_and_says_which() {
    let stage = Stage::shared().await;
    let kubeconfig = stage.cluster.kubeconfig_for_user("visitor").unwrap();
    let fields = [("kubeconfig", kubeconfig.as_str())];
    let step = stage.browser.submit("/clusters/connect", "begin_connect", &fields).await.unwrap();
    let draft = step.split("draft=").nth(1).unwrap().split('&').next().unwrap();
    let step = format!("/clusters/connect?draft={draft}&context=default");
    let page = stage.browser.get(&step).await.unwrap().text();
    assert!(page.contains("visitor"), "what the API server said is shown: {page}");
    let place = "00000000-0000-0000-0000-000000000001/Default";
    let fields =
        [("draft", draft), ("context", "default"), ("cluster_name", "Visited"), ("resource_group", place)];
    let answer = stage.browser.post(&step, "connect_cluster", &fields).await.unwrap();
    assert_eq!(answer.status, 409, "{}", answer.text());
}
