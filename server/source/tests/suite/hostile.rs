//! Repositories that try to make a reader run something or read somewhere else.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use domain::reason::Reason;
use engine::port::source::EntryKind;

use crate::{Fixture, branch, reason, repository, request, text};

// S-B2, S-D3
#[tokio::test]
async fn hooks_filters_and_submodules_are_only_files() {
    let fixture = Fixture::new();
    let repository = repository("inert").await;
    let mark = tempfile::tempdir().unwrap();
    let mark = mark.path().join("ran").display().to_string();
    let commit = repository
        .change()
        .write(".gitattributes", "* filter=run\n")
        .write(".gitmodules", "[submodule \"m\"]\n\tpath = module\n\turl = http://127.0.0.1:9/m.git\n")
        .write_executable("hooks/post-checkout", format!("#!/bin/sh\ntouch {mark}\n"))
        .write(
            "config",
            format!("[core]\n\tfsmonitor = touch {mark}\n[filter \"run\"]\n\tsmudge = touch {mark}\n"),
        )
        .submodule("module", &"1".repeat(40))
        .commit("Inert")
        .await
        .unwrap();
    let tree = fixture.open(&request(repository.url()), &commit).await.unwrap();
    assert_eq!(tree.entry("module").unwrap().unwrap().kind, EntryKind::Submodule);
    assert!(text(&*tree, "hooks/post-checkout").contains("touch"));
    assert!(!Path::new(&mark).exists());
}

// S-D3
#[tokio::test]
async fn a_repository_made_against_old_readers_is_refused() {
    let fixture = Fixture::new();
    let repository = repository("malicious").await;
    let modules = "[submodule \"../../hooks\"]\n\tpath = module\n\turl = --upload-pack=touch\n";
    let change = repository.change().write(".gitmodules", modules).submodule("module", &"1".repeat(40));
    let commit = change.commit("Malicious").await.unwrap();
    let error = fixture.open(&request(repository.url()), &commit).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryDamaged);
    assert!(error.detail.unwrap().contains("gitmodules"));
    assert!(fixture.stores().is_empty());
}

#[tokio::test]
async fn a_repository_with_a_missing_object_is_not_read_in_part() {
    let fixture = Fixture::new();
    let repository = repository("incomplete").await;
    let commit = repository.commit(&[("a", "1")], "Whole").await.unwrap();
    let request = request(repository.url());
    fixture.open(&request, &commit).await.unwrap();
    let broken = repository.commit(&[("b", "lost")], "Broken").await.unwrap();
    lose(repository.folder(), &format!("{broken}:b")).unwrap();
    let error = fixture.open(&request, &broken).await.err().unwrap();
    assert_eq!(error.reason, Reason::RepositoryDamaged, "{error}");
    // What was whole before is whole still.
    let tree = fixture.open(&request, &commit).await.unwrap();
    assert_eq!(text(&*tree, "a"), "1");
}

/// Removes an object from the host's disk.
fn lose(folder: &Path, name: &str) -> std::io::Result<()> {
    let output = Command::new("git").arg("-C").arg(folder).args(["rev-parse", name]).output()?;
    let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    std::fs::remove_file(folder.join("objects").join(&id[..2]).join(&id[2..]))
}

// S-B1, S-D2
#[tokio::test]
async fn names_that_a_shell_would_run_are_carried_literally() {
    let fixture = Fixture::new();
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("ran");
    let repository = repository("literal").await;
    let mut names = Vec::new();
    for (number, shape) in ["$(touch X)", "`touch X`", ";touch X", "|touch X", "&&touch X"].iter().enumerate()
    {
        let mut name = String::new();
        write!(name, "b{number}{}", shape.replace('X', &mark.display().to_string()).replace(' ', "${IFS}"))
            .unwrap();
        names.push(name);
    }
    for name in names {
        // Git refuses some of them as branches; what it takes must reach the host as it is.
        let Ok(_) = domain::repository::Branch::parse(&name) else { continue };
        let commit = repository.change().branch(&name).write("a", &name).commit(&name).await.unwrap();
        let asked = branch(repository.url(), &name);
        assert_eq!(fixture.resolve(&asked).await.unwrap().as_str(), commit);
        let tree = fixture.open(&asked, &commit).await.unwrap();
        assert_eq!(text(&*tree, "a"), name);
        let missing = branch(repository.url(), &format!("{name}x"));
        assert_eq!(
            reason(fixture.resolve(&missing).await),
            Reason::BranchMissing { branch: format!("{name}x") }
        );
    }
    assert!(!mark.exists());
}
