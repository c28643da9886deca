//! Repositories that try to make a reader run something or read somewhere else.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use domain::reason::Reason;
use engine::port::source::EntryKind;
use testbed::RequestCounts;

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

/// What names a submodule to readers that fetch them.
fn modules(path: &str, url: &str) -> String {
    format!("[submodule \"m\"]\n\tpath = \"{path}\"\n\turl = {url}\n")
}

// S-D3: an address that is an option, a path that some systems take for `.git`, and one that ends in a carriage return.
#[tokio::test]
async fn submodules_that_ran_a_hook_in_other_readers_are_refused_or_no_more_than_entries() {
    let fixture = Fixture::new();
    let mark = tempfile::tempdir().unwrap();
    let mark = mark.path().join("ran").display().to_string();
    let payload = repository("payload").await;
    let hook = format!("#!/bin/sh\ntouch {mark}\n");
    let change = payload.change().write_executable("post-checkout", &hook);
    let module = change.write_executable("y/hooks/post-checkout", &hook).commit("Lie in wait").await.unwrap();
    let url = payload.url();
    let option = format!("ssh://-oProxyCommand=touch%20{mark}/m.git");
    for (path, url, words) in [
        ("module", "-u./payload", "gitmodulesUrl"),
        ("-u./payload", url, "gitmodulesPath"),
        (".GIT/hooks", url, "hasDotgit"),
        ("git~1/hooks", url, "hasDotgit"),
    ] {
        let repository = repository("refused").await;
        let change = repository.change().write(".gitmodules", modules(path, url)).submodule(path, &module);
        let commit = change.commit("Refused").await.unwrap();
        let error = fixture.open(&request(repository.url()), &commit).await.err().unwrap();
        assert_eq!(error.reason, Reason::RepositoryDamaged, "{path:?} of {url}");
        let detail = error.detail.unwrap_or_default();
        assert!(detail.contains(words), "{path:?} of {url}: {detail}");
    }
    assert!(fixture.stores().is_empty(), "nothing of them is kept");
    for (path, url, link, target) in [
        ("module", &*option, "x", "module"),
        ("A/modules/x", url, "a", ".git"),
        ("sub\r", url, "sub", ".git/modules/m/hooks"),
    ] {
        let repository = repository("inert").await;
        let change = repository.change().write(".gitmodules", modules(path, url)).submodule(path, &module);
        let commit = change.symlink(link, target).commit("Inert").await.unwrap();
        let tree = fixture.open(&request(repository.url()), &commit).await.unwrap();
        assert_eq!(tree.entry(path).unwrap().unwrap().kind, EntryKind::Submodule, "{path:?}");
        assert_eq!(tree.list(path).unwrap(), None, "{path:?}");
        assert_eq!(tree.entry(link).unwrap().unwrap().kind, EntryKind::Link, "{path:?}");
    }
    assert_eq!(payload.requests().unwrap(), RequestCounts::default(), "nobody asked for the submodule");
    assert_eq!(fixture.stores().len(), 3);
    assert!(fixture.stores().iter().all(|store| !store.join("modules").exists()));
    assert!(!Path::new(&mark).exists());
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
