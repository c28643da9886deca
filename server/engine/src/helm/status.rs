//! The status of a `HelmRelease`: phases, and the conditions that each of them sets (Flux Helm operator v1).

use serde::{Deserialize, Serialize};

/// What is being done to a release, or was done last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    ChartFetched,
    ChartFetchFailed,
    Installing,
    Migrating,
    Upgrading,
    Deployed,
    DeployFailed,
    Testing,
    TestFailed,
    Tested,
    Succeeded,
    Failed,
    RollingBack,
    RolledBack,
    RollbackFailed,
}

/// The status, as the object has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReleaseStatus {
    /// Generation that was acted on.
    pub observed_generation: i64,
    /// The last phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Name of the release.
    pub release_name: String,
    /// Helm's word for it.
    pub release_status: String,
    /// Commit or version of the chart that is released.
    pub revision: String,
    /// Commit or version of the chart that was tried last.
    pub last_attempted_revision: String,
    /// Rollbacks since the last success.
    pub rollback_count: i64,
    /// One of each type.
    pub conditions: Vec<Condition>,
}

/// One side of how a release is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// `ChartFetched`, `Deployed`, `Released`, `RolledBack` or `Tested`.
    pub r#type: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// The phase.
    #[serde(default)]
    pub reason: String,
    /// A sentence.
    #[serde(default)]
    pub message: String,
    /// RFC 3339.
    #[serde(default)]
    pub last_update_time: String,
    /// RFC 3339; changes with the status alone.
    #[serde(default)]
    pub last_transition_time: String,
}

/// What happened, for the sentence of the conditions.
#[derive(Clone, Copy, Debug)]
pub struct Event<'event> {
    /// The release.
    pub release: &'event str,
    /// Its namespace.
    pub namespace: &'event str,
    /// Why it failed, when it did.
    pub fault: Option<&'event str>,
    /// Failed tests leave the release as it is.
    pub tests_ignored: bool,
    /// When, in RFC 3339.
    pub at: &'event str,
}

impl Phase {
    /// The word of the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChartFetched => "ChartFetched",
            Self::ChartFetchFailed => "ChartFetchFailed",
            Self::Installing => "Installing",
            Self::Migrating => "Migrating",
            Self::Upgrading => "Upgrading",
            Self::Deployed => "Deployed",
            Self::DeployFailed => "DeployFailed",
            Self::Testing => "Testing",
            Self::TestFailed => "TestFailed",
            Self::Tested => "Tested",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::RollingBack => "RollingBack",
            Self::RolledBack => "RolledBack",
            Self::RollbackFailed => "RollbackFailed",
        }
    }

    /// The conditions that it sets, with their status.
    fn sets(self, tests_ignored: bool) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::ChartFetched => &[("ChartFetched", "True")],
            Self::ChartFetchFailed => &[("ChartFetched", "False"), ("Released", "False")],
            Self::Installing | Self::Upgrading => &[("Deployed", "Unknown")],
            Self::Migrating => &[],
            Self::Deployed => &[("Deployed", "True")],
            Self::DeployFailed => &[("Deployed", "False"), ("Released", "False")],
            Self::Testing => &[("Tested", "Unknown")],
            Self::TestFailed if tests_ignored => &[("Tested", "False")],
            Self::TestFailed => &[("Tested", "False"), ("Released", "False")],
            Self::Tested => &[("Tested", "True")],
            Self::Succeeded => &[("Released", "True")],
            Self::Failed => &[("Released", "False")],
            Self::RollingBack => &[("RolledBack", "Unknown")],
            Self::RolledBack => &[("RolledBack", "True")],
            Self::RollbackFailed => &[("RolledBack", "False")],
        }
    }

    fn sentence(self, event: &Event<'_>) -> String {
        let of = format!("Helm release '{}' in '{}'", event.release, event.namespace);
        let words = match self {
            Self::ChartFetched => format!("Chart fetch was successful for {of}."),
            Self::ChartFetchFailed => format!("Chart fetch failed for {of}."),
            Self::Installing => format!("Running installation for {of}."),
            Self::Migrating => format!("Running migration for {of}."),
            Self::Upgrading => format!("Running upgrade for {of}."),
            Self::Deployed => format!("Installation or upgrade succeeded for {of}."),
            Self::DeployFailed => format!("Installation or upgrade failed for {of}."),
            Self::Testing => format!("Testing {of}."),
            Self::TestFailed => format!("Test failed for {of}."),
            Self::Tested => format!("Tests succeeded for {of}."),
            Self::Succeeded => format!("Release was successful for {of}."),
            Self::Failed => format!("Release failed for {of}."),
            Self::RollingBack => format!("Rolling back {of}."),
            Self::RolledBack => format!("Rolled back {of}."),
            Self::RollbackFailed => format!("Rollback failed for {of}."),
        };
        match event.fault {
            Some(fault) => format!("{words} {fault}"),
            None => words,
        }
    }
}

impl ReleaseStatus {
    /// Reads what an object has; one that has none, or something else, begins anew.
    pub fn of(object: &serde_json::Value) -> Self {
        object
            .get("status")
            .and_then(|status| serde_json::from_value(status.clone()).ok())
            .unwrap_or_default()
    }

