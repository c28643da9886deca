//! What other processes of the machine see of a call: none of its secrets.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use engine::port::source::Source;
use tokio::net::TcpListener;

use super::access::{asking, with_user};
use crate::{Fixture, request};

/// What stands for a secret: it must be found nowhere.
const CANARY: &str = "canary-4711-%41 +=&'\"\\$(x)";
const USER_CANARY: &str = "canary-user-0815";

/// Looks at all processes while a call waits, and how many there are when there is time.
const SAMPLES: usize = 100;
const SAMPLES_STATED: usize = 1_000;

/// V8, and S-G1 for what lies in processes and files of a call: sampled while hosts keep calls waiting.
#[tokio::test]
async fn no_secret_is_in_an_argument_a_variable_or_a_file_that_is_not_private() {
    let fixture = Fixture::new();
    let here = asking().await;
    let asked = with_user(&format!("http://{}/x.git", here.address), USER_CANARY, CANARY);
    let ssh = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-4711\n-----END OPENSSH PRIVATE KEY-----\n";
    let mut over_ssh = request(&format!("ssh://git@{}/x.git", ssh.local_addr().unwrap()));
    over_ssh.access.ssh_key = Some(key.into());
    let source = Arc::clone(&fixture.source);
    let (first, second) = (Arc::clone(&source), source);
    let calls = [
        tokio::spawn(async move { first.resolve(&asked, Duration::ZERO).await.map(drop) }),
        tokio::spawn(async move { second.resolve(&over_ssh, Duration::ZERO).await.map(drop) }),
    ];
    let mut seen = BTreeSet::new();
    let mut passes = BTreeSet::new();
    for _ in 0..testbed::count(SAMPLES, SAMPLES_STATED) {
        passes.extend(passes_in_files());
        for (process, text) in processes() {
            for pass in &passes {
                assert!(!text.contains(pass.as_str()), "process {process} shows a pass");
            }
            for canary in [USER_CANARY, "canary-4711"] {
                assert!(!text.contains(canary), "process {process} shows {canary}");
            }
            seen.extend(["git", "ssh"].into_iter().filter(|name| text.contains(name)));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(seen.contains("git") && seen.contains("ssh"), "{seen:?}");
    assert!(passes.len() >= 2, "one for each call");
    for call in calls {
        call.abort();
        let _ = call.await;
    }
    // The host was shown it.
    let heard = here.heard.lock().unwrap().join("\n");
    assert!(heard.contains("Basic "), "{heard}");
    let left = |folder: &std::path::Path| std::fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(left(&fixture.settings.mirrors.join("private")), 0);
}

/// The words of all passes in the private folders of running calls: as git is told them, and as the relay is.
fn passes_in_files() -> Vec<String> {
    let entries = |folder: &std::path::Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(std::path::PathBuf::from);
    let places = runtime.into_iter().chain(["/dev/shm".into()]);
    places
        .flat_map(|place| entries(&place).collect::<Vec<_>>())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("fairlead-"))
        .flat_map(|folder| ["git.config", "route"].map(|name| folder.path().join(name)))
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .flat_map(|text| {
            let in_url = text.split("//relay:").nth(1).and_then(|rest| rest.split('@').next());
            let in_header = text.lines().nth(2).and_then(|line| line.strip_prefix("Basic "));
            in_url.into_iter().chain(in_header).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// Arguments and environment of every process that the system lets us see.
fn processes() -> Vec<(String, String)> {
    let read = |path: std::path::PathBuf| std::fs::read(path).unwrap_or_default();
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|entry| entry.file_name().to_string_lossy() != std::process::id().to_string())
        .map(|entry| {
            let bytes = [read(entry.path().join("cmdline")), read(entry.path().join("environ"))].concat();
            (entry.file_name().to_string_lossy().into_owned(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect()
}
