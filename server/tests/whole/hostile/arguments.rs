//! URLs and branches go to git as arguments: none may become an option, and none another program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::violation::Violations;
use serde_json::{Value, json};

use super::{trace, trap};
use crate::rest::api::{Api, configuration};
use crate::scene::{Scene, Stage};

/// What the server may start here: itself as launcher and relay, git, and what git is made of.
const PROGRAMS: [&str; 5] = ["fairlead", "fairlead-child", "git", "git-remote-http", "git-remote-https"];

#[tokio::test]
async fn s_d1_s_d2_no_url_and_no_branch_runs_anything_but_git() {
    // A portal of its own: nothing else is in its trace.
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let trap = trap();
    let mark = trace(trap.path());
    let api = Api::of(&stage.portal, "admin").await;
    let tracer = Tracer::attach(stage, trap.path()).await;

    let long = format!("https://host.example/{}", "x".repeat(10_000));
    for url in [
        &format!("ext::sh -c 'touch {mark}'"),
        &format!("--upload-pack=touch {mark}"),
        &format!("ssh://-oProxyCommand=touch%20{mark}/x"),
        "ssh://-oProxyCommand=x@host/x",
        "git@-oProxyCommand=x:x",
        "file:///etc",
        "/etc",
        "fd::17",
        "https://user:pw@host.example/x",
        "https://host.example/a\r\nb",
        "https://host.example/a\tb",
        "https://host.example/a\0b",
        "https://hоst.example/x",
        &long,
    ] {
        refused(stage, "repository_url", url).await;
        refused_by_rest(&api, json!({ "repositoryUrl": url }), "repositoryUrl").await;
    }
    for branch in [
        &format!("--upload-pack=touch {mark}"),
        "-x",
        "refs/heads/../../x",
        "HEAD^{/x}",
        "a b",
        "@{-1}",
        "a\0b",
    ] {
        refused(stage, "git_branch", branch).await;
        let parameters = format!("--git-branch='{branch}'");
        let properties = json!({ "repositoryUrl": "https://host.example/x", "operatorParams": parameters });
        refused_by_rest(&api, properties, "operatorParams").await;
    }

    // What git takes for a name reaches it as one, whatever a shell would make of it.
    let branch = format!("b;touch${{IFS}}{}", mark.trim_start_matches('/'));
    let scene = stage.scene("arguments").await.with("git_branch", &branch);
    let change = scene.repository.change().branch(&branch).write("namespace.yaml", scene.namespace());
    change.commit("Under a strange name").await.unwrap();
    installed(&scene).await;

    assert!(!Path::new(&mark).exists(), "something ran");
    let Some(tracer) = tracer else { return };
    let (programs, lines) = tracer.programs();
    assert!(programs.contains("git"), "the trace has the sync in it: {programs:?}");
    let others: Vec<_> = programs.iter().filter(|name| !PROGRAMS.contains(&name.as_str())).collect();
    assert!(others.is_empty(), "{others:?} ran: {lines:#?}");
    let options = ["--upload-pack", "ProxyCommand=x", "ext::", "\"-x\""];
    let passed = |line: &&String| options.iter().any(|option| line.contains(option));
    assert_eq!(lines.iter().find(passed), None);
}

/// Both doors name the field, and nothing is saved.
async fn refused(stage: &Stage, field: &'static str, value: &str) {
    let fields = testbed::ConfigurationFields::new("refused", "https://host.example/x").with(field, value);
    let mut pairs = fields.pairs();
    pairs.push(("cluster", &stage.cluster_id));
    let answer = stage.browser.call("create_configuration", &pairs).await.unwrap().json();
    let violations = answer["service"]["invalid"]["violations"].clone();
    let violations: Violations =
        serde_json::from_value(violations).unwrap_or_else(|error| panic!("{value:?}: {error}: {answer}"));
    let told: BTreeSet<&str> = violations.0.iter().map(|violation| violation.field.input()).collect();
    assert_eq!(told, BTreeSet::from([field]), "{value:?}");
    let page = format!("/clusters/{}/gitops/new", stage.cluster_id);
    let answer = stage.browser.post(&page, "create_configuration", &pairs).await.unwrap();
    assert!((400..500).contains(&answer.status), "{value:?}: {}", answer.status);
}

/// As ARM sends them: the same rules, and its own status.
async fn refused_by_rest(api: &Api, properties: Value, target: &str) {
    let answer = api.put(&configuration("refused"), &json!({ "properties": properties })).await;
    assert_eq!(answer.status, 400, "{properties}: {}", answer.json);
    assert!(answer.json.to_string().contains(target), "{properties}: {}", answer.json);
}

async fn installed(scene: &Scene) {
    let id = scene.add().await;
    scene.browser().until_installed(&id).await.unwrap();
}

/// strace on the server and on everything it starts.
pub(super) struct Tracer {
    strace: Child,
    file: PathBuf,
}

impl Tracer {
    /// `None`, with a word why, where strace is missing or may not look at other processes.
    pub(super) async fn attach(stage: &Stage, folder: &Path) -> Option<Self> {
        let file = folder.join("execve");
        let process = stage.portal.process().unwrap().to_string();
        let arguments = ["-f", "-qq", "-s", "4096", "-e", "trace=execve,execveat", "-p", &process, "-o"];
        let strace = Command::new("strace").args(arguments).arg(&file).stderr(Stdio::null()).spawn();
        let Ok(strace) = strace else {
            eprintln!("left out: strace is not installed, so only what would have run is looked for");
            return None;
        };
        let mut tracer = Self { strace, file };
        let status = format!("/proc/{process}/status");
        let started = || {
            let status = std::fs::read_to_string(&status).unwrap_or_default();
            status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
        };
        while !started() {
            if tracer.strace.try_wait().unwrap().is_some() {
                eprintln!("left out: strace may not look at other processes here");
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(tracer)
    }

    /// Names of the programs that ran, and every line of the trace.
    pub(super) fn programs(mut self) -> (BTreeSet<String>, Vec<String>) {
        let _ = self.strace.kill();
        let _ = self.strace.wait();
        let lines: Vec<String> =
            std::fs::read_to_string(&self.file).unwrap().lines().map(str::to_owned).collect();
        let ran = lines.iter().filter(|line| line.ends_with("= 0"));
        let paths = ran.filter_map(|line| line.split('"').nth(1));
        (paths.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()).collect(), lines)
    }
}
