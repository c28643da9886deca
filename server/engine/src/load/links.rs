//! Symbolic links of a repository: never followed, but where they lead decides whether the load goes on.

use super::error::LoadError;
use super::walk::join;
use crate::port::source::{EntryKind, Tree};

/// How many links may lead to each other: what Linux follows at most.
const MAX_LINKS: u32 = 40;

/// Whether everything on the way from a link to its target lies at or below `root`, the configured path it was
/// found in. A target that does not exist stays inside when its name does.
///
/// Folders above `root` may be passed on the way (`../here/x` comes back), anything else may not: what is there is
/// not ours to look at, and a change of it would not be noticed.
pub(super) fn stays_inside(tree: &dyn Tree, root: &str, link: &str) -> Result<bool, LoadError> {
    let mut here: Vec<String> = parts(link).map(str::to_owned).collect();
    // What is still to be walked, last part first.
    let mut ahead: Vec<String> = Vec::new();
    for _ in 0..MAX_LINKS {
        let target = tree.link_target(&here.join("/"))?;
        if target.starts_with('/') || target.contains('\\') || target.contains('\0') {
            return Ok(false);
        }
        here.pop();
        ahead.extend(parts(&target).rev().map(str::to_owned));
        match walk(tree, root, &mut here, &mut ahead)? {
            Stop::AtLink => {}
            Stop::AtTarget => return Ok(is_within(root, &here.join("/"))),
            Stop::Outside => return Ok(false),
        }
    }
    Ok(false)
}

enum Stop {
    AtLink,
    AtTarget,
    Outside,
}

fn walk(
    tree: &dyn Tree,
    root: &str,
    here: &mut Vec<String>,
    ahead: &mut Vec<String>,
) -> Result<Stop, LoadError> {
    while let Some(part) = ahead.pop() {
        match part.as_str() {
            ".." if here.pop().is_none() => return Ok(Stop::Outside),
            "." | ".." => {}
            ".git" => return Ok(Stop::Outside),
            name => {
                here.push(name.to_owned());
                let path = here.join("/");
                if !is_within(root, &path) && !is_above(root, &path) {
                    return Ok(Stop::Outside);
                }
                if tree.entry(&path)?.is_some_and(|entry| entry.kind == EntryKind::Link) {
                    return Ok(Stop::AtLink);
                }
            }
        }
    }
    Ok(Stop::AtTarget)
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

fn is_within(root: &str, path: &str) -> bool {
    root.is_empty() || path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

fn is_above(root: &str, path: &str) -> bool {
    path.is_empty() || join(path, "") == root || root.starts_with(&join(path, ""))
}
