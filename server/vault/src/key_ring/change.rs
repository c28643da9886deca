//! Changing the ring's file: each time a whole new file in place of the old one, so that whoever reads it, and
//! whoever starts after a power cut, finds one or the other. One process at a time: the caller sees to that.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::KeyRing;
use super::file::{KeyRingError, PRIVATE, failed, folder_of, new_line, parse, read};

/// The end of the line of the active key.
const ACTIVE: &str = ":active";

/// The end of the name of the file that is to take the ring's place.
const NEW: &str = ".new";

impl KeyRing {
    /// Reads the file; it must be there.
    pub fn load(path: &Path) -> Result<Self, KeyRingError> {
        parse(path, &text_of(path)?)
    }

    /// Makes a key, writes it into the file and marks it active in place of the one that was. Gives its id.
    pub fn add_active(path: &Path) -> Result<String, KeyRingError> {
        let text = text_of(path)?;
        parse(path, &text)?;
        let (id, line) = new_line()?;
        let changed = with_active(&text, &line);
        parse(path, &changed)?;
        replace(path, &changed).map_err(failed(path))?;
        Ok(id)
    }

    /// Takes the lines of these keys out of the file. Refused, with nothing changed, when the active one is among
    /// them: the rest would be no ring.
    pub fn remove(path: &Path, ids: &BTreeSet<String>) -> Result<(), KeyRingError> {
        let changed = without(&text_of(path)?, ids);
        parse(path, &changed)?;
        replace(path, &changed).map_err(failed(path))
    }
}

fn text_of(path: &Path) -> Result<Zeroizing<String>, KeyRingError> {
    read(path, File::open(path).map_err(failed(path))?)
}

/// No line is marked but the new one, which comes last.
fn with_active(text: &str, line: &str) -> Zeroizing<String> {
    let mut changed = room(text.len() + line.len());
    for present in text.lines() {
        let comment = present.trim_start().starts_with('#');
        let end = if comment { None } else { present.trim_end().strip_suffix(ACTIVE) };
        push_line(&mut changed, end.unwrap_or(present));
    }
    changed.push_str(line);
    changed
}

/// All lines but those of these keys.
fn without(text: &str, ids: &BTreeSet<String>) -> Zeroizing<String> {
    let mut changed = room(text.len());
    for line in text.lines().filter(|line| !line.trim().split(':').next().is_some_and(|id| ids.contains(id)))
    {
        push_line(&mut changed, line);
    }
    changed
}

/// A text that does not have to grow: growing would leave copies of keys behind.
fn room(length: usize) -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(length + 1))
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// In place of the file that a link leads to, not of the link. On the disk before and after it gets the name: a
/// secret must never be sealed by a key that a power cut takes away.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let mut beside = path.clone().into_os_string();
    beside.push(NEW);
    // what one that was killed has left: no copy of a ring may lie about
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&beside, &path)) {
        fs::remove_file(&beside)?;
        return Err(error);
    }
    File::open(folder_of(&path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn ring_file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        (folder, path)
    }

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_new_key_is_active_and_every_other_line_stays() {
        let (folder, path) = ring_file(&format!("# ours:active\none:{KEY}\n\ntwo:{KEY}:active"));
        fs::write(path.with_file_name("keys.new"), "left by one that was killed").unwrap();
        let id = KeyRing::add_active(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(&format!("# ours:active\none:{KEY}\n\ntwo:{KEY}\n{id}:")), "{text}");
        let ring = KeyRing::load(&path).unwrap();
        assert_eq!(ring.active_id(), id);
        assert_eq!(ring.ids().count(), 3);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left in the folder");
    }

    #[test]
    fn keys_are_taken_out_but_never_the_active_one() {
        let text = format!("# one: of last year\none:{KEY}\ntwo:{KEY}:active\nthree:{KEY}\n");
        let (_folder, path) = ring_file(&text);
        KeyRing::remove(&path, &ids(&["one", "three", "unknown"])).unwrap();
        let left = format!("# one: of last year\ntwo:{KEY}:active\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), left);
        assert!(KeyRing::remove(&path, &ids(&["two"])).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), left);
    }

    #[test]
    fn a_link_stays_a_link() {
        let (folder, path) = ring_file(&format!("one:{KEY}:active\n"));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let id = KeyRing::add_active(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(KeyRing::load(&path).unwrap().active_id(), id);
    }

    #[test]
    fn a_ring_that_is_missing_or_damaged_is_not_changed() {
        let (_folder, path) = ring_file("no ring");
        assert!(KeyRing::add_active(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "no ring");
        fs::remove_file(&path).unwrap();
        assert!(KeyRing::add_active(&path).is_err());
        assert!(!path.exists());
    }
}
