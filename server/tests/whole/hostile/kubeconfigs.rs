//! A kubeconfig may ask to run programs and to read files.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use super::{is_kept, trace, trap};
use crate::scene::Stage;

/// A kubeconfig for this server; `user` is indented by two further levels.
fn kubeconfig(server: &str, user: &str) -> String {
    let user = user.replace('\n', "\n    ");
    format!(
        "apiVersion: v1
kind: Config
current-context: home
clusters:
- name: home
  cluster:
    server: {server}
users:
- name: ada
  user:
    {user}
contexts:
- name: home
  context: {{cluster: home, user: ada}}
"
    )
}

#[tokio::test]
async fn s_c1_s_c2_s_c3_nothing_runs_nothing_is_read_and_nobody_is_called() {
    let stage = Stage::shared().await;
    let trap = trap();
    let trace = trace(trap.path());
    let secret = trap.path().join("secret");
    std::fs::write(&secret, "canary-of-the-disk").unwrap();
    let secret = secret.display().to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });

    let exec = format!("command: touch, args: [{trace}], apiVersion: client.authentication.k8s.io/v1");
    let cases = [
        ("exec", format!("exec: {{{exec}}}")),
        ("exec", format!("token: abc\nexec: {{\"command\": \"touch\", \"args\": [\"{trace}\"]}}")),
        ("anchors", format!("exec: &run {{{exec}}}")),
        ("merge", format!("token: abc\n<<: {{exec: {{{exec}}}}}")),
        ("twice", format!("exec: null\nexec: {{{exec}}}")),
        (
            "auth-provider",
            format!(
                "auth-provider: {{name: gcp, config: {{cmd-path: /usr/bin/touch, cmd-args: \"{trace}\"}}}}"
            ),
        ),
        ("auth-provider", "auth-provider: {name: oidc, config: {id-token: abc}}".to_owned()),
        ("tokenFile", format!("tokenFile: {secret}")),
        ("tokenFile", "token: abc\ntokenFile: /proc/self/environ".to_owned()),
        ("client-key", format!("client-key: {secret}\nclient-certificate: {secret}")),
    ];
    for (named, user) in &cases {
        refused(stage, &kubeconfig(&server, user), named).await;
    }
    let authority = format!("{server}\n    certificate-authority: {secret}");
    refused(stage, &kubeconfig(&authority, "token: abc"), "certificate-authority").await;
    let plain = kubeconfig(&server, "token: abc");
    let running = kubeconfig(&server, &cases[0].1);
    refused(stage, &format!("{plain}---\n{running}"), "second document").await;
    refused(stage, &format!("\u{feff}{running}"), "byte order mark").await;

    // Beside a context that is well, one that would run something is shown, and cannot be chosen.
    let runner = format!("users:\n- name: runner\n  user: {{exec: {{{exec}}}}}\n");
    let both = plain
        .replace("users:\n", &runner)
        .replace("contexts:\n", "contexts:\n- name: bad\n  context: {cluster: home, user: runner}\n");
    let step = stage.browser.submit("/clusters/connect", "begin_connect", &[("kubeconfig", &both)]).await;
    let draft = step.unwrap().split("draft=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let place = "00000000-0000-0000-0000-000000000001/Default";
    let page = format!("/clusters/connect?draft={draft}&context=bad");
    stage.browser.get(&page).await.unwrap();
    let chosen = [
        ("draft", draft.as_str()),
        ("context", "bad"),
        ("cluster_name", "Runner"),
        ("cluster_type", "connectedClusters"),
        ("resource_group", place),
    ];
    let answer = stage.browser.post(&page, "connect_cluster", &chosen).await.unwrap();
    assert!((400..500).contains(&answer.status), "{}: {}", answer.status, answer.text());

    assert!(!std::path::Path::new(&trace).exists(), "something ran");
    assert_eq!(calls.load(Ordering::SeqCst), 0, "nobody is called for a kubeconfig that is refused");
    for words in [trace.as_str(), "canary-of-the-disk"] {
        assert!(!is_kept(stage, words), "{words} is kept");
    }
}

async fn refused(stage: &Stage, kubeconfig: &str, named: &str) {
    let fields = [("kubeconfig", kubeconfig)];
    let answer = stage.browser.post("/clusters/connect", "begin_connect", &fields).await.unwrap();
    assert!((400..500).contains(&answer.status), "{named}: {}", answer.status);
    let text = answer.text();
    assert!(text.contains(named), "{named} is not in: {text}");
    assert!(!answer.body.contains("canary-of-the-disk"), "{named}: {text}");
}
