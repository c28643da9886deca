//! Waiting for the program and for everything that outlived it.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions};

use super::End;

/// Each round kills all children there are; only a program that keeps starting others needs a second one.
const ROUNDS: usize = 1000;

/// Waits until the program has ended, without reaping it: its number stays taken.
pub(super) fn wait_for_end(program: Pid) -> Result<End, String> {
    loop {
        match rustix::process::waitid(WaitId::Pid(program), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Ok(Some(status)) => {
                return match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => Ok(End::Code(code)),
                    (None, Some(signal)) => Ok(End::Signal(signal)),
                    (None, None) => Err("the program ended in an unknown way".into()),
                };
            }
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("wait: {error}")),
        }
    }
}

/// Kills and reaps every descendant that left the program's group: orphans become children of this process.
pub(super) fn kill_all() {
    for _ in 0..ROUNDS {
        for child in children() {
            let _ = rustix::process::kill_process(child, Signal::KILL);
        }
        // Waits for one at least, then takes what has ended meanwhile. No child left is the only way out.
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

fn children() -> Vec<Pid> {
    // Orphans come to the thread group; the kernel lists them with its first thread.
    let path = format!("/proc/self/task/{}/children", rustix::process::getpid().as_raw_nonzero());
    let list = std::fs::read_to_string(path).unwrap_or_default();
    list.split_whitespace().filter_map(|number| number.parse().ok()).filter_map(Pid::from_raw).collect()
}
