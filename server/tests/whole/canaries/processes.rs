//! What the system shows of the server and of the programs it runs, sampled all the time.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shorter than any program that the server runs.
const PAUSE: Duration = Duration::from_millis(5);

/// A running look at the processes.
pub(super) struct Sampler {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<BTreeSet<Vec<u8>>>,
}

impl Sampler {
    /// Of this process and of all that come from it.
    pub(super) fn of(server: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            while !stopped.load(Ordering::SeqCst) {
                seen.extend(family(server).into_iter().flat_map(shown));
                std::thread::sleep(PAUSE);
            }
            seen
        });
        Self { stop, thread }
    }

    /// Arguments and variables of all that were seen.
    pub(super) fn end(self) -> Vec<u8> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap().into_iter().collect::<Vec<_>>().join(&b'\n')
    }
}

/// The process and its descendants. One that goes between two looks has none any more.
fn family(server: u32) -> Vec<u32> {
    let mut family = vec![server];
    let mut next = 0;
    while let Some(process) = family.get(next) {
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let children =
            threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        let children: Vec<u32> = children
            .flat_map(|ids| ids.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
            .collect();
        family.extend(children);
        next += 1;
    }
    family
}

fn shown(process: u32) -> impl Iterator<Item = Vec<u8>> {
    let read = move |name: &str| std::fs::read(Path::new("/proc").join(process.to_string()).join(name));
    ["cmdline", "environ"].into_iter().filter_map(move |name| read(name).ok())
}
