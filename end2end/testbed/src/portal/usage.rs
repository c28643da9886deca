//! What the portal's process has used, as the kernel counts it.

use std::path::Path;

use crate::TestbedError;

/// `USER_HZ`: the ticks of a second in `/proc`, the same in every Linux of the common architectures.
const TICKS_PER_SECOND: f64 = 100.0;

/// Since the start of the process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Time on a processor, seconds, with that of the programs it ran to their end.
    pub cpu_seconds: f64,
    /// The most memory it held at once, bytes, without the programs it runs.
    pub peak_memory: u64,
}

impl Usage {
    pub(super) fn of(process: u32) -> Result<Self, TestbedError> {
        let folder = Path::new("/proc").join(process.to_string());
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).map_err(TestbedError::file("read", &path))
        };
        Ok(Self { cpu_seconds: cpu_seconds(&read("stat")?), peak_memory: peak_memory(&read("status")?) })
    }
}

/// Fields 14 to 17 of `stat`, own and children's, user and system; the name before them may hold blanks.
fn cpu_seconds(stat: &str) -> f64 {
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: u32 =
        after_name.split(' ').skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum();
    f64::from(ticks) / TICKS_PER_SECOND
}

fn peak_memory(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_a_blank_in_its_name_is_read() {
        let stat = "7 (a b) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 25 25 20 0 9 0 1 2 3";
        assert!((cpu_seconds(stat) - 2.5).abs() < f64::EPSILON);
        assert_eq!(peak_memory("Name:\ta b\nVmHWM:\t    2048 kB\n"), 2 * 1024 * 1024);
    }
}
