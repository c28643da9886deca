//! What has to be done to a release: a decision, taken from what is known (Flux Helm operator v1, §"behaviour").

use super::spec::RollbackSpec;

/// Everything that decides.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
pub struct Situation<'known> {
    /// What helm keeps of the release; `None` when there is none.
    pub stored: Option<Stored<'known>>,
    /// Spec, chart and values that are wanted now, as one hash.
    pub wanted: &'known str,
    /// The same of the last attempt; empty before the first.
    pub attempted: &'known str,
    /// Helm's revision that the last look left; 0 before the first.
    pub left_revision: u32,
    /// Whether the last attempt failed.
    pub failed: bool,
    /// The attempt that was rolled back and is not tried again.
    pub given_up: Option<&'known str>,
    /// What was wanted when a person chose a revision.
    pub pinned: Option<&'known str>,
    /// Rollbacks since the last success.
    pub rollbacks: i64,
    /// An object of the release is not as helm left it.
    pub drifted: bool,
    /// Nothing is known of what the release has made: as after the first look at a release that others made.
    pub unknown_objects: bool,
    /// A person asked for it.
    pub retry: bool,
    /// What the spec says of rollbacks.
    pub rollback: RollbackSpec,
}

/// The newest revision of a release.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'known> {
    /// Counts from 1.
    pub revision: u32,
    /// Helm's word.
    pub status: &'known str,
    /// Another `HelmRelease` whose objects say that it is theirs.
    pub antecedent: Option<&'known str>,
    /// Since how many seconds nobody wrote it.
    pub age_seconds: i64,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// All is as wanted.
    Nothing,
    /// There is no release.
    Install,
    /// There is one, and something else is wanted.
    Upgrade,
    /// Something has changed in the cluster: a dry run tells whether it matters.
    Compare,
    /// Nothing may be done; why.
    Refuse(Refusal),
}

/// Why nothing may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its objects belong to another `HelmRelease`.
    Antecedent(String),
    /// Helm says that somebody is at it (`pending-…`), for so many seconds.
    Pending { status: String, seconds: i64 },
    /// Its status lets nobody upgrade it.
    Status(String),
}

/// Pending for longer than this, nobody is at it any more: helm itself waits for five minutes by default.
const STUCK_SECONDS: i64 = 15 * 60;

impl Refusal {
    /// The sentence.
    pub fn sentence(&self, release: &str, namespace: &str) -> String {
        match self {
            Self::Antecedent(other) => format!(
                "release {release} in {namespace} belongs to {other}: give one of the two another spec.releaseName"
            ),
            Self::Pending { status, seconds } if *seconds >= STUCK_SECONDS => format!(
                "release {release} in {namespace} has been {status} for {} minutes: whoever began that did not end it. \
                 Repair goes back to the last revision that was deployed",
                seconds / 60
            ),
            Self::Pending { status, .. } => format!(
                "release {release} in {namespace} is {status}: somebody is at it. If nobody is, Repair goes back to \
                 the last revision that was deployed"
            ),
            Self::Status(status) => {
                format!(
                    "release {release} in {namespace} is {status}: helm does not upgrade it in that state"
                )
            }
        }
    }
}

/// The decision. Pure.
pub fn decide(situation: &Situation<'_>) -> Decision {
    let Some(stored) = situation.stored else {
        // A first install that failed was removed; it is tried again by what else is wanted, by a person, and by time.
        return Decision::Install;
    };
    if let Some(other) = stored.antecedent {
        return Decision::Refuse(Refusal::Antecedent(other.to_owned()));
    }
    match stored.status {
        "deployed" | "failed" | "superseded" => {}
        "uninstalled" => return Decision::Install,
        status if status.starts_with("pending") => {
            return Decision::Refuse(Refusal::Pending {
                status: status.to_owned(),
                seconds: stored.age_seconds,
            });
        }
        status => return Decision::Refuse(Refusal::Status(status.to_owned())),
    }
    if situation.pinned == Some(situation.wanted) && !situation.retry {
        return if situation.drifted { Decision::Compare } else { Decision::Nothing };
    }
    if situation.given_up == Some(situation.wanted) && !situation.retry {
        return if may_retry(situation) { Decision::Upgrade } else { Decision::Nothing };
    }
    if situation.wanted != situation.attempted || situation.failed || situation.retry {
        return Decision::Upgrade;
    }
    if stored.revision != situation.left_revision || stored.status != "deployed" {
        // Somebody used helm: what they left is not what is wanted.
        return Decision::Upgrade;
    }
    if situation.drifted || situation.unknown_objects {
        return Decision::Compare;
    }
    Decision::Nothing
}

