//! Helm releases that a configuration keeps: one for each `HelmRelease` object that its sync applied.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::object::{ObjectKey, ResourceKind};

/// Which `HelmRelease` object of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReleaseKey {
    /// `metadata.namespace`
    pub namespace: String,
    /// `metadata.name`
    pub name: String,
}

impl ReleaseKey {
    /// The value of `helm.fluxcd.io/antecedent` on what its release makes (Flux Helm operator's resource id).
    pub fn antecedent(&self) -> String {
        format!("{}:helmrelease/{}", self.namespace, self.name)
    }
}

impl fmt::Display for ReleaseKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
    }
}

/// What a person asks for a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReleaseWish {
    /// Looks at everything now, and tries again what had failed.
    Retry,
    /// Makes the release what this revision was; it stays so until the spec or the chart changes.
    Rollback {
        /// Helm's revision.
        revision: u32,
    },
    /// Ends an action of helm that nobody is at any more (`pending-…`), by a rollback to the last revision that was
    /// deployed, or by removing what a first install has left.
    Repair,
}

/// What was done last to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReleaseAction {
    /// First install.
    Install,
    /// Upgrade.
    Upgrade,
    /// Rollback.
    Rollback,
    /// The chart's tests.
    Test,
    /// Uninstall.
    Uninstall,
}

impl ReleaseAction {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Install, Self::Upgrade, Self::Rollback, Self::Test, Self::Uninstall];

    /// As stored and measured.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Upgrade => "upgrade",
            Self::Rollback => "rollback",
            Self::Test => "test",
            Self::Uninstall => "uninstall",
        }
    }
}

/// The chart that was used last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleasedChart {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The commit of a chart from Git, else its version (`status.revision`).
    pub revision: String,
    /// Changes with its content.
    pub digest: String,
}

/// An object that the release has made, as helm left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedObject {
    /// Which object.
    pub object: ObjectKey,
    /// How its kind is served.
    pub kind: ResourceKind,
    /// Hash of helm's own fields then.
    pub fields: String,
}

/// What is known of a release after the last look: enough to tell, without a call, whether anything has to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReleaseState {
    /// Generation of the `HelmRelease` that was acted on.
    pub generation: i64,
    /// Name of the release; empty before the first look.
    pub release_name: String,
    /// Namespace of the release.
    pub target_namespace: String,
    /// The chart of the last attempt.
    pub chart: Option<ReleasedChart>,
    /// Spec, chart and values of the last attempt as one hash: of values nothing else is kept.
    pub attempted: String,
    /// The status of the object as it was written last.
    pub status: Value,
    /// Helm's revision that this look left.
    pub helm_revision: u32,
    /// What that is: whether the sentence below tells of a failure.
    pub failed: bool,
    /// One sentence about it.
    pub message: String,
    /// What was done last.
    pub last_action: Option<ReleaseAction>,
    /// When.
    pub last_action_at: Option<Timestamp>,
    /// What the release has made.
    pub objects: Vec<ReleasedObject>,
    /// The attempt that failed and was rolled back (as `attempted`): not tried again.
    pub given_up: Option<String>,
    /// A person chose a revision while this was wanted (as `attempted`): it stands until that changes.
    pub pinned: Option<String>,
    /// The tests of the chart, when they were run.
    pub tests: Option<ReleaseTests>,
}

impl ReleaseState {
    /// The phase as the status says it; empty before the first.
    pub fn phase(&self) -> &str {
        self.status.get("phase").and_then(Value::as_str).unwrap_or_default()
    }

    /// Helm's word for the release; empty before the first.
    pub fn release_status(&self) -> &str {
        self.status.get("releaseStatus").and_then(Value::as_str).unwrap_or_default()
    }
}

/// How the tests of a chart went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseTests {
    /// Whether all passed.
    pub passed: bool,
    /// What helm said, bounded.
    pub message: String,
}