    /// The release is in this phase now.
    pub fn enter(&mut self, phase: Phase, event: &Event<'_>) {
        self.phase = Some(phase);
        let (at, message) = (event.at, phase.sentence(event));
        for &(kind, status) in phase.sets(event.tests_ignored) {
            self.set(kind, status, phase, &message, at);
        }
        match phase {
            Phase::Succeeded => {
                self.rollback_count = 0;
                self.conditions.retain(|condition| condition.r#type != "RolledBack");
            }
            Phase::RolledBack => self.rollback_count = self.rollback_count.saturating_add(1),
            _ => {}
        }
    }

    /// The sentence of a condition.
    pub fn message(&self, kind: &str) -> Option<&str> {
        let found = self.conditions.iter().find(|condition| condition.r#type == kind);
        found.map(|condition| condition.message.as_str())
    }

    fn set(&mut self, kind: &str, status: &str, phase: Phase, message: &str, at: &str) {
        let before = self.conditions.iter().position(|condition| condition.r#type == kind);
        let transition = before
            .and_then(|at| self.conditions.get(at))
            .filter(|condition| condition.status == status)
            .map_or_else(|| at.to_owned(), |condition| condition.last_transition_time.clone());
        let condition = Condition {
            r#type: kind.to_owned(),
            status: status.to_owned(),
            reason: phase.as_str().to_owned(),
            message: message.to_owned(),
            last_update_time: at.to_owned(),
            last_transition_time: transition,
        };
        match before.and_then(|at| self.conditions.get_mut(at)) {
            Some(before) => *before = condition,
            None => self.conditions.push(condition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "2026-01-01T00:00:00Z";
    const SECOND: &str = "2026-01-01T00:01:00Z";
    const THIRD: &str = "2026-01-01T00:02:00Z";

    fn event(at: &'static str) -> Event<'static> {
        Event { release: "R", namespace: "NS", fault: None, tests_ignored: false, at }
    }

    fn shown(status: &ReleaseStatus) -> String {
        let all =
            status.conditions.iter().map(|condition| format!("{}={}", condition.r#type, condition.status));
        all.collect::<Vec<_>>().join(" ")
    }

    /// §4.3 of the facts, row by row.
    #[test]
    fn each_phase_sets_its_conditions() {
        let table = [
            (Phase::ChartFetched, "ChartFetched=True"),
            (Phase::ChartFetchFailed, "ChartFetched=False Released=False"),
            (Phase::Installing, "Deployed=Unknown"),
            (Phase::Upgrading, "Deployed=Unknown"),
            (Phase::Migrating, ""),
            (Phase::Deployed, "Deployed=True"),
            (Phase::DeployFailed, "Deployed=False Released=False"),
            (Phase::Testing, "Tested=Unknown"),
            (Phase::Tested, "Tested=True"),
            (Phase::TestFailed, "Tested=False Released=False"),
            (Phase::Succeeded, "Released=True"),
            (Phase::Failed, "Released=False"),
            (Phase::RollingBack, "RolledBack=Unknown"),
            (Phase::RolledBack, "RolledBack=True"),
            (Phase::RollbackFailed, "RolledBack=False"),
        ];
        for (phase, conditions) in table {
            let mut status = ReleaseStatus::default();
            status.enter(phase, &event(FIRST));
            assert_eq!(shown(&status), conditions, "{phase:?}");
            assert_eq!(status.phase, Some(phase));
            assert!(status.conditions.iter().all(|condition| condition.reason == phase.as_str()));
        }
    }

    #[test]
    fn ignored_failures_of_tests_leave_the_release_as_it_is() {
        let mut status = ReleaseStatus::default();
        status.enter(Phase::TestFailed, &Event { tests_ignored: true, ..event(FIRST) });
        assert_eq!(shown(&status), "Tested=False");
    }

    #[test]
    fn success_forgets_rollbacks() {
        let mut status = ReleaseStatus::default();
        status.enter(Phase::RolledBack, &event(FIRST));
        assert_eq!((status.rollback_count, shown(&status).as_str()), (1, "RolledBack=True"));
        status.enter(Phase::Succeeded, &event(FIRST));
        assert_eq!((status.rollback_count, shown(&status).as_str()), (0, "Released=True"));
        assert_eq!(status.message("Released"), Some("Release was successful for Helm release 'R' in 'NS'."));
    }

    #[test]
    fn a_transition_is_a_change_of_the_status_alone() {
        let mut status = ReleaseStatus::default();
        status.enter(Phase::Installing, &event(FIRST));
        status.enter(Phase::Upgrading, &event(SECOND));
        let condition = &status.conditions[0];
        assert_eq!(condition.last_transition_time, FIRST);
        assert_eq!(condition.last_update_time, SECOND);
        status.enter(Phase::Deployed, &event(THIRD));
        assert_eq!(status.conditions[0].last_transition_time, THIRD);
    }

    #[test]
    fn a_status_is_written_and_read_by_the_names_of_the_facts() {
        let mut status = ReleaseStatus { release_name: "R".to_owned(), ..ReleaseStatus::default() };
        status.enter(Phase::Deployed, &event(FIRST));
        let written = serde_json::to_value(&status).unwrap();
        for field in [
            "observedGeneration",
            "phase",
            "releaseName",
            "releaseStatus",
            "revision",
            "lastAttemptedRevision",
        ] {
            assert!(written.get(field).is_some(), "{field}");
        }
        assert_eq!(ReleaseStatus::of(&serde_json::json!({ "status": written })), status);
    }
}
