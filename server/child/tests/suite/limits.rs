use std::time::Duration;

use child::{ChildError, Limits, Program};

use crate::{launcher, shell, text};

/// Enough to see what depends on which thread is faster.
const STARTS: usize = 40;

#[tokio::test]
async fn every_limit_of_the_system_is_set() {
    let limits = Limits {
        processor: Duration::from_secs(7),
        memory: 512 * 1024 * 1024,
        file_size: 1024 * 1024,
        open_files: 33,
        ..Limits::default()
    };
    let output = shell("ulimit -t; ulimit -v; ulimit -n; ulimit -c").limits(limits).run().await.unwrap();
    assert_eq!(text(&output.stdout).lines().collect::<Vec<_>>(), ["7", "524288", "33", "0"]);
}

#[tokio::test]
async fn memory_that_is_too_little_to_start_in_is_a_limit() {
    let limits = Limits { memory: 1024 * 1024, ..Limits::default() };
    for _ in 0..STARTS {
        let error = shell("true").limits(limits).run().await.unwrap_err();
        assert!(error.is_limit(), "{error}");
        assert!(error.to_string().contains("in the 1048576 bytes of memory allowed"), "{error}");
    }
}

#[tokio::test]
async fn a_program_that_wants_more_memory_gets_none() {
    let limits = Limits { memory: 256 * 1024 * 1024, ..Limits::default() };
    // A last line without end: `tail` keeps all of it.
    let tail = Program::find("tail").unwrap();
    let output = launcher().command(&tail).args(["-n", "1", "/dev/zero"]).limits(limits).run().await.unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("memory exhausted"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn a_file_larger_than_allowed_ends_its_writer() {
    let limits = Limits { file_size: 1024 * 1024, ..Limits::default() };
    let error = shell("exec head -c 2000000 /dev/zero > large").limits(limits).run().await.unwrap_err();
    assert!(error.is_limit(), "{error}");
    assert!(error.to_string().contains("it wrote a larger file than allowed"), "{error}");
}

#[tokio::test]
async fn more_processor_time_than_allowed_ends_the_program() {
    let limits = Limits { processor: Duration::from_secs(1), ..Limits::default() };
    let error = shell("while :; do :; done").limits(limits).run().await.unwrap_err();
    // The hard limit is the soft one: the system may kill without warning.
    assert!(matches!(error, ChildError::Killed { signal: 24 | 9, .. }), "{error}");
}

#[tokio::test]
async fn endless_output_is_cut_on_both_streams() {
    let limits = Limits { output: 100_000, ..Limits::default() };
    for script in ["exec yes", "exec yes >&2"] {
        let error = shell(script).limits(limits).run().await.unwrap_err();
        assert!(matches!(error, ChildError::OutputLimit { limit: 100_000, .. }), "{script}: {error}");
    }
}

#[tokio::test]
async fn output_of_exactly_the_limit_is_whole() {
    let limits = Limits { output: 5000, ..Limits::default() };
    let output = shell("head -c 5000 /dev/zero").limits(limits).run().await.unwrap();
    assert_eq!(output.stdout.len(), 5000);
}

#[tokio::test]
async fn a_program_that_does_not_end_is_ended() {
    let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
    let error =
        shell("trap '' TERM INT HUP; while :; do sleep 60; done").limits(limits).run().await.unwrap_err();
    assert!(matches!(error, ChildError::TimedOut { .. }), "{error}");
    assert_eq!(error.to_string(), "sh did not end within 0.3 seconds");
}
