//! Words that a shell would run, or a program take for an option, in whatever people and repositories may write.

use std::path::Path;

use serde_json::Value;
use testbed::{ConfigurationFields, SshGitServer};

use super::arguments::Tracer;
use super::{trace, trap};
use crate::scene::{Scene, Stage, eventually};

/// What the server may start here: itself as launcher, relay and way of ssh, git and what git is made of, ssh, and helm.
const PROGRAMS: [&str; 9] = [
    "exe",
    "fairlead",
    "fairlead-child",
    "fairlead-relay",
    "fairlead-ssh",
    "git",
    "git-remote-http",
    "ssh",
    "helm",
];

/// By a shell ssh starts what leads it to a host: one line, which has nothing of anybody in it.
const SHELL: [&str; 2] = ["/sh\", [\"/bin/sh\", \"-c\", \"exec \\\"/", "/fairlead-relay\\\"\"], "];

/// Fields of the form in which people write freely.
const FIELDS: [&str; 13] = [
    "name",
    "operator_instance_name",
    "operator_namespace",
    "operator_params",
    "git_branch",
    "git_path",
    "git_poll_interval",
    "git_label",
    "git_user",
    "git_email",
    "chart_version",
    "chart_values",
    "https_user",
];

/// Each would make the file, if anybody ran it.
fn shapes(mark: &str) -> Vec<String> {
    vec![
        format!(";touch {mark}"),
        format!("$(touch {mark})"),
        format!("`touch {mark}`"),
        format!("|touch {mark}"),
        format!("x\ntouch {mark}"),
        format!("--post-renderer=touch {mark}"),
        format!("--upload-pack=touch {mark}"),
        format!("-oProxyCommand=touch {mark}"),
        "--help".to_owned(),
        "-x".to_owned(),
    ]
}

// S-B1
#[tokio::test]
async fn s_b1_whatever_people_and_repositories_write_runs_nothing() {
    // A portal of its own: nothing else is in its trace.
    let stage: &'static Stage = Box::leak(Box::new(Stage::start(&[]).await));
    let trap = trap();
    let mark = trace(trap.path());
    let tracer = Tracer::attach(stage, trap.path()).await;

    let mut taken = Vec::new();
    for field in FIELDS {
        for shape in shapes(&mark) {
            taken.extend(refused_or_literal(stage, field, &shape).await);
        }
    }
    let (over_ssh, _server) = synced_over_ssh(stage, &mark).await;
    let released = released(stage, &mark).await;
    tagged(stage, &mark).await;
    for id in taken {
        let view =
            stage.browser.until(&id, "it was looked at", |view| view.last_sync() > 0 && view.is_quiet());
        view.await.unwrap();
    }
    assert_eq!(over_ssh.value("settings").await.as_deref(), Some("one"));
    assert_eq!(released.value("words").await, None, "the release is in its own namespace");

    assert!(!Path::new(&mark).exists(), "something ran");
    let Some(tracer) = tracer else { return };
    let (programs, lines) = tracer.programs();
    for program in ["git", "ssh", "helm"] {
        assert!(programs.contains(program), "the trace has {program} in it: {programs:?}");
    }
    let others: Vec<_> = programs.iter().filter(|name| !PROGRAMS.contains(&name.as_str())).collect();
    let shells: Vec<_> = lines.iter().filter(|line| line.contains("/sh\", [")).collect();
    let odd: Vec<_> = shells
        .iter()
        .filter(|line| !SHELL.iter().all(|part| line.contains(part)) || line.contains(&mark))
        .collect();
    assert!(odd.is_empty(), "{odd:#?}");
    let others: Vec<_> = others.into_iter().filter(|name| *name != "sh").collect();
    assert!(others.is_empty(), "{others:?} ran: {:#?}", ran(&lines, &others));
    // What was written may be an argument, but never one that begins as an option does.
    let options = ["\"--post-renderer", "\"--upload-pack", "\"-oProxyCommand=touch", "\"--help\"", "\"-x\""];
    let passed = |line: &&String| options.iter().any(|option| line.contains(option));
    assert_eq!(lines.iter().find(passed), None);
}

fn ran<'lines>(lines: &'lines [String], programs: &[&String]) -> Vec<&'lines String> {
    let of = |line: &&String| programs.iter().any(|program| line.contains(&format!("/{program}\"")));
    lines.iter().filter(of).take(5).collect()
}

/// Saved as it was written, or nothing is saved. Gives the configuration, when there is one.
async fn refused_or_literal(stage: &Stage, field: &'static str, value: &str) -> Option<String> {
    let fields = ConfigurationFields::named_apart("words", "http://127.0.0.1:9/nothing.git").unwrap();
    let fields = fields.with("enable_helm_operator", "true").with(field, value);
    let mut pairs = fields.pairs();
    pairs.push(("cluster", &stage.cluster_id));
    let page = format!("/clusters/{}/gitops/new", stage.cluster_id);
    let answer = stage.browser.post(&page, "create_configuration", &pairs).await.unwrap();
    if answer.status != 303 {
        assert!((400..500).contains(&answer.status), "{field} {value:?}: {}", answer.status);
        return None;
    }
    let id = answer.location().unwrap().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let view = stage.browser.configuration(&id).await.unwrap();
    let mut texts = Vec::new();
    collect(&view.0, &mut texts);
    assert!(texts.iter().any(|text| text.contains(value)), "{field} {value:?} became {}", view.0);
    Some(id)
}

