use std::fs::File;
use std::path::Path;
use std::process::Command;

use engine::port::source::{Source as _, TreeError};

use crate::{Fixture, repository, request, revision, text};

#[tokio::test]
async fn the_first_fetch_brings_one_commit_and_the_next_what_is_new() {
    let fixture = Fixture::new();
    let repository = repository("shallow").await;
    let request = request(repository.url());
    let mut commit = String::new();
    for number in 0..5 {
        commit = repository.commit(&[("a", &number.to_string())], "More").await.unwrap();
    }
    let tree = fixture.open(&request, &commit).await.unwrap();
    assert_eq!(text(&*tree, "a"), "4");
    let store = fixture.stores().pop().unwrap();
    assert_eq!(std::fs::read_to_string(store.join("shallow")).unwrap().trim(), commit);

    repository.commit(&[("a", "5")], "More").await.unwrap();
    let newest = repository.commit(&[("a", "6")], "More").await.unwrap();
    let tree = fixture.open(&request, &newest).await.unwrap();
    assert_eq!(text(&*tree, "a"), "6");
    // The boundary is where it was: what came since hangs together.
    assert_eq!(std::fs::read_to_string(store.join("shallow")).unwrap().trim(), commit);
    assert_eq!(repository.requests().unwrap().fetches, 2);
}

#[tokio::test]
async fn a_rewritten_branch_is_followed_and_the_earlier_commit_stays_readable() {
    let fixture = Fixture::new();
    let repository = repository("rewritten").await;
    let request = request(repository.url());
    let first = repository.commit(&[("a", "1"), ("b", "1")], "First").await.unwrap();
    fixture.open(&request, &first).await.unwrap();
    let anew = repository.change().without_history().write("a", "2").commit("Anew").await.unwrap();
    let tree = fixture.open(&request, &anew).await.unwrap();
    assert_eq!((text(&*tree, "a"), tree.entry("b").unwrap()), ("2".into(), None));
    let requests = repository.requests().unwrap();
    let tree = fixture.open(&request, &first).await.unwrap();
    assert_eq!(text(&*tree, "b"), "1");
    assert_eq!(repository.requests().unwrap(), requests);
}

#[tokio::test]
async fn a_branch_that_moves_before_the_fetch_still_gives_the_resolved_commit() {
    let fixture = Fixture::new();
    let repository = repository("moving").await;
    let request = request(repository.url());
    let resolved = repository.commit(&[("a", "1")], "First").await.unwrap();
    repository.commit(&[("a", "2")], "Second").await.unwrap();
    let tree = fixture.open(&request, &resolved).await.unwrap();
    assert_eq!((tree.revision().as_str(), text(&*tree, "a")), (resolved.as_str(), "1".into()));
}

#[tokio::test]
async fn a_commit_that_the_host_does_not_have_is_an_error_that_says_so() {
    let fixture = Fixture::new();
    let repository = repository("unknown").await;
    repository.commit(&[("a", "1")], "First").await.unwrap();
    let Err(error) = fixture.open(&request(repository.url()), &"1".repeat(40)).await else {
        panic!("it was read")
    };
    let detail = error.detail.unwrap();
    assert!(
        detail.starts_with("the branch moved while it was fetched; the next try asks for it again."),
        "{detail}"
    );
}

#[tokio::test]
async fn mirrors_outlive_the_server() {
    let fixture = Fixture::new();
    let repository = repository("restart").await;
    let request = request(repository.url());
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request, &commit).await.unwrap();
    let fixture = fixture.restart();
    let tree = fixture.open(&request, &commit).await.unwrap();
    assert_eq!(text(&*tree, "a"), "1");
    assert_eq!(repository.requests().unwrap().fetches, 1);
}

#[tokio::test]
async fn what_a_killed_fetch_left_is_no_obstacle() {
    let fixture = Fixture::new();
    let repository = repository("locks").await;
    let request = request(repository.url());
    let first = repository.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request, &first).await.unwrap();
    let store = fixture.stores().pop().unwrap();
    let reference = std::fs::read_dir(store.join("refs/fairlead")).unwrap().next().unwrap().unwrap().path();
    let remains = [
        store.join("shallow.lock"),
        store.join("packed-refs.lock"),
        store.join("objects/pack/tmp_pack_1234"),
        Path::new(&format!("{}.lock", reference.display())).to_path_buf(),
    ];
    for path in &remains {
        std::fs::write(path, "half").unwrap();
    }
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    fixture.open(&request, &second).await.unwrap();
    assert!(remains.iter().all(|path| !path.exists()));
    assert_eq!(fixture.stores(), [store]);
}

/// More than a mirror keeps apart.
const MANY_FETCHES: usize = 55;

#[tokio::test]
async fn a_mirror_that_is_made_compact_still_knows_which_commits_follow_which() {
    let fixture = Fixture::new();
    let repository = repository("compact").await;
    let request = request(repository.url());
    let mut commits: Vec<String> = Vec::new();
    for number in 0..MANY_FETCHES {
        let commit = repository.commit(&[("a", number.to_string().as_str())], "Next").await.unwrap();
        let tree = fixture.open(&request, &commit).await.unwrap();
        assert_eq!(text(&*tree, "a"), number.to_string());
        if let Some(earlier) = commits.last() {
            let follows =
                fixture.source.descends(&request, &revision(&commit), &revision(earlier)).await.unwrap();
            assert_eq!(follows, Some(true), "after fetch {number}");
        }
        commits.push(commit);
    }
    let packs = std::fs::read_dir(fixture.stores()[0].join("objects/pack")).unwrap().flatten();
    let packs = packs.filter(|entry| entry.path().extension().is_some_and(|kind| kind == "pack")).count();
    assert!(packs < MANY_FETCHES / 2, "{packs} packs");
    assert_eq!(fixture.stores().len(), 1, "the worn store is gone");
    let first = fixture.open(&request, &commits[0]).await.unwrap();
    assert_eq!(text(&*first, "a"), "0", "what was read before still is");
}

