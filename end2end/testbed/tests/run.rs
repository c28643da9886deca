//! `testbed run`, and the control API that the programs it runs may use.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Stdio;

use serde_json::{Value, json};
use testbed::{CLUSTER_VARIABLE, CONTROL_VARIABLE, GIT_URL_VARIABLE, KUBECONFIG_VARIABLE};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Runs a shell under `testbed run` that prints the variables and waits for a line.
struct Run {
    child: tokio::process::Child,
    control: String,
    http: reqwest::Client,
}

impl Run {
    async fn start() -> Self {
        let script = format!(
            "echo ${CONTROL_VARIABLE}; echo ${CLUSTER_VARIABLE} ${KUBECONFIG_VARIABLE} ${GIT_URL_VARIABLE}; read line; exit 7"
        );
        let mut child = Command::new(env!("CARGO_BIN_EXE_testbed"))
            .args(["run", "--", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let control = lines.next_line().await.unwrap().expect("the first line");
        let others = lines.next_line().await.unwrap().expect("the second line");
        let [cluster, kubeconfig, git] = others.split(' ').collect::<Vec<_>>().try_into().unwrap();
        assert!(
            std::path::Path::new(cluster).is_file() && std::path::Path::new(kubeconfig).is_file(),
            "{others}"
        );
        assert!(git.starts_with("http://127.0.0.1:"), "{others}");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, control, http }
    }

    /// The answer's status and, where it is JSON, its body.
    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.control));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    /// Ends the program and returns the code.
    async fn end(mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        self.child.wait().await.unwrap().code()
    }
}

#[tokio::test]
async fn a_story_can_use_every_part_and_the_exit_code_is_its_own() {
    let run = Run::start().await;
    repositories(&run).await;
    kubernetes(&run).await;
    fault_proxies(&run).await;
    further_clusters(&run).await;
    charts(&run).await;
    let outside = run.http.get(run.control.rsplit_once('/').unwrap().0).send().await.unwrap();
    assert_eq!(outside.status().as_u16(), 404, "nothing answers without the random part");
    assert_eq!(run.end().await, Some(7));
}

async fn repositories(run: &Run) {
    let (status, made) =
        run.ask("POST", "/repositories", Some(json!({ "name": "team/app", "sample": true }))).await;
    assert_eq!(status, 201, "{made}");
    let name = made["name"].as_str().unwrap();
    assert!(name.ends_with("/team/app"), "{name}");
    let path = format!("/repositories/{}", name.replace('/', "%2F"));
    let change = json!({ "files": { "a.yaml": "a: 1" }, "remove": ["team-a"], "message": "Change" });
    let (status, commit) = run.ask("POST", &format!("{path}/commits"), Some(change)).await;
    assert_eq!(status, 200, "{commit}");
    let list = Command::new("git")
        .args(["ls-remote", made["url"].as_str().unwrap(), "main"])
        .output()
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&list.stdout),
        format!("{}\trefs/heads/main\n", commit["sha"].as_str().unwrap())
    );
    assert_eq!(run.ask("GET", &path, None).await.1["requests"]["discoveries"], 1);

    let branch = json!({ "name": "release", "revision": made["sha"] });
    assert_eq!(run.ask("POST", &format!("{path}/branches"), Some(branch)).await.1["sha"], made["sha"]);
    assert_eq!(run.ask("DELETE", &format!("{path}/branches/release"), None).await.0, 204);
    assert_eq!(run.ask("DELETE", &format!("{path}/branches/release"), None).await.0, 404);
    assert_eq!(run.ask("DELETE", &path, None).await.0, 204);
    assert_eq!(run.ask("GET", &path, None).await.0, 404);
    let (status, refused) =
        run.ask("POST", "/repositories", Some(json!({ "name": "../x", "exact": true }))).await;
    assert_eq!((status, refused["error"].as_str().unwrap().contains("cannot be the name")), (400, true));
}