fn collect<'json>(value: &'json Value, texts: &mut Vec<&'json str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}

/// A commit whose author, message, folder and branch are such words, read over ssh.
async fn synced_over_ssh(stage: &'static Stage, mark: &str) -> (Scene, SshGitServer) {
    let ssh = SshGitServer::start().await.unwrap();
    let mut scene = stage.scene("words-ssh").await;
    scene.repository = ssh.repository("manifests").await.unwrap();
    let url = scene.repository.url().to_owned();
    let quiet = mark.trim_start_matches('/');
    let (branch, path) = (format!("b;touch${{IFS}}{quiet}"), format!("d;touch $IFS/{quiet}"));
    let scene = scene
        .with("repository_url", &url)
        .with("ssh_key", "own")
        .with("ssh_known_hosts", &ssh.known_hosts())
        .with("ssh_private_key", ssh.private_key())
        .with("git_branch", &branch)
        .with("git_path", &path);
    let change = scene.repository.change().branch(&branch);
    let change = change.author(&format!("$(touch {mark}) `touch {mark}` <;touch@example.com>"));
    let change = change.write(&format!("{path}/namespace.yaml"), scene.namespace());
    let change = change.write(&format!("{path}/settings.yaml"), scene.config_map("settings", "one"));
    change.commit(&format!("$(touch {mark})\n\n`touch {mark}`;touch {mark}\n--help")).await.unwrap();
    let id = scene.add().await;
    stage.browser.until_installed(&id).await.unwrap();
    (scene, ssh)
}

/// A tag by somebody with such a name, whose label is such a word.
async fn tagged(stage: &'static Stage, mark: &str) {
    let (label, user) =
        (format!("l;touch${{IFS}}{}", mark.trim_start_matches('/')), format!("$(touch {mark})"));
    let scene = stage.scene("words-tag").await;
    let scene = scene.with("git_readonly", "false").with("operator_params", "").with("git_label", &label);
    let scene = scene.with("git_user", &user).with("git_email", "--help@example.com");
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    stage.browser.until_installed(&id).await.unwrap();
    let revision = format!("refs/tags/{label}");
    eventually("the tag is there", || async { scene.repository.revision(&revision).await.is_ok() }).await;
    let (_, text) = scene.repository.tag_object(&label).await.unwrap();
    assert!(text.contains(&format!("tagger {user} <--help@example.com>")), "{text}");
}

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-words\n\
                        data:\n  key: {{ .Values.value | quote }}\n";

/// Releases with such words in each of their fields: one that keeps them as values, and many that are refused.
async fn released(stage: &'static Stage, mark: &str) -> Scene {
    let scene = stage.scene("words-helm").await.with("enable_helm_operator", "true");
    let scene = scene.with("chart_values", "--set helm.versions=v3 --set chartsSyncInterval=5s");
    let url = scene.repository.url().to_owned();
    let mut names = Vec::new();
    let mut change = scene.repository.change();
    change = change.write("namespace.yaml", scene.namespace()).write("charts/web/Chart.yaml", CHART);
    change = change.write("charts/web/values.yaml", "value: default\n");
    change = change.write("charts/web/templates/words.yaml", TEMPLATE);
    let shapes = shapes(mark);
    for (number, shape) in shapes.iter().enumerate() {
        let word = Value::from(shape.as_str());
        let git = format!("chart: {{git: '{url}', ref: main, path: charts/web}}");
        for (field, spec) in [
            ("value", format!("{git}\n  values: {{value: {word}}}")),
            ("release", format!("{git}\n  releaseName: {word}")),
            ("namespace", format!("{git}\n  targetNamespace: {word}")),
            ("ref", format!("chart: {{git: '{url}', ref: {word}, path: charts/web}}")),
            ("path", format!("chart: {{git: '{url}', ref: main, path: {word}}}")),
            ("git", format!("chart: {{git: {word}, ref: main, path: charts/web}}")),
            ("repository", format!("chart: {{repository: {word}, name: web, version: 1.0.0}}")),
            ("chart", format!("chart: {{repository: 'http://127.0.0.1:9/', name: {word}, version: 1.0.0}}")),
            ("version", format!("chart: {{repository: 'http://127.0.0.1:9/', name: web, version: {word}}}")),
        ] {
            let name = format!("{field}-{number}");
            let app = &scene.app;
            let manifest = format!(
                "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: {app}}}\n\
                 spec:\n  {spec}\n"
            );
            change = change.write(&format!("releases/{name}.yaml"), manifest);
            names.push(name);
        }
    }
    change.commit("Strange releases").await.unwrap();
    let id = scene.add().await;
    stage.browser.until(&id, "it was synced", |view| view.is_quiet() && view.last_sync() > 0).await.unwrap();
    for (number, shape) in shapes.iter().enumerate() {
        let path = format!("{}-value-{number}-words", scene.app);
        eventually(&format!("{path} says {shape:?}"), || async {
            scene.value(&path).await.as_deref() == Some(shape.as_str())
        })
        .await;
    }
    for name in names.iter().filter(|name| !name.starts_with("value-")) {
        let path = format!("/apis/helm.fluxcd.io/v1/namespaces/{}/helmreleases/{name}", scene.app);
        // The API server itself may have refused it.
        eventually(&format!("{name} is judged"), || async {
            scene.object(&path).await.is_none_or(|object| !object["status"]["phase"].is_null())
        })
        .await;
    }
    scene
}
