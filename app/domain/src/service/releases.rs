//! Use cases on the Helm releases of a configuration, and what they give back.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::ServiceError;
use crate::access::Actor;
use crate::clock::Moment;
use crate::id::ConfigurationId;
use crate::release::{ReleaseAction, ReleaseKey, ReleaseTests, ReleaseWish};

/// Releases of one configuration that are shown.
pub const RELEASES_MAX: u32 = 500;
/// Revisions of one release that are shown, the newest ones.
pub const REVISIONS_MAX: usize = 100;

/// The releases of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseList {
    /// What failed comes first, then by namespace and name; at most [`RELEASES_MAX`].
    pub releases: Vec<ReleaseRow>,
    /// There are more than that.
    pub more: bool,
    /// The configuration keeps its releases; else they stay as they are.
    pub switched_on: bool,
    pub now: Moment,
}

/// `HelmRelease` objects of the cluster that nobody here keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherReleases {
    /// By namespace and name; at most [`RELEASES_MAX`].
    pub keys: Vec<ReleaseKey>,
    /// There are more than that.
    pub more: bool,
}

/// A release: a `HelmRelease` object and what helm made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
pub struct ReleaseRow {
    /// Its object.
    pub key: ReleaseKey,
    /// Grows with every change of it.
    pub version: i64,
    /// The configuration still applies its object.
    pub wanted: bool,
    /// What helm calls it; empty before the first look.
    pub release_name: String,
    /// Where helm keeps it.
    pub target_namespace: String,
    /// The phase, in the Helm operator's words; empty before the first look.
    pub phase: String,
    /// Helm's word for it, such as `deployed`; empty before the first install.
    pub helm_status: String,
    /// The chart of the last attempt.
    pub chart: Option<ReleaseChart>,
    /// Helm's revision; 0 before the first install.
    pub helm_revision: u32,
    pub last_action: Option<ReleaseAction>,
    pub last_action_at: Option<Moment>,
    /// One sentence, in the words of helm or of the cluster.
    pub message: String,
    /// What the sentence tells of is a failure.
    pub failed: bool,
    /// The chart's tests, when they were run.
    pub tests: Option<ReleaseTests>,
    /// Somebody works on it now.
    pub busy: bool,
    /// What a person asked for and nobody has begun yet.
    pub asked: Option<ReleaseWish>,
    /// A person chose its revision, and it stands.
    pub chosen: bool,
    /// Nobody looks after it: the Helm operator is switched off.
    pub rest: bool,
}

/// A chart as a release names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseChart {
    pub name: String,
    /// May be empty for a chart from Git, which is told by its commit.
    pub version: String,
    /// The commit of a chart from Git, abbreviated; `None` of a chart from elsewhere.
    pub commit: Option<String>,
}

/// Everything that is shown of one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseDetail {
    pub row: ReleaseRow,
    /// What the chart tells whoever installs it: a stranger's text.
    pub notes: String,
    /// What helm says now.
    pub helm: ReleaseHelm,
    pub now: Moment,
    /// Whether the actor may ask for something.
    pub may_write: bool,
}

/// What helm says of a release when it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReleaseHelm {
    /// It keeps none yet.
    Nothing,
    /// It could not be asked.
    Silent {
        /// Why, in one sentence.
        said: String,
    },
    /// It keeps one.
    Told(KeptRelease),
}

/// A release as helm keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRelease {
    /// The values that were given, as JSON; only their names are told.
    pub values: String,
    /// Newest first, at most [`REVISIONS_MAX`].
    pub history: Vec<ReleaseRevision>,
}

/// One revision of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRevision {
    /// Counts from 1.
    pub revision: u32,
    /// When helm wrote it; `None` when it says no time.
    pub updated: Option<Moment>,
    /// Helm's word.
    pub status: String,
    /// `NAME-VERSION`
    pub chart: String,
    /// The application's version, as the chart says; may be empty.
    pub app_version: String,
    /// What helm says of it.
    pub description: String,
}

impl KeptRelease {
    /// Helm says that somebody is at it (`pending-…`): while nobody is, only a repair ends that.
    pub fn is_pending(&self) -> bool {
        self.history.first().is_some_and(|newest| newest.status.starts_with("pending"))
    }

    /// Whether the release may be made again what it was at this revision: it worked then, and is another one now.
    pub fn may_return_to(&self, revision: &ReleaseRevision) -> bool {
        let newest = self.history.first().is_some_and(|newest| newest.revision == revision.revision);
        !newest && !self.is_pending() && matches!(revision.status.as_str(), "deployed" | "superseded")
    }
}

/// The helm program of the installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HelmProgram {
    /// It keeps releases.
    Installed {
        /// As it says itself, such as `v4.1.4`.
        version: String,
    },
    /// There is none that can.
    Missing {
        /// Why, and what to do, in one sentence.
        said: String,
    },
}

/// Use cases on releases. A release that is gone is no error: it may have gone while somebody looked at it.
#[async_trait]
pub trait ReleaseService: Send + Sync {
    /// The releases of a configuration.
    async fn releases(
        &self,
        actor: &Actor,
        configuration: ConfigurationId,
    ) -> Result<ReleaseList, ServiceError>;
    /// What else the configuration's operator sees in its cluster. Of a cluster that does not answer nothing is told.
    async fn others(
        &self,
        actor: &Actor,
        configuration: ConfigurationId,
    ) -> Result<OtherReleases, ServiceError>;
    /// One of them, and what helm says of it; `None` when the configuration has none of this key.
    async fn release(
        &self,
        actor: &Actor,
        configuration: ConfigurationId,
        key: &ReleaseKey,
    ) -> Result<Option<ReleaseDetail>, ServiceError>;
    /// Asks for something; it begins as soon as possible. Stale when the release is gone.
    async fn wish(
        &self,
        actor: &Actor,
        configuration: ConfigurationId,
        key: &ReleaseKey,
        wish: &ReleaseWish,
    ) -> Result<(), ServiceError>;
    /// The helm program of the installation, for whoever is signed in.
    async fn helm(&self, actor: &Actor) -> Result<HelmProgram, ServiceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_returns_to_what_once_worked_and_is_another_now_unless_somebody_is_at_it() {
        let table: [(&[&str], &[u32]); 4] = [
            (&["deployed"], &[]),
            (&["deployed", "superseded", "failed", "superseded"], &[3, 1]),
            (&["failed", "deployed"], &[1]),
            (&["pending-upgrade", "deployed"], &[]),
        ];
        for (statuses, expected) in table {
            let kept = kept(statuses);
            let found: Vec<u32> = kept
                .history
                .iter()
                .filter(|revision| kept.may_return_to(revision))
                .map(|revision| revision.revision)
                .collect();
            assert_eq!(found, expected, "{statuses:?}");
        }
    }

    fn kept(newest_first: &[&str]) -> KeptRelease {
        let history =
            newest_first.iter().zip((1..=newest_first.len()).rev()).map(|(status, number)| ReleaseRevision {
                revision: u32::try_from(number).unwrap(),
                updated: None,
                status: (*status).to_owned(),
                chart: "web-1.0.0".to_owned(),
                app_version: String::new(),
                description: String::new(),
            });
        KeptRelease { values: String::new(), history: history.collect() }
    }
}
