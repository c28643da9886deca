//! The demo shows the whole chain, or says why it cannot. It needs the program `fairlead`, built in the same workspace.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Bounds a wait for something that takes seconds; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(2);

async fn demo_once(folder: &Path, listen: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_testbed"))
        .args(["demo", "--once"])
        .current_dir(folder)
        .env("FAIRLEAD_LISTEN", listen)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn once_it_ends_well_when_everything_is_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = demo_once(folder.path(), &listen).await;
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    for words in ["cluster-config: Installed at ", "team-a", "default/arc-k8s-demo", "Available=True"] {
        assert!(printed.contains(words), "{words} is not in: {printed}");
    }
    let lines = std::fs::read_to_string(folder.path().join("target/demo/env")).unwrap();
    let keys: Vec<&str> = lines.lines().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(
        keys,
        [
            "PORTAL_URL",
            "USERNAME",
            "PASSWORD",
            "TOKEN",
            "KUBECONFIG",
            "GIT_URL",
            "SUBSCRIPTION",
            "RESOURCE_GROUP",
            "CLUSTER"
        ]
    );
    assert!(lines.contains(&format!("PORTAL_URL=http://{listen}\n")), "{lines}");
}

#[tokio::test]
async fn a_taken_port_is_said_before_anything_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = demo_once(folder.path(), &taken.local_addr().unwrap().to_string()).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("set FAIRLEAD_LISTEN"), "{said}");
    assert!(!said.contains("starting"), "{said}");
}

#[tokio::test]
async fn ctrl_c_ends_it_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_testbed"))
        .arg("demo")
        .current_dir(folder.path())
        .env("FAIRLEAD_LISTEN", &listen)
        .env("TMPDIR", &temporary)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.starts_with("Ctrl-C ends it") {
                return;
            }
        }
        panic!("the demo ended before it was ready");
    };
    tokio::time::timeout(LIMIT, told).await.unwrap();

    let id = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
    let status = tokio::time::timeout(LIMIT, child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
    let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(TcpListener::bind(&listen).is_ok(), "the portal still listens");
}
