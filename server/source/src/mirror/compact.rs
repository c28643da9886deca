//! A worn store, made compact.

use std::sync::Arc;
use std::time::Duration;

use domain::repository::Revision;

use super::{Store, in_store};
use crate::failure::{self, Failure, Step};
use crate::git::{Git, Queue};

/// Brings what a worn store holds into an empty one, as one pack, without asking the host. What was fetched anew instead
/// would begin at the present commit, and nobody could tell any more that it follows the earlier ones.
pub(super) async fn compact(
    git: &Git,
    worn: &Arc<Store>,
    fresh: &Arc<Store>,
    time: Duration,
) -> Result<(), Failure> {
    let packs = fresh.packs_folder().join("pack");
    let command = git
        .local(time)
        .arg(format!("--git-dir={}", worn.repository().display()))
        .args(["pack-objects", "--quiet", "--all", "--delta-base-offset"])
        .arg(packs);
    run(git, Queue::Fetches, command).await?;
    let from = Arc::clone(worn);
    let noted = in_store(fresh, move |fresh| fresh.follow(&from)).await?;
    // What no reference leads to any more is not in the pack.
    let command = git
        .local(time)
        .arg(format!("--git-dir={}", fresh.repository().display()))
        .args(["cat-file", "--batch-check=%(objectname) %(objecttype)"])
        .input(noted.join("\n").into_bytes());
    let found = run(git, Queue::Questions, command).await?;
    let kept: Vec<Revision> = found
        .lines()
        .filter_map(|line| line.strip_suffix(" commit"))
        .filter_map(|id| Revision::parse(id).ok())
        .collect();
    in_store(fresh, move |fresh| kept.iter().try_for_each(|revision| fresh.note_revision(revision))).await
}

async fn run(git: &Git, queue: Queue, command: child::Command) -> Result<String, Failure> {
    let output = git.run(queue, command).await.map_err(|error| failure::of_child(Step::Fetch, &error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failure::of_git(&output.stderr))
    }
}