#[tokio::test]
async fn a_mirror_without_its_objects_is_made_anew() {
    let fixture = Fixture::new();
    let repository = repository("lost").await;
    let request = request(repository.url());
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request, &commit).await.unwrap();
    let store = fixture.stores().pop().unwrap();
    std::fs::remove_dir_all(store.join("objects")).unwrap();
    let fixture = fixture.restart();
    let tree = fixture.open(&request, &commit).await.unwrap();
    assert_eq!(text(&*tree, "a"), "1");
    assert!(!store.exists());
    assert_eq!(fixture.stores().len(), 1);
}

#[tokio::test]
async fn a_mirror_that_git_cannot_fetch_into_is_made_anew() {
    let fixture = Fixture::new();
    let repository = repository("unusable").await;
    let request = request(repository.url());
    let first = repository.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request, &first).await.unwrap();
    let store = fixture.stores().pop().unwrap();
    std::fs::write(store.join("config"), "[core\nnot a configuration").unwrap();
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    let tree = fixture.open(&request, &second).await.unwrap();
    assert_eq!(text(&*tree, "a"), "2");
    assert!(!store.exists());
}

#[tokio::test]
async fn a_changed_object_is_never_given_out_and_the_mirror_mends_itself() {
    let fixture = Fixture::new();
    let repository = repository("forged").await;
    let request = request(repository.url());
    let commit = repository.commit(&[("a", "1"), ("b", "2")], "First").await.unwrap();
    let tree = fixture.open(&request, &commit).await.unwrap();
    // Another content under the id of the file, as only the disk could make it.
    let store = fixture.stores().pop().unwrap();
    let id = tree.entry("a").unwrap().unwrap().id;
    drop(tree);
    forge(&store, &id).unwrap();
    let tree = fixture.open(&request, &commit).await.unwrap();
    let Err(TreeError::Damaged { path, detail }) = tree.read("a", 100) else { panic!("it was read") };
    assert_eq!((path.as_str(), detail), ("a", format!("{id} has another hash")));
    drop(tree);
    let tree = fixture.open(&request, &commit).await.unwrap();
    assert_eq!(text(&*tree, "a"), "1");
}

/// Unpacks all objects, then puts another file's content in the place of one's.
fn forge(store: &Path, id: &str) -> std::io::Result<()> {
    let moved = tempfile::tempdir()?;
    for entry in std::fs::read_dir(store.join("objects/pack"))? {
        let entry = entry?;
        let target = moved.path().join(entry.file_name());
        std::fs::copy(entry.path(), &target)?;
        std::fs::remove_file(entry.path())?;
        if target.extension().is_some_and(|kind| kind == "pack") {
            git(store, &["unpack-objects", "-q"], File::open(&target)?)?;
        }
    }
    let content = moved.path().join("forged");
    std::fs::write(&content, "forged")?;
    let forged = git(store, &["hash-object", "-w", "--stdin"], File::open(&content)?)?;
    let loose = |id: &str| store.join("objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(loose(id))?;
    std::fs::copy(loose(&forged), loose(id))?;
    Ok(())
}

fn git(store: &Path, arguments: &[&str], input: File) -> std::io::Result<String> {
    let output = Command::new("git").arg("--git-dir").arg(store).args(arguments).stdin(input).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[tokio::test]
async fn a_reader_keeps_its_tree_when_the_mirror_is_replaced() {
    let fixture = Fixture::new();
    let repository = repository("readers").await;
    let request = request(repository.url());
    let first = repository.commit(&[("a", "1"), ("b", "1")], "First").await.unwrap();
    let reader = fixture.open(&request, &first).await.unwrap();
    let store = fixture.stores().pop().unwrap();
    std::fs::write(store.join("config"), "[core\nnot a configuration").unwrap();
    let second = repository.commit(&[("a", "2")], "Second").await.unwrap();
    fixture.open(&request, &second).await.unwrap();
    assert_eq!((text(&*reader, "a"), text(&*reader, "b")), ("1".into(), "1".into()));
    drop(reader);
    assert!(!store.exists());
}

#[tokio::test]
async fn mirrors_that_nobody_reads_any_more_are_forgotten() {
    let fixture = Fixture::new();
    let (kept, gone) = (repository("kept").await, repository("gone").await);
    let kept_commit = kept.commit(&[("a", "1")], "First").await.unwrap();
    let gone_commit = gone.commit(&[("a", "1")], "First").await.unwrap();
    fixture.open(&request(kept.url()), &kept_commit).await.unwrap();
    let reader = fixture.open(&request(gone.url()), &gone_commit).await.unwrap();
    assert_eq!(fixture.source.keep_only(&[request(kept.url())]).await.unwrap(), 1);
    assert_eq!(text(&*reader, "a"), "1");
    drop(reader);
    assert_eq!(fixture.stores().len(), 1);
    fixture.open(&request(kept.url()), &kept_commit).await.unwrap();
    assert_eq!(kept.requests().unwrap().fetches, 1);
    // Coming back is like coming for the first time, also after a restart.
    fixture.open(&request(gone.url()), &gone_commit).await.unwrap();
    let fixture = fixture.restart();
    assert_eq!(fixture.source.keep_only(&[]).await.unwrap(), 2);
    assert_eq!(std::fs::read_dir(&fixture.settings.mirrors).unwrap().count(), 0);
}
