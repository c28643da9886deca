//! What helm tells of releases, asked by the reconciler; values lose what they say before they leave here.

use std::time::Duration;

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::id::ConfigurationId;
use domain::release::ReleaseKey;
use domain::service::{HelmProgram, KeptRelease, REVISIONS_MAX, ReleaseRevision};
use engine::helm::values::masked;
use engine::port::helm::{Deployed, HelmError, HelmFault, Revision};
use reconciler::Reconciler;
use service::{HelmSilence, ReleaseReader, moment};
use tokio::sync::Semaphore;

/// Pages that ask at once: each asks twice, and helm is needed for the releases themselves.
const READERS: usize = 2;
/// How long a page waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of masked values, and of what helm says of one revision.
const VALUES_BYTES: usize = 64 * 1024;
const DESCRIPTION_BYTES: usize = 500;

/// Over the `reconciler` crate.
pub struct HelmReader {
    reconciler: Reconciler,
    turns: Semaphore,
}

impl HelmReader {
    /// By this one's ports.
    pub fn new(reconciler: Reconciler) -> Self {
        Self { reconciler, turns: Semaphore::new(READERS) }
    }
}

#[async_trait]
impl ReleaseReader for HelmReader {
    fn helm(&self) -> HelmProgram {
        match self.reconciler.helm() {
            Ok(version) => HelmProgram::Installed { version: version.text },
            Err(error) => HelmProgram::Missing { said: error.message },
        }
    }

    async fn read(
        &self,
        configuration: ConfigurationId,
        namespace: &str,
        release: &str,
    ) -> Result<KeptRelease, HelmSilence> {
        // Never closed: without a turn the time is over.
        let Ok(_turn) = tokio::time::timeout(PATIENCE, self.turns.acquire()).await else {
            let said = "helm is asked about other releases just now; load the page again in a moment";
            return Err(HelmSilence::Unreachable(said.to_owned()));
        };
        let (deployed, history) =
            self.reconciler.release(configuration, namespace, release).await.map_err(silence)?;
        Ok(kept(&deployed, history))
    }

    async fn others(&self, configuration: ConfigurationId) -> Result<Vec<ReleaseKey>, HelmSilence> {
        self.reconciler.other_releases(configuration).await.map_err(silence)
    }
}

fn silence(error: HelmError) -> HelmSilence {
    match error.fault {
        HelmFault::Refused => HelmSilence::Refused(error.message),
        _ => HelmSilence::Unreachable(error.message),
    }
}

fn kept(deployed: &Deployed, history: Vec<Revision>) -> KeptRelease {
    let values = serde_json::to_string_pretty(&masked(&deployed.values)).unwrap_or_default();
    let history = history.into_iter().rev().take(REVISIONS_MAX).map(revision).collect();
    KeptRelease { values: bounded(&values, VALUES_BYTES), history }
}

fn revision(revision: Revision) -> ReleaseRevision {
    let Revision { revision, updated, status, chart, app_version, description } = revision;
    let updated: Option<jiff::Timestamp> = updated.parse().ok();
    ReleaseRevision {
        revision,
        updated: updated.map(|at| moment(Timestamp(at.as_millisecond()))),
        status,
        chart,
        app_version,
        description: bounded(&description, DESCRIPTION_BYTES),
    }
}

fn bounded(text: &str, bytes: usize) -> String {
    let end = text.floor_char_boundary(bytes);
    if end == text.len() { text.to_owned() } else { format!("{}…", &text[..end]) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_values_the_names_are_told_and_of_the_history_the_newest_comes_first() {
        let deployed = Deployed {
            values: json!({"password": "hunter2", "replicas": 3, "off": null}),
            ..Deployed::default()
        };
        let kept = kept(&deployed, vec![of(1, "2026-11-23T14:02:07.123456789+01:00"), of(2, "yesterday")]);
        assert_eq!(kept.values, "{\n  \"off\": null,\n  \"password\": \"•••\",\n  \"replicas\": \"•••\"\n}");
        let told: Vec<(u32, Option<String>)> = kept
            .history
            .into_iter()
            .map(|revision| (revision.revision, revision.updated.map(|updated| updated.iso)))
            .collect();
        assert_eq!(told, [(2, None), (1, Some("2026-11-23T13:02:07Z".to_owned()))]);
    }

    fn of(number: u32, updated: &str) -> Revision {
        Revision {
            revision: number,
            updated: updated.to_owned(),
            status: "superseded".to_owned(),
            chart: "web-1.0.0".to_owned(),
            app_version: String::new(),
            description: "Install complete".to_owned(),
        }
    }
}
