use domain::reason::Reason;

use super::*;

/// A repository with a folder of ours, a folder of others, and one link.
fn tree(link: &str, target: &str) -> MemoryTree {
    let (ours, theirs) = (map("ours"), map("theirs"));
    MemoryTree::new(&[("deploy/a/b.yaml", &ours), ("other/c.yaml", &theirs)]).link(link, target)
}

// S-A1
#[test]
fn a_link_that_leaves_the_path_fails_the_load() {
    for target in [
        "/etc/passwd",
        "/proc/self/environ",
        "../other/c.yaml",
        "../other",
        "../../../../etc/passwd",
        "a/../../other/c.yaml",
        "a/../../../outside",
        "../other/../deploy/a/b.yaml",
        "..",
        "../.git/config",
        ".git/config",
    ] {
        for link in ["deploy/x.yaml", "deploy/folder"] {
            let error = tree(link, target).load_paths(&["deploy"]).unwrap_err();
            assert_eq!(error.to_string(), format!("{link}: link leaves the repository path"), "{target}");
            assert_eq!(error.reason(), (Reason::LinkLeavesRepository { path: link.to_owned() }, None));
        }
    }
}

#[test]
fn a_link_that_stays_inside_is_skipped_with_a_warning() {
    for target in ["a/b.yaml", "./a/../a//b.yaml", "../deploy/a", "a/missing.yaml", "."] {
        let load = tree("deploy/x.yaml", target).load_paths(&["deploy"]).unwrap();
        let expected =
            "<cluster>:configmap/ours (v1 deploy/a/b.yaml:1)\n! deploy/x.yaml: symbolic link, not followed\n";
        assert_eq!(listed(&load), expected, "{target}");
    }
}

#[test]
fn with_the_whole_repository_as_path_only_a_link_out_of_it_fails_the_load() {
    assert_eq!(tree("deploy/x.yaml", "../other/c.yaml").load().unwrap().objects.len(), 2);
    assert!(tree("deploy/x.yaml", "../../x.yaml").load().is_err());
}

// S-A1
#[test]
fn a_link_is_judged_by_where_the_last_link_of_a_chain_leads() {
    let inside = tree("deploy/x.yaml", "y.yaml").link("deploy/y.yaml", "a/b.yaml");
    assert_eq!(inside.load_paths(&["deploy"]).unwrap().warnings.len(), 2);
    let outside = tree("deploy/x.yaml", "y.yaml").link("deploy/y.yaml", "/etc/passwd");
    assert!(outside.load_paths(&["deploy"]).is_err());
    let through_folder = tree("deploy/x.yaml", "a/door/c.yaml").link("deploy/a/door", "../../other");
    assert!(through_folder.load_paths(&["deploy"]).is_err());
    let round = tree("deploy/x.yaml", "y.yaml").link("deploy/y.yaml", "x.yaml");
    assert!(round.load_paths(&["deploy"]).is_err());
}

// S-A1
#[test]
fn a_configured_path_that_is_a_link_fails_the_load() {
    let error = tree("door", "deploy").load_paths(&["door"]).unwrap_err();
    assert_eq!(error.to_string(), "door: link leaves the repository path");
}
