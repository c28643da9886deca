//! Secrets that can be recognised are put wherever the portal takes one, much goes wrong, and afterwards they are looked
//! for in everything that anybody could see.
//!
//! - `canary` how a secret may be spelled, and the search; `subject` where the canaries are
//! - `faults` what goes wrong; to add a fault: a function there and its number in `provoke`
//! - `release` values that a release takes from a Secret
//! - `tap` and `processes` what is collected meanwhile

pub(crate) mod canary;
mod faults;
mod processes;
mod release;
mod subject;
mod tap;

use std::path::{Path, PathBuf};

use self::canary::Net;
use self::subject::{KEY_RING, PARENT, Subject};
use crate::rest::api::{GROUP, VERSION, act, configuration, configurations};
use crate::scene::{Stage, eventually};
use crate::tenancy::SUBSCRIPTION;

/// Faults, one after the other: each kind once.
const FAULTS: usize = faults::KINDS;
/// What the sweep is meant to stand: each kind of fault at many requests.
const FAULTS_STATED: usize = 500;

/// Files of running programs, where the system keeps no copy on a disk.
const SHARED_MEMORY: &str = "/dev/shm";
const SAID: &str = "what the portal said";
const LOG: &str = "the log";
const PROCESSES: &str = "the processes";

/// Somewhere a secret must not be.
struct Surface {
    name: String,
    content: Vec<u8>,
}

#[tokio::test]
async fn s_g1_no_secret_is_found_anywhere_whatever_fails() {
    sweep("text", testbed::count(FAULTS, FAULTS_STATED)).await;
}

#[tokio::test]
async fn s_g1_no_secret_is_found_in_a_log_for_machines_whatever_fails() {
    // The same lines in another form: once through all kinds is enough.
    sweep("json", FAULTS).await;
}

#[tokio::test]
async fn s_g1_the_server_and_what_it_runs_leave_no_core_files() {
    let server = Stage::shared().await.portal.process().unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{server}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..], ["0", "0", "bytes"], "{core}");
}

