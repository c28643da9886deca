//! Ranges of versions mean to us what they mean to helm.

use std::path::Path;

use testbed::{ChartFiles, ChartRepository, helm};
use tokio::process::Command;

use crate::{Fixture, request};

const THERE: [&str; 11] = [
    "0.0.3",
    "0.0.4",
    "0.2.3",
    "0.2.9",
    "0.3.0",
    "1.0.0",
    "1.2.5",
    "1.3.0-rc.1",
    "1.3.0",
    "2.1.0+build.1",
    "3.0.0-beta.2",
];

/// Each of the kinds that helm knows, and what is none.
const WISHES: [&str; 30] = [
    "",
    "*",
    "1.0.0",
    "v1.0.0",
    "=1.0.0",
    "1.2",
    "1",
    "1.x",
    "^1.2",
    "^0.2.3",
    "^0.2",
    "^0",
    "^0.0.3",
    "~1.2",
    "~1.2.3",
    "~1",
    "~>1.2",
    ">=1 <2",
    ">= 1, < 2",
    ">1.2 <2",
    "<=1.2",
    "<1.2",
    "1.0 - 1.2",
    "!=1.3.0 <2",
    "<0.2 || ~1.2",
    ">=3",
    "1.3.0-rc.1",
    ">0.0.0-0",
    "^3.0.0-beta",
    "latest",
];

/// The version that helm pulls.
async fn pulled(major: u32, repository: &str, wish: &str, home: &Path) -> Option<String> {
    let folder = tempfile::tempdir_in(home).unwrap();
    let output = Command::new(helm(major).unwrap())
        .env_clear()
        .env("HOME", home)
        .current_dir(folder.path())
        .args(["pull", "web", "--repo", repository, "--version", wish])
        .output()
        .await
        .unwrap();
    if !output.status.success() {
        return None;
    }
    let archive = std::fs::read_dir(folder.path()).unwrap().flatten().next().unwrap().file_name();
    let name = archive.to_string_lossy().into_owned();
    Some(name.strip_prefix("web-").unwrap().strip_suffix(".tgz").unwrap().to_owned())
}

#[tokio::test]
async fn a_range_means_what_helm_takes_it_for() {
    let (fixture, repository) = (Fixture::new(), ChartRepository::start().await.unwrap());
    for version in THERE {
        repository.add(&ChartFiles::named("web", version)).await.unwrap();
    }
    let home = tempfile::tempdir().unwrap();
    for wish in WISHES {
        let ours = fixture.charts.fetch(&request(repository.url(), "web", wish)).await;
        let helms = pulled(4, repository.url(), wish, home.path()).await;
        assert_eq!(ours.map(|package| package.version).ok(), helms, "{wish:?}");
    }
}
