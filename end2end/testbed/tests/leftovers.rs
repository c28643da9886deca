//! Whatever ends the one who started the parts, the parts end too and leave nothing behind.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use testbed::{Cluster, ClusterOptions, TestbedError};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Bounds a wait for something that takes a moment; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(1);

/// The command lines of running programs that name this folder. A dead one that nobody has collected has none.
fn programs_in(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok).map(|entry| entry.path());
    processes
        .filter_map(|process| std::fs::read(process.join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(folder))
        .collect()
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

/// A running `testbed up` whose every file is below `folder`.
async fn up(folder: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_testbed"))
        .args(["up", "--repository", "one/sample"])
        .env("TMPDIR", folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
    assert!(first.starts_with("KUBECONFIG='"), "{first}");
    let second = lines.next_line().await.unwrap().unwrap();
    assert!(
        second.starts_with("GIT_URL='http://127.0.0.1:") && second.ends_with("/one/sample.git'"),
        "{second}"
    );
    for program in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] {
        assert!(programs_in(folder).iter().any(|line| line.contains(program)), "{program} does not run");
    }
    child
}

fn send(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn ctrl_c_takes_everything_down_before_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = up(folder.path()).await;
    send(&child, Signal::INT);
    let status = tokio::time::timeout(LIMIT, child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(programs_in(folder.path()).join("\n"), "");
    assert!(is_empty(folder.path()));
}

#[tokio::test]
async fn a_killed_testbed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = up(folder.path()).await;
    send(&child, Signal::KILL);
    child.wait().await.unwrap();
    let gone = async {
        while !(programs_in(folder.path()).is_empty() && is_empty(folder.path())) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(LIMIT, gone).await;
    assert!(waited.is_ok(), "still there: {:#?}", programs_in(folder.path()));
}

#[tokio::test]
async fn a_dropped_cluster_is_gone_at_once() {
    let cluster = Cluster::start().await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    cluster.describe(file.path()).unwrap();
    let description: serde_json::Value = serde_json::from_reader(file).unwrap();
    let folder = PathBuf::from(description["audit_log"].as_str().unwrap()).parent().unwrap().to_path_buf();
    assert!(folder.is_dir() && !programs_in(&folder).is_empty());
    drop(cluster);
    assert!(!folder.exists());
    assert_eq!(programs_in(&folder).join("\n"), "");
}

#[tokio::test]
async fn a_part_that_does_not_start_is_named_with_its_log() {
    let options = ClusterOptions { api_server_arguments: vec!["--no-such-flag".into()] };
    let error = Cluster::start_with(options).await.unwrap_err();
    let TestbedError::Ended { part, log, tail } = &error else { panic!("{error}") };
    assert_eq!(part, "kube-apiserver");
    assert!(tail.contains("unknown flag: --no-such-flag"), "{tail}");
    assert!(log.is_file(), "{} is gone", log.display());
    std::fs::remove_file(log).unwrap();
}