async fn charts(run: &Run) {
    let files = json!({ "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n" });
    let credential = json!({ "username": "ada", "password": "a word" });
    let (status, made) =
        run.ask("POST", "/chart-repositories", Some(json!({ "credential": credential }))).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/chart-repositories/{}", made["id"].as_str().unwrap());
    let (status, added) = run.ask("POST", &format!("{path}/charts"), Some(json!({ "files": files }))).await;
    assert_eq!((status, added["archive"].as_str()), (201, Some("web-1.0.0.tgz")), "{added}");
    let index = format!("{}/index.yaml", made["url"].as_str().unwrap());
    let get = async |word| {
        let request = run.http.get(&index).basic_auth("ada", Some(word));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((get("another").await, get("a word").await), (401, 200));
    let instead = format!("{path}/answers/index.yaml");
    assert_eq!(run.ask("PUT", &instead, Some(json!({ "status": 500 }))).await.0, 204);
    assert_eq!(get("a word").await, 500);
    assert_eq!(run.ask("DELETE", &instead, None).await.0, 204);
    assert_eq!(get("a word").await, 200);
    let (_, seen) = run.ask("GET", &path, None).await;
    let statuses: Vec<_> = seen["requests"].as_array().unwrap().iter().map(|seen| &seen["status"]).collect();
    assert_eq!(statuses, [401, 200, 500, 200]);
    assert_eq!(run.ask("DELETE", &path, None).await.0, 204);

    let (status, made) =
        run.ask("POST", "/chart-registries", Some(json!({ "credential": credential }))).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/chart-registries/{}", made["id"].as_str().unwrap());
    let pushed = json!({ "path": "team", "files": files });
    assert_eq!(run.ask("POST", &format!("{path}/charts"), Some(pushed)).await.0, 201);
    assert_eq!(run.ask("DELETE", &path, None).await.0, 204);
    assert_eq!(run.ask("DELETE", &path, None).await.0, 404);
}

async fn kubernetes(run: &Run) {
    let mark = run.ask("GET", "/audit", None).await.1["mark"].as_u64().unwrap();
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "story" } });
    assert_eq!(run.ask("POST", "/kubernetes/api/v1/namespaces", Some(namespace)).await.0, 201);
    let (_, found) =
        run.ask("GET", "/kubernetes/api/v1/namespaces?fieldSelector=metadata.name%3Dstory", None).await;
    assert_eq!(found["items"][0]["metadata"]["name"], "story");
    let (_, audit) = run.ask("GET", &format!("/audit?since={mark}"), None).await;
    let verbs: Vec<_> = audit["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["user"] == "administrator")
        .map(|event| event["verb"].as_str().unwrap())
        .collect();
    assert_eq!(verbs, ["create", "list"]);

    for (wanted, part) in [
        (json!({}), "client-certificate-data"),
        (json!({ "context": "named" }), "current-context: \"named\""),
        (json!({ "user": "nobody" }), "client-certificate-data"),
        (json!({ "token": true }), "token: "),
        (
            json!({ "serviceAccount": { "namespace": "story", "name": "robot", "administrator": true } }),
            "token: ",
        ),
    ] {
        let (status, answer) = run.ask("POST", "/kubeconfigs", Some(wanted)).await;
        assert!(status == 200 && answer["kubeconfig"].as_str().unwrap().contains(part), "{answer}");
    }
    assert_eq!(run.ask("POST", "/api-server/stop", None).await.0, 204);
    assert_eq!(run.ask("GET", "/kubernetes/version", None).await.0, 500);
    assert_eq!(run.ask("POST", "/api-server/start", None).await.0, 204);
    assert_eq!(run.ask("GET", "/kubernetes/version", None).await.0, 200);
}

async fn fault_proxies(run: &Run) {
    let (_, proxy) = run.ask("POST", "/fault-proxies", None).await;
    let path = format!("/fault-proxies/{}", proxy["id"].as_str().unwrap());
    let rule = json!({ "fault": { "status": 503 }, "method": "GET", "pathContains": "/namespaces/default", "first": 1 });
    assert_eq!(run.ask("POST", &format!("{path}/rules"), Some(rule)).await.0, 201);
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, proxy["kubeconfig"].as_str().unwrap()).unwrap();
    let mut kubectl = Command::new(testbed::kubectl().await.unwrap());
    kubectl.arg("--kubeconfig").arg(&kubeconfig).args(["get", "--raw", "/api/v1/namespaces/default"]);
    let first = kubectl.output().await.unwrap();
    let (_, requests) = run.ask("GET", &format!("{path}/requests"), None).await;
    assert!(!first.status.success(), "{requests}");
    assert!(kubectl.output().await.unwrap().status.success());
    assert_eq!(run.ask("DELETE", &format!("{path}/rules"), None).await.0, 204);
    assert_eq!(run.ask("DELETE", &path, None).await.0, 204);
}

async fn further_clusters(run: &Run) {
    let (status, made) = run.ask("POST", "/clusters", None).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/clusters/{}", made["id"].as_str().unwrap());
    let uid = async |beginning: &str| {
        let path = format!("{beginning}/kubernetes/api/v1/namespaces/kube-system");
        run.ask("GET", &path, None).await.1["metadata"]["uid"].as_str().unwrap().to_owned()
    };
    assert_ne!(uid(&path).await, uid("").await);
    assert_eq!(uid("/clusters/default").await, uid("").await);
    assert_eq!(run.ask("DELETE", &path, None).await.0, 204);
    assert_eq!(run.ask("DELETE", "/clusters/default", None).await.0, 400);
}
