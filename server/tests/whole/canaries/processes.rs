//! What the system shows of the server and of the programs it runs, sampled all the time.

use std::collections::{BTreeMap, BTreeSet};
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

/// The process and its descendants.
fn family(server: u32) -> Vec<u32> {
    let parents = parents();
    let comes_from = |mut process: u32| {
        // A parent may have gone between two looks, which ends the walk; none is its own ancestor.
        while process != server {
            match parents.get(&process) {
                Some(parent) => process = *parent,
                None => return false,
            }
        }
        true
    };
    parents.keys().copied().filter(|process| comes_from(*process)).collect()
}

fn parents() -> BTreeMap<u32, u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, parent(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?)))
        .collect()
}

/// The second field behind the name, which is in brackets and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn shown(process: u32) -> impl Iterator<Item = Vec<u8>> {
    let read = move |name: &str| std::fs::read(Path::new("/proc").join(process.to_string()).join(name));
    ["cmdline", "environ"].into_iter().filter_map(move |name| read(name).ok())
}
