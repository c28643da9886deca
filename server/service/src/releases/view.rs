//! Releases as pages show them.

use domain::release::{ReleaseState, ReleasedChart};
use domain::service::{ReleaseChart, ReleaseRow};
use storage::StoredReleaseRow;

use crate::moment::moment;

/// Bytes of a chart's notes that are shown: a stranger's text is as long as it likes.
const NOTES_BYTES: usize = 64 * 1024;
/// Hexadecimal digits of a whole commit, and of one that people read.
const COMMIT: usize = 40;
const SHORT_COMMIT: usize = 7;

pub(super) fn row(stored: StoredReleaseRow) -> ReleaseRow {
    let StoredReleaseRow { key, wanted, next_due_at, phase, is_held, wish, state, version } = stored;
    let helm_status = state.release_status().to_owned();
    let rest = next_due_at.is_none();
    let ReleaseState {
        release_name,
        target_namespace,
        chart,
        helm_revision,
        failed,
        message,
        last_action,
        last_action_at,
        pinned,
        tests,
        ..
    } = state;
    ReleaseRow {
        key,
        version,
        wanted,
        release_name,
        target_namespace,
        phase,
        helm_status,
        chart: chart.map(self::chart),
        helm_revision,
        last_action,
        last_action_at: last_action_at.map(moment),
        message,
        failed,
        tests,
        busy: is_held,
        asked: wish.filter(|_| !rest),
        chosen: pinned.is_some(),
        rest,
    }
}

fn chart(chart: ReleasedChart) -> ReleaseChart {
    let ReleasedChart { name, version, revision, digest: _ } = chart;
    let is_commit = revision.len() == COMMIT && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = is_commit.then(|| revision.chars().take(SHORT_COMMIT).collect());
    ReleaseChart { name, version, commit }
}

/// The beginning of a text, when it is too long.
pub(super) fn notes(text: &str) -> String {
    let text = text.trim_end();
    if text.len() <= NOTES_BYTES {
        return text.to_owned();
    }
    format!("{}\n…", &text[..text.floor_char_boundary(NOTES_BYTES)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_from_git_is_told_by_its_commit_and_any_other_by_its_version() {
        let of = |revision: &str| {
            let chart = ReleasedChart { revision: revision.to_owned(), ..ReleasedChart::default() };
            self::chart(chart).commit
        };
        assert_eq!(of("4f2c1a9d6f3b0e8c7a5d4b3c2a1908f7e6d5c4b3").as_deref(), Some("4f2c1a9"));
        assert_eq!(of("1.2.0"), None);
    }

    #[test]
    fn long_notes_end_between_two_characters() {
        let notes = notes(&"ä".repeat(NOTES_BYTES));
        assert_eq!(notes.len(), NOTES_BYTES + "\n…".len());
        assert_eq!(super::notes("Thank you.\n\n"), "Thank you.");
    }
}
