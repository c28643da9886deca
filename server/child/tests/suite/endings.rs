use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use child::{ChildError, Limits};

use crate::{is_running, shell, text, wait_until};

/// Prints its own number, that of a child in its group and that of one that left group and session.
const FAMILY: &str = "sleep 600 & echo $$ $!; setsid sh -c 'echo $$; exec sleep 600' & wait";

#[tokio::test]
async fn a_time_limit_ends_grandchildren_too() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
    let script = format!("exec > numbers; {FAMILY}");
    let error = shell(&script).folder(folder.path()).limits(limits).run().await.unwrap_err();
    assert!(matches!(error, ChildError::TimedOut { .. }), "{error}");
    let numbers = std::fs::read_to_string(folder.path().join("numbers")).unwrap();
    assert_eq!(numbers.split_whitespace().count(), 3, "{numbers}");
    // The call waited for the supervisor, which had reaped them all.
    for number in numbers.split_whitespace() {
        assert!(!is_running(number), "{number} still runs");
    }
}

#[tokio::test]
async fn a_dropped_call_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let numbers = folder.path().join("numbers");
    let script = format!("exec > numbers; {FAMILY}");
    let call = tokio::spawn(shell(&script).folder(folder.path()).run());
    let read = || std::fs::read_to_string(&numbers).unwrap_or_default();
    wait_until("the family runs", || read().split_whitespace().count() == 3).await;
    call.abort();
    wait_until("the family is gone", || read().split_whitespace().all(|number| !is_running(number))).await;
}

#[tokio::test]
async fn what_a_program_leaves_behind_ends_with_it() {
    // The one left behind holds the pipe: without its end the call would wait for ten minutes.
    let output = shell("sleep 600 & echo $!; setsid sleep 600 & exit 0").run().await.unwrap();
    assert!(output.status.success());
    assert!(!is_running(&text(&output.stdout)));
}

#[tokio::test]
async fn the_end_of_the_server_ends_the_program() {
    // What `kill -9` of the server does: the system closes the lifeline, nobody says anything.
    let mut supervisor = std::process::Command::new(env!("CARGO_BIN_EXE_fairlead-child"))
        .args(["child", "--", "/bin/sh", "-c", FAMILY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lifeline = supervisor.stdin.take().unwrap();
    lifeline.write_all(&0_u64.to_le_bytes()).unwrap();
    let lines = BufReader::new(supervisor.stdout.take().unwrap()).lines().take(2);
    let numbers: Vec<String> = lines.map(Result::unwrap).collect();
    drop(lifeline);
    supervisor.wait().unwrap();
    for number in numbers.join(" ").split_whitespace() {
        assert!(!is_running(number), "{number} still runs");
    }
}

#[tokio::test]
async fn a_program_ended_by_a_signal_is_told_as_such() {
    let error = shell("echo last words >&2; kill -SEGV $$").run().await.unwrap_err();
    let ChildError::Killed { signal, stderr, .. } = error else { panic!("{error}") };
    assert_eq!((signal, text(&stderr)), (11, "last words".into()));
}

#[tokio::test]
async fn a_server_that_goes_before_the_start_starts_nothing() {
    let mut supervisor = std::process::Command::new(env!("CARGO_BIN_EXE_fairlead-child"))
        .args(["child", "--", "/bin/echo", "started"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut supervisor.stdout.take().unwrap(), &mut answer).unwrap();
    assert_eq!(answer, "");
    assert_eq!(supervisor.wait().unwrap().code(), Some(125));
}
