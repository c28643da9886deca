//! Real programs through the real supervisor. One binary: the tests share the helpers below.

mod suite {
    mod calls;
    mod endings;
    mod isolation;
    mod limits;
    mod network;
}

use std::path::Path;
use std::time::Duration;

use child::{Command, Launcher, Program};

/// How long a killed process may take to vanish on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn launcher() -> Launcher {
    Launcher::new(Path::new(env!("CARGO_BIN_EXE_fairlead-child")))
}

/// A shell as the program under test: the product never starts one.
fn shell(script: &str) -> Command {
    launcher().command(&Program::find("sh").expect("a shell")).args(["-c", script])
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// A process that has ended and waits to be reaped counts as gone.
fn is_running(process: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let holds = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, holds).await.is_ok(), "in vain: {what}");
}
