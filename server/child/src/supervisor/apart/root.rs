//! The files that a program apart sees: a new root in memory with the system's programs, the folder it works on and
//! one place to write to.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

use crate::isolation::{SCRATCH, WORK};
use crate::supervisor::orders::Apart;

/// Programs and their libraries. What does not exist is left out, what is a link becomes the same link.
const SYSTEM: [&str; 9] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache", "/etc/alternatives"];

/// What nearly every program opens.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"];

/// The root holds folders, links and empty files to mount on: a few pages.
const ROOT_OPTIONS: &std::ffi::CStr = c"mode=0755,size=1m,nr_inodes=1k";

/// Mounts of this process are seen by no other from here on.
pub(super) fn private() -> Result<(), String> {
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(|error| format!("the mounts cannot be made private: {error}"))
}

/// Works with a view of /proc that knows only the processes of our own namespace, in our private home.
pub(super) fn with_own_proc(work: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    let home = home()?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    rustix::mount::mount("proc", &home, "proc", flags, None)
        .map_err(|error| format!("/proc cannot be mounted: {error}"))?;
    let done = work(&home);
    rustix::mount::unmount(&home, UnmountFlags::DETACH)
        .map_err(|error| format!("/proc cannot be put away: {error}"))?;
    done
}

/// Makes the new root in our private home, and it is the root.
pub(super) fn change(apart: &Apart, program: &Path) -> Result<(), String> {
    let root = home()?;
    let plain = MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount("tmpfs", &root, "tmpfs", plain, ROOT_OPTIONS)
        .map_err(|error| format!("the new root cannot be made: {error}"))?;
    for path in SYSTEM.iter().chain(&DEVICES).map(Path::new) {
        show(&root, path, path)?;
    }
    if !inside(&root, program).exists() {
        show(&root, program, program)?;
    }
    show(&root, &apart.work, Path::new(WORK))?;
    let scratch = inside(&root, Path::new(SCRATCH));
    make_folder(&scratch)?;
    // For programs that do not ask where to write. Where the program itself lies below, it has to ask.
    let _ = std::os::unix::fs::symlink(SCRATCH, inside(&root, Path::new("/tmp")));
    make_unchangeable(&root)?;
    let (bytes, files) = (apart.scratch_bytes, apart.scratch_files);
    let options = std::ffi::CString::new(format!("mode=0700,size={bytes},nr_inodes={files}"))
        .map_err(|error| error.to_string())?;
    rustix::mount::mount("tmpfs", &scratch, "tmpfs", plain, options.as_c_str())
        .map_err(|error| format!("the place to write to cannot be made: {error}"))?;
    enter(&root).map_err(|error| format!("the new root cannot be entered: {error}"))?;
    rustix::process::chdir(&apart.folder)
        .map_err(|error| format!("{} cannot be entered: {error}", apart.folder.display()))
}

/// The folder the server started us in: private, empty, and gone when we are.
fn home() -> Result<PathBuf, String> {
    std::env::current_dir().map_err(|error| format!("there is no private folder: {error}"))
}

/// Shows what is at `path` of the machine at `place` of the new root.
fn show(root: &Path, path: &Path, place: &Path) -> Result<(), String> {
    let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
    let target = inside(root, place);
    let failed = |error: &dyn std::fmt::Display| format!("{} cannot be shown: {error}", path.display());
    if let Some(parent) = target.parent() {
        make_folder(parent)?;
    }
    if metadata.is_symlink() {
        let link = std::fs::read_link(path).map_err(|error| failed(&error))?;
        return std::os::unix::fs::symlink(link, &target).map_err(|error| failed(&error));
    }
    if metadata.is_dir() {
        make_folder(&target)?;
    } else {
        std::fs::File::create(&target).map_err(|error| failed(&error))?;
    }
    // With the mounts below it: the kernel shows no folder without what covers parts of it.
    rustix::mount::mount_bind_recursive(path, &target).map_err(|error| failed(&error))
}

/// Nothing that is shown can be written to, whoever owns it.
fn make_unchangeable(root: &Path) -> Result<(), String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo")
        .map_err(|error| format!("the mounts cannot be listed: {error}"))?;
    for (place, options) in mounts.lines().filter_map(mount_point) {
        if !place.starts_with(root) {
            continue;
        }
        // Flags that the mount came with may not be taken away by us, so they are named again.
        let kept = options.split(',').filter_map(flag).fold(MountFlags::empty(), |flags, flag| flags | flag);
        rustix::mount::mount_remount(&place, MountFlags::BIND | MountFlags::RDONLY | kept, "")
            .map_err(|error| format!("{} cannot be protected: {error}", place.display()))?;
    }
    Ok(())
}

/// Place and options of a line of mountinfo: the fifth and the sixth word.
fn mount_point(line: &str) -> Option<(PathBuf, &str)> {
    let mut words = line.split(' ');
    let place = words.nth(4)?;
    let options = words.next()?;
    Some((PathBuf::from(unescaped(place)), options))
}

/// Blanks and the like are written as three octal digits.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (code, character)| text.replace(code, character))
}

fn flag(option: &str) -> Option<MountFlags> {
    Some(match option {
        "nosuid" => MountFlags::NOSUID,
        "nodev" => MountFlags::NODEV,
        "noexec" => MountFlags::NOEXEC,
        "noatime" => MountFlags::NOATIME,
        "nodiratime" => MountFlags::NODIRATIME,
        "relatime" => MountFlags::RELATIME,
        "nosymfollow" => MountFlags::NOSYMFOLLOW,
        _ => return None,
    })
}

/// The old root lies on the new one for a moment, then it is out of reach.
fn enter(root: &Path) -> rustix::io::Result<()> {
    rustix::process::chdir(root)?;
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")
}

fn make_folder(path: &Path) -> Result<(), String> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .map_err(|error| format!("{} cannot be made: {error}", path.display()))
}

fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo_gives_place_and_options() {
        let line = "36 35 98:0 /mnt1 /mnt\\040two rw,nosuid,relatime master:1 - ext3 /dev/root rw";
        let (place, options) = mount_point(line).unwrap();
        assert_eq!((place, options), (PathBuf::from("/mnt two"), "rw,nosuid,relatime"));
        assert_eq!(options.split(',').filter_map(flag).count(), 2);
    }
}
