//! What the build cannot see: keys that nothing calls, and what the sentences read like.

use std::fs;
use std::path::{Path, PathBuf};

use domain::clock::{Moment, Timestamp};
use domain::id::ConfigurationId;
use domain::quota::{PutOff, QuotaKind, QuotaReached};
use domain::reason::Reason;
use domain::service::ConfigurationState;
use domain::status::{Compliance, MessageLevel, ObjectCounts};

use crate::{Locale, absolute, age, duration, quota_sentence, reason_sentence, state_sentence, text};

#[test]
fn every_key_is_called_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources: Vec<String> = [root.join("app"), root.join("server")]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .map(|path| fs::read_to_string(path).expect("a source is readable"))
        .collect();
    let called = |key: &str| {
        let name = format!("text::{key}");
        let ends_there = |rest: &str| {
            let next = rest.get(name.len()..).and_then(|rest| rest.chars().next());
            next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != '_')
        };
        sources.iter().any(|source| {
            source.match_indices(&name).any(|(index, _)| source.get(index..).is_some_and(ends_there))
        })
    };
    let unused: Vec<&&str> = text::KEYS.iter().filter(|key| !called(key)).collect();
    assert!(unused.is_empty(), "nothing calls these texts; delete them: {unused:?}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a source folder is readable");
    entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false if path.extension().is_some_and(|extension| extension == "rs") => vec![path],
            false => Vec::new(),
        })
        .collect()
}

#[test]
fn a_plural_is_told_apart_in_english_only() {
    assert_eq!(text::age_days(Locale::English, 1), "1 day ago");
    assert_eq!(text::age_days(Locale::English, 2), "2 days ago");
    assert_eq!(text::age_days(Locale::Chinese, 1), "1 天前");
}

#[test]
fn an_age_is_told_in_the_largest_unit_that_fits() {
    let ages: Vec<String> =
        [-5, 0, 59_999, 60_000, 3_599_999, 7_200_000, 90_000_000].map(|it| age(Locale::English, it)).into();
    assert_eq!(ages, ["0 s ago", "0 s ago", "59 s ago", "1 min ago", "59 min ago", "2 h ago", "1 day ago"]);
    assert_eq!(duration(Locale::English, 3_249), "3.2 s");
    assert_eq!(absolute("2026-11-23T14:02:07.123Z"), "2026-11-23 14:02:07 UTC");
}

#[test]
fn the_language_is_the_first_accepted_one_that_there_is() {
    assert_eq!(Locale::accepted("fr-FR, zh-Hans-CN;q=0.9, en;q=0.8"), Locale::Chinese);
    assert_eq!(Locale::accepted("en-GB,en;q=0.9,zh;q=0.1"), Locale::English);
    assert_eq!(Locale::accepted("tlh"), Locale::English);
}

#[test]
fn an_installed_configuration_says_revision_branch_objects_and_age() {
    let state = installed();
    assert_eq!(
        state_sentence(Locale::English, &state, "main", 15_000),
        "Installed. Revision 4f2c1a9 of main, 6 objects, 12 s ago."
    );
}

#[test]
fn an_offline_cluster_is_said_before_everything_else() {
    let state = ConfigurationState { offline_since: Some(moment(0, "2026-11-23T14:02:00Z")), ..installed() };
    assert!(
        state_sentence(Locale::English, &state, "main", 15_000)
            .starts_with("Offline since 2026-11-23 14:02:00 UTC")
    );
}

#[test]
fn a_cluster_that_nobody_can_ask_is_not_said_to_be_silent() {
    let offline =
        ConfigurationState { offline_since: Some(moment(0, "2026-11-23T14:02:00Z")), ..installed() };
    for reason in [
        Reason::ClusterAddressRefused,
        Reason::ClusterAddressNotListed,
        Reason::ClusterCredentialUnreadable,
        Reason::ClusterReplaced,
    ] {
        let expected = reason_sentence(Locale::English, &reason);
        let state = ConfigurationState { compliance: Compliance::Failed, reason, ..offline.clone() };
        assert_eq!(state_sentence(Locale::English, &state, "main", 15_000), expected);
    }
}

#[test]
fn a_sync_that_waits_for_its_turn_says_until_when_beside_what_failed() {
    let until = moment(0, "2026-11-23T14:02:00Z");
    let put_off = Some(PutOff { until, limit: 6 });
    let waiting = ConfigurationState { put_off, ..installed() };
    let sentence = state_sentence(Locale::English, &waiting, "main", 15_000);
    assert!(sentence.starts_with("Waits until 2026-11-23 14:02:00 UTC: the 6 syncs per hour"), "{sentence}");
    let failed =
        ConfigurationState { compliance: Compliance::Failed, reason: Reason::RepositoryEmpty, ..waiting };
    let sentence = state_sentence(Locale::English, &failed, "main", 15_000);
    assert!(
        sentence.starts_with("Failed: the repository has no commits; push one. Waits until"),
        "{sentence}"
    );
}

#[test]
fn a_quota_without_room_is_told_by_its_name_with_its_use_before_its_limit() {
    let reached = QuotaReached { quota: QuotaKind::Clusters, limit: 2, used: 3 };
    assert_eq!(
        quota_sentence(Locale::English, &reached),
        "The resource group has no room left: Clusters, 3 of 2. Remove what is no longer needed, or ask an owner \
         of the subscription to raise the quota."
    );
    assert!(quota_sentence(Locale::Chinese, &reached).contains("已用 3，上限 2"));
}

fn installed() -> ConfigurationState {
    ConfigurationState {
        id: ConfigurationId("019359f0-0000-7000-8000-000000000001".parse().expect("an id")),
        version: 1,
        compliance: Compliance::Installed,
        level: MessageLevel::Information,
        reason: Reason::Installed,
        health: None,
        revision: Some("4f2c1a9d00000000000000000000000000000000".to_owned()),
        last_sync: Some(moment(3_000, "1970-01-01T00:00:03Z")),
        syncing: None,
        counts: ObjectCounts { total: 6, ..ObjectCounts::default() },
        offline_since: None,
        suspended_since: None,
        put_off: None,
        deleting: false,
    }
}

fn moment(at: i64, iso: &str) -> Moment {
    Moment { at: Timestamp(at), iso: iso.to_owned() }
}
