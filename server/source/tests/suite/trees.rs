use engine::port::source::{EntryKind, TreeEntry, TreeError};

use crate::{Fixture, repository, request, text};

fn names(entries: Option<Vec<TreeEntry>>) -> Vec<(String, EntryKind)> {
    entries.expect("a folder").into_iter().map(|entry| (entry.name, entry.kind)).collect()
}

#[tokio::test]
async fn files_folders_links_and_submodules_are_told_apart() {
    let fixture = Fixture::new();
    let repository = repository("kinds").await;
    let commit = repository
        .change()
        .write("apps/a.yaml", "kind: A")
        .write("apps/deep/b.yaml", "kind: B")
        .write_executable("apps/run.sh", "#!/bin/sh")
        .symlink("apps/link", "../outside")
        .submodule("apps/module", &"1".repeat(40))
        .author("Ada Lovelace <ada@example.com>")
        .commit("Add applications\n\nWith a body.")
        .await
        .unwrap();
    let tree = fixture.open(&request(repository.url()), &commit).await.unwrap();
    assert_eq!(tree.revision().as_str(), commit);
    assert_eq!(tree.subject(), "Add applications (Ada Lovelace)");
    let expected = [
        ("a.yaml", EntryKind::File),
        ("deep", EntryKind::Folder),
        ("link", EntryKind::Link),
        ("module", EntryKind::Submodule),
        ("run.sh", EntryKind::File),
    ];
    assert_eq!(names(tree.list("apps").unwrap()), expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!(names(tree.list("").unwrap()), [("apps".to_owned(), EntryKind::Folder)]);
    assert_eq!(text(&*tree, "apps/deep/b.yaml"), "kind: B");
    assert_eq!(tree.link_target("apps/link").unwrap(), "../outside");
    assert_eq!(tree.entry("apps/link").unwrap().unwrap().kind, EntryKind::Link);
    assert_eq!(tree.entry("").unwrap().unwrap().kind, EntryKind::Folder);
}

#[tokio::test]
async fn what_is_not_there_is_nothing_and_no_error() {
    let fixture = Fixture::new();
    let repository = repository("nothing").await;
    let change = repository.change().write("apps/a.yaml", "x").symlink("link", "apps");
    let commit = change.submodule("module", &"1".repeat(40)).commit("Some").await.unwrap();
    let tree = fixture.open(&request(repository.url()), &commit).await.unwrap();
    for path in [
        "app",
        "apps/b",
        "apps/a.yaml/x",
        "link/a.yaml",
        "module/x",
        "/apps",
        "apps/",
        "apps//a.yaml",
        "./apps",
        "apps/../apps",
        "..",
        ".git",
        ".git/config",
    ] {
        assert_eq!(tree.entry(path).unwrap(), None, "{path}");
        assert_eq!(tree.list(path).unwrap(), None, "{path}");
    }
    assert_eq!(tree.list("apps/a.yaml").unwrap(), None);
    assert_eq!(tree.list("link").unwrap(), None);
    assert!(
        tree.read("link", 100).is_err() && tree.read("apps", 100).is_err() && tree.read("none", 100).is_err()
    );
    assert!(tree.link_target("apps/a.yaml").is_err());
}

#[tokio::test]
async fn a_folder_that_did_not_change_keeps_its_id() {
    let fixture = Fixture::new();
    let repository = repository("ids").await;
    let request = request(repository.url());
    let first = repository.commit(&[("apps/a", "1"), ("docs/b", "1")], "First").await.unwrap();
    let second = repository.commit(&[("docs/b", "2")], "Second").await.unwrap();
    let first = fixture.open(&request, &first).await.unwrap();
    let second = fixture.open(&request, &second).await.unwrap();
    let id = |tree: &dyn engine::port::source::Tree, path| tree.entry(path).unwrap().unwrap().id;
    assert_eq!(id(&*first, "apps"), id(&*second, "apps"));
    assert_ne!(id(&*first, "docs"), id(&*second, "docs"));
    assert_ne!(id(&*first, ""), id(&*second, ""));
}

#[tokio::test]
async fn a_file_is_read_up_to_the_limit_and_not_beyond() {
    let fixture = Fixture::new();
    let repository = repository("sizes").await;
    let commit = repository.commit(&[("file", "12345")], "Five bytes").await.unwrap();
    let tree = fixture.open(&request(repository.url()), &commit).await.unwrap();
    assert_eq!(tree.read("file", 5).unwrap(), b"12345");
    assert_eq!(tree.read("file", 4), Err(TreeError::TooLarge { path: "file".into(), limit: 4 }));
}

#[tokio::test]
async fn strange_names_are_only_names() {
    let fixture = Fixture::new();
    let repository = repository("strange").await;
    let strange =
        ["back\\slash", "co:lon", "dot.", "space ", "UPPER", "upper", "a\u{301}", "quote\"", "-dash", "…"];
    let change =
        strange.iter().fold(repository.change(), |change, name| change.write(&format!("f/{name}"), *name));
    let commit = change.commit("Strange names").await.unwrap();
    let tree = fixture.open(&request(repository.url()), &commit).await.unwrap();
    assert_eq!(tree.list("f").unwrap().unwrap().len(), strange.len());
    for name in strange {
        assert_eq!(text(&*tree, &format!("f/{name}")), name);
    }
}

#[tokio::test]
async fn folders_nested_without_end_are_an_error() {
    let fixture = Fixture::new();
    let repository = repository("deep").await;
    let path = vec!["d"; 400].join("/");
    let commit = repository.change().write(&format!("{path}/file"), "x").commit("Deep").await.unwrap();
    let request = request(repository.url());
    let tree = fixture.open(&request, &commit).await.unwrap();
    let Err(TreeError::Damaged { detail, .. }) = tree.list(&path) else { panic!("it was listed") };
    assert_eq!(detail, "folders are nested more than 100 deep");
    assert!(tree.list(&vec!["d"; 100].join("/")).unwrap().is_some());
    // The mirror is not to blame: nothing is fetched again.
    let before = repository.requests().unwrap();
    fixture.open(&request, &commit).await.unwrap();
    assert_eq!(repository.requests().unwrap(), before);
}

#[tokio::test]
async fn a_repository_with_long_commit_ids_is_read_too() {
    let fixture = Fixture::new();
    let server = testbed::GitServer::shared().await.unwrap();
    let name = format!("long-ids-{}", std::process::id());
    let folder = server.root().join(format!("{name}.git"));
    let made = std::process::Command::new("git")
        .args(["init", "--quiet", "--bare", "--template=", "--object-format=sha256", "--initial-branch=main"])
        .arg(&folder)
        .status();
    assert!(made.unwrap().success());
    let repository = server.existing_repository(&name).unwrap().unwrap();
    let commit = repository.commit(&[("a", "1")], "First").await.unwrap();
    assert_eq!(commit.len(), 64);
    let request = request(repository.url());
    assert_eq!(fixture.resolve(&request).await.unwrap().as_str(), commit);
    let tree = fixture.open(&request, &commit).await.unwrap();
    assert_eq!(text(&*tree, "a"), "1");
}
