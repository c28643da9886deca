//! Away from the machine: the two steps that put a program into namespaces of its own.
//!
//! ```text
//! supervisor ── [`leave`]: user and process namespace ──► the same binary again, first process of its namespace
//!                                                          └─ [`enter`]: network, mounts, new root ─ exec ─► program
//! ```
//!
//! Two steps, because only a process inside a process namespace can limit how many there are. Killing the first
//! process of the namespace, as the supervisor does, ends all others in it: nothing can get away.

mod root;

use rustix::io::Errno;
use rustix::process::geteuid;
use rustix::thread::{CapabilitiesSecureBits, UnshareFlags};

use super::orders::Apart;

/// The smallest highest number that a process namespace may have: its kernel keeps 300 for itself.
const LEAST_HIGHEST_PROCESS: u64 = 301;

/// What the number of the first user is in every map.
const ROOT: &str = "0";

/// Gives up every right over the machine: from here on this process and all it starts are in a user namespace that
/// knows one user. The kernel gives none to a process that has threads.
pub(super) fn leave() -> Result<(), String> {
    let (user, group) = (geteuid().as_raw(), rustix::process::getegid().as_raw());
    unshare(UnshareFlags::NEWUSER).map_err(|error| format!("the kernel gives no user namespace: {error}"))?;
    // Without this the group may not be mapped; kernels before 3.19 do not know it.
    write_map("setgroups", "deny")?;
    write_map("uid_map", &format!("{ROOT} {user} 1"))?;
    write_map("gid_map", &format!("{ROOT} {group} 1"))
}

/// The next child begins a process namespace. No thread can be started any more after this.
pub(super) fn separate_processes() -> Result<(), String> {
    unshare(UnshareFlags::NEWPID).map_err(|error| format!("the kernel gives no process namespace: {error}"))
}

/// Cuts off the network unless it may have it, shows the new root, and gives up the privileges that making it took. What remains is to
/// set the limits and to become the program.
pub(super) fn enter(apart: &Apart, program: &std::path::Path) -> Result<(), String> {
    let parts = UnshareFlags::NEWNS | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    let network = if apart.network { UnshareFlags::empty() } else { UnshareFlags::NEWNET };
    unshare(parts | network)
        .map_err(|error| format!("the kernel gives no network or mount namespace: {error}"))?;
    root::private()?;
    let counted = limit_processes(apart.processes);
    // The first user's processes are not counted by `setrlimit`, in no namespace.
    if counted.is_err() && outer_user_is_root() {
        return Err(format!(
            "this kernel does not limit the number of processes for root ({}): run the server as another user",
            counted.err().unwrap_or_default()
        ));
    }
    root::change(apart, program)?;
    // Root inside has every capability inside. These two take them away at the next exec, for good.
    let failed = |error: Errno| format!("the privileges cannot be given up: {error}");
    let bits = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::NO_SETUID_FIXUP
        | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    rustix::thread::set_capabilities_secure_bits(bits).map_err(failed)?;
    rustix::thread::set_no_new_privs(true).map_err(failed)
}

#[expect(deprecated, reason = "its successor is unsafe for the sake of one flag that is not given here")]
fn unshare(parts: UnshareFlags) -> Result<(), Errno> {
    rustix::thread::unshare(parts)
}

fn write_map(name: &str, text: &str) -> Result<(), String> {
    match std::fs::write(format!("/proc/self/{name}"), text) {
        Err(error) if name == "setgroups" && error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        written => written.map_err(|error| format!("the kernel takes no {name}: {error}")),
    }
}

/// The highest number a process of this namespace may get (since Linux 6.14). The view of /proc that it takes is
/// put away again: through it root could change settings of the machine.
fn limit_processes(processes: u64) -> Result<(), String> {
    root::with_own_proc(|proc| {
        let highest = processes.max(LEAST_HIGHEST_PROCESS);
        std::fs::write(proc.join("sys/kernel/pid_max"), highest.to_string())
            .map_err(|error| format!("pid_max: {error}"))
    })
}

/// Whether the user that this namespace knows is the first of the namespace above.
fn outer_user_is_root() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().nth(1).is_none_or(|outer| outer == ROOT)
}