async fn sweep(log_format: &str, n_faults: usize) {
    // A server that was killed somewhere else may have left something there, of another run with the same words.
    let before = entries(Path::new(SHARED_MEMORY));
    let subject = Subject::start(log_format).await;
    let mut live = subject.browser().live().await.unwrap();
    let listening = tokio::spawn(async move { while let Ok(Some(_)) = live.next().await {} });
    for number in 0..n_faults {
        faults::provoke(&subject, number).await;
        look_everywhere(&subject).await;
    }
    for (_, id) in [&subject.form, &subject.rest, &subject.own_key] {
        subject.browser().sync_now(id).await.unwrap();
        subject.browser().until_installed(id).await.unwrap();
    }
    release::until_released(&subject.form.0).await;
    look_everywhere(&subject).await;
    listening.abort();

    let (id, net) = (subject.form.1.clone(), Net::of(&subject.canaries));
    // A program that reads a repository is handed its credential in a file of its own, which goes with it.
    eventually("no credential is left behind", || async {
        let mut places = entries(Path::new(SHARED_MEMORY));
        places.retain(|place| !before.contains(place));
        places.push(subject.temporary.path().to_owned());
        places.iter().flat_map(|folder| files(folder)).all(|file| net.caught(&file.content).is_empty())
    })
    .await;
    let surfaces = surfaces(subject);
    assert_all_there(&surfaces, &id);
    let caught = |surface: &Surface| {
        let caught =
            net.caught(&surface.content).into_iter().filter(|(name, _)| !belongs(name, &surface.name));
        caught.map(|(name, around)| (name, surface.name.clone(), around)).collect::<Vec<_>>()
    };
    let found: Vec<_> = surfaces.iter().flat_map(caught).collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// Where a secret has to be.
fn belongs(canary: &str, surface: &str) -> bool {
    canary == KEY_RING && surface.ends_with("/keys")
}

/// Every page and operation that shows something of what there is.
async fn look_everywhere(subject: &Subject) {
    let browser = subject.browser();
    let mut pages: Vec<String> =
        ["/clusters", "/configurations", "/settings", "/metrics", "/clusters/connect", "/places", "/people"]
            .map(str::to_owned)
            .to_vec();
    pages.push(format!("/places/{SUBSCRIPTION}"));
    pages.extend(["/activity", "/activity.jsonl"].map(str::to_owned));
    pages.push(format!("/clusters/{}", subject.stage.cluster_id));
    let (release, id) = &subject.form;
    pages.push(format!("/configurations/{id}?tab=releases"));
    pages.push(format!("/configurations/{id}?tab=releases&release={}/web", release.app));
    for (scene, id) in [&subject.form, &subject.rest, &subject.own_key] {
        pages.extend(
            ["", "?tab=settings", "?tab=history", "?tab=changes"]
                .map(|tab| format!("/configurations/{id}{tab}")),
        );
        browser.configuration(id).await.unwrap();
        for path in [configuration(&scene.name), act(&scene.name, "history"), act(&scene.name, "prune")] {
            subject.api.get(&path).await;
        }
    }
    for page in pages {
        let answer = browser.get(&page).await.unwrap();
        assert_eq!(answer.status, 200, "{page}: {}", answer.text());
    }
    for page in ["/clusters", "/configurations"] {
        assert_eq!(subject.frame.get(page).await.unwrap().status, 200, "{page} in a frame");
    }
    // A provider that does not answer, and what somebody says it has answered.
    for path in ["/sign-in/canary", "/sign-in/canary/callback?state=x&code=y"] {
        subject.frame.get(path).await.unwrap();
        browser.get(path).await.unwrap();
    }
    subject.api.get(&format!("{}?{VERSION}", configurations())).await;
    subject.api.get(&format!("/api/v1{GROUP}/clusters/Stage")).await;
}

fn surfaces(subject: Subject) -> Vec<Surface> {
    let surface = |name: &str, content: Vec<u8>| Surface { name: name.to_owned(), content };
    let mut surfaces = files(&subject.data());
    surfaces.push(surface(SAID, subject.tap.heard()));
    surfaces.push(surface(LOG, subject.stage.portal.log().into_bytes()));
    surfaces.push(surface(PROCESSES, subject.sampler.end()));
    surfaces
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn files(folder: &Path) -> Vec<Surface> {
    let mut files = Vec::new();
    read_all(folder, &mut |path, content| files.push(Surface { name: path.display().to_string(), content }));
    files
}

/// A sweep that looked into the wrong places would find nothing either.
fn assert_all_there(surfaces: &[Surface], id: &str) {
    for (place, words) in [
        (SAID, id),
        (SAID, "text/event-stream"),
        (SAID, "event: configuration"),
        (SAID, "\"action\":\"configuration.create\""),
        (SAID, PARENT),
        (SAID, "fairlead_sync_duration_seconds"),
        (LOG, id),
        (LOG, "TRACE"),
        (PROCESSES, "git"),
        (PROCESSES, "ssh"),
        (PROCESSES, "helm"),
        (SAID, "The word is ***."),
        (".db", "SQLite format 3"),
        (".db-wal", ""),
        ("HEAD", "ref: refs/heads/"),
    ] {
        let holds = |surface: &Surface| {
            surface.name.ends_with(place)
                && (words.is_empty()
                    || surface.content.windows(words.len()).any(|window| window == words.as_bytes()))
        };
        assert!(surfaces.iter().any(holds), "{words:?} is not in {place}");
    }
}

/// Every file below a folder.
pub(crate) fn read_all(folder: &Path, keep: &mut impl FnMut(&Path, Vec<u8>)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            read_all(&path, keep);
        } else {
            keep(&path, std::fs::read(&path).unwrap_or_default());
        }
    }
}