/// Rolled back, it is tried again only when asked for, and not for ever.
fn may_retry(situation: &Situation<'_>) -> bool {
    let RollbackSpec { retry, max_retries, .. } = situation.rollback;
    retry && (max_retries == 0 || situation.rollbacks <= i64::from(max_retries))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLLBACK: RollbackSpec = RollbackSpec {
        enable: true,
        retry: false,
        max_retries: 5,
        force: false,
        recreate: false,
        disable_hooks: false,
        timeout_seconds: 300,
        wait: false,
    };

    const STORED: Stored<'static> =
        Stored { revision: 3, status: "deployed", antecedent: None, age_seconds: 60 };

    /// Somebody has upgraded it.
    const UPGRADED: Option<Stored<'static>> = Some(Stored { revision: 4, ..STORED });

    /// Everything as it was left.
    fn calm() -> Situation<'static> {
        Situation {
            stored: Some(STORED),
            wanted: "w",
            attempted: "w",
            left_revision: 3,
            failed: false,
            given_up: None,
            pinned: None,
            rollbacks: 0,
            drifted: false,
            unknown_objects: false,
            retry: false,
            rollback: ROLLBACK,
        }
    }

    fn status(status: &'static str) -> Stored<'static> {
        Stored { status, ..STORED }
    }

    #[test]
    fn each_situation_has_its_decision() {
        let retrying = RollbackSpec { retry: true, ..ROLLBACK };
        let endless = RollbackSpec { max_retries: 0, ..retrying };
        let given_up = Situation { failed: true, given_up: Some("w"), rollbacks: 1, ..calm() };
        let table = [
            ("all is as it was left", calm(), Decision::Nothing),
            ("there is no release", Situation { stored: None, ..calm() }, Decision::Install),
            (
                "history was kept",
                Situation { stored: Some(status("uninstalled")), ..calm() },
                Decision::Install,
            ),
            ("spec, chart or values changed", Situation { attempted: "v", ..calm() }, Decision::Upgrade),
            ("the last attempt failed", Situation { failed: true, ..calm() }, Decision::Upgrade),
            ("somebody upgraded it", Situation { stored: UPGRADED, ..calm() }, Decision::Upgrade),
            ("helm says failed", Situation { stored: Some(status("failed")), ..calm() }, Decision::Upgrade),
            ("an object changed", Situation { drifted: true, ..calm() }, Decision::Compare),
            (
                "nothing is known of the objects",
                Situation { unknown_objects: true, ..calm() },
                Decision::Compare,
            ),
            ("rolled back", given_up.clone(), Decision::Nothing),
            ("rolled back, spec changed", Situation { wanted: "x", ..given_up.clone() }, Decision::Upgrade),
            (
                "rolled back, to be retried",
                Situation { rollback: retrying, ..given_up.clone() },
                Decision::Upgrade,
            ),
            (
                "rolled back five times",
                Situation { rollback: retrying, rollbacks: 5, ..given_up.clone() },
                Decision::Upgrade,
            ),
            (
                "rolled back six times",
                Situation { rollback: retrying, rollbacks: 6, ..given_up.clone() },
                Decision::Nothing,
            ),
            (
                "retried for ever",
                Situation { rollback: endless, rollbacks: 99, ..given_up.clone() },
                Decision::Upgrade,
            ),
            ("a person retries", Situation { retry: true, ..given_up }, Decision::Upgrade),
            (
                "a person chose a revision",
                Situation { pinned: Some("w"), stored: UPGRADED, ..calm() },
                Decision::Nothing,
            ),
            (
                "and something changed",
                Situation { pinned: Some("w"), drifted: true, ..calm() },
                Decision::Compare,
            ),
            (
                "until the spec changes",
                Situation { pinned: Some("v"), attempted: "v", ..calm() },
                Decision::Upgrade,
            ),
            (
                "somebody is at it",
                Situation { stored: Some(status("pending-upgrade")), ..calm() },
                Decision::Refuse(Refusal::Pending { status: "pending-upgrade".to_owned(), seconds: 60 }),
            ),
            (
                "it is being removed",
                Situation { stored: Some(status("uninstalling")), ..calm() },
                Decision::Refuse(Refusal::Status("uninstalling".to_owned())),
            ),
            (
                "it is another's",
                Situation {
                    stored: Some(Stored { antecedent: Some("b:helmrelease/b"), ..STORED }),
                    ..calm()
                },
                Decision::Refuse(Refusal::Antecedent("b:helmrelease/b".to_owned())),
            ),
        ];
        for (name, situation, decision) in table {
            assert_eq!(decide(&situation), decision, "{name}");
        }
    }

    #[test]
    fn a_pending_release_is_explained_and_how_to_repair_it() {
        let sentence = |seconds| {
            Refusal::Pending { status: "pending-upgrade".to_owned(), seconds }.sentence("web", "team-a")
        };
        assert!(sentence(60).contains("somebody is at it"));
        assert!(sentence(3600).contains("for 60 minutes"));
        assert!(sentence(3600).contains("Repair"));
    }
}
