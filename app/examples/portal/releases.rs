//! Helm releases in every state.

use async_trait::async_trait;
use domain::access::Actor;
use domain::id::ConfigurationId;
use domain::release::{ReleaseAction, ReleaseKey, ReleaseTests, ReleaseWish};
use domain::service::{
    HelmProgram, KeptRelease, OtherReleases, ReleaseChart, ReleaseDetail, ReleaseHelm, ReleaseList,
    ReleaseRevision, ReleaseRow, ReleaseService, ServiceError,
};

use super::sample::Sample;
use super::world;

#[async_trait]
impl ReleaseService for Sample {
    async fn releases(
        &self,
        _actor: &Actor,
        configuration: ConfigurationId,
    ) -> Result<ReleaseList, ServiceError> {
        world::configuration(configuration)?;
        let releases = if has_releases(configuration) { rows() } else { Vec::new() };
        Ok(ReleaseList { releases, more: false, switched_on: true, now: world::moment(0) })
    }

    async fn others(
        &self,
        _actor: &Actor,
        configuration: ConfigurationId,
    ) -> Result<OtherReleases, ServiceError> {
        world::configuration(configuration)?;
        let other = |name: &str| ReleaseKey { namespace: "monitoring".to_owned(), name: name.to_owned() };
        Ok(OtherReleases { keys: vec![other("grafana"), other("prometheus")], more: false })
    }

    async fn release(
        &self,
        actor: &Actor,
        configuration: ConfigurationId,
        key: &ReleaseKey,
    ) -> Result<Option<ReleaseDetail>, ServiceError> {
        let list = self.releases(actor, configuration).await?;
        let Some(row) = list.releases.into_iter().find(|row| row.key == *key) else { return Ok(None) };
        let helm = match row.key.name.as_str() {
            "cache" => ReleaseHelm::Nothing,
            "search" => ReleaseHelm::Silent { said: "the API server does not answer".to_owned() },
            "queue" => ReleaseHelm::Told(kept("pending-upgrade")),
            _ => ReleaseHelm::Told(kept("deployed")),
        };
        Ok(Some(ReleaseDetail {
            row,
            notes: "1. Get the address:\n   kubectl get service web\n<b>2.</b> Open it.".to_owned(),
            helm,
            now: list.now,
            may_write: true,
        }))
    }

    async fn wish(
        &self,
        actor: &Actor,
        configuration: ConfigurationId,
        key: &ReleaseKey,
        _wish: &ReleaseWish,
    ) -> Result<(), ServiceError> {
        let found = self.release(actor, configuration, key).await?;
        found.map(drop).ok_or(ServiceError::Stale)
    }

    async fn helm(&self, _actor: &Actor) -> Result<HelmProgram, ServiceError> {
        let said = "helm is not ready on the server (it is not on PATH): install helm 3.17 or later";
        Ok(HelmProgram::Missing { said: said.to_owned() })
    }
}

/// One configuration keeps none.
pub(crate) fn has_releases(configuration: ConfigurationId) -> bool {
    configuration != world::configuration_id(3)
}

fn rows() -> Vec<ReleaseRow> {
    let row = |name: &str, phase: &str, message: &str| ReleaseRow {
        key: ReleaseKey { namespace: "team-a".to_owned(), name: name.to_owned() },
        version: 1,
        wanted: true,
        release_name: format!("team-a-{name}"),
        target_namespace: "team-a".to_owned(),
        phase: phase.to_owned(),
        helm_status: "deployed".to_owned(),
        chart: Some(ReleaseChart {
            name: name.to_owned(),
            version: "1.4.2".to_owned(),
            commit: Some("4f2c1a9".to_owned()),
        }),
        helm_revision: 3,
        last_action: Some(ReleaseAction::Upgrade),
        last_action_at: Some(world::moment(240_000)),
        message: message.to_owned(),
        failed: false,
        tests: None,
        busy: false,
        asked: None,
        chosen: false,
        rest: false,
    };
    let done = "Release was successful for Helm release 'team-a-web' in 'team-a'.";
    let refused = "UPGRADE FAILED: cannot patch \"team-a-payments\" with kind Deployment: Deployment.apps \
                   \"team-a-payments\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0";
    vec![
        ReleaseRow {
            failed: true,
            last_action: Some(ReleaseAction::Rollback),
            helm_revision: 5,
            ..row("payments", "RolledBack", refused)
        },
        ReleaseRow {
            failed: true,
            ..row(
                "queue",
                "Failed",
                "release team-a-queue in team-a has been pending-upgrade for 20 minutes: whoever began that did not end it",
            )
        },
        ReleaseRow {
            helm_status: String::new(),
            chart: None,
            helm_revision: 0,
            last_action: None,
            last_action_at: None,
            release_name: String::new(),
            target_namespace: String::new(),
            ..row("cache", "", "")
        },
        ReleaseRow { busy: true, ..row("mail", "Upgrading", done) },
        ReleaseRow {
            chosen: true,
            chart: Some(ReleaseChart {
                name: "prices".to_owned(),
                version: "0.9.0".to_owned(),
                commit: None,
            }),
            ..row(
                "prices",
                "RolledBack",
                "Revision 2 was chosen; it stands until the spec or the chart changes.",
            )
        },
        ReleaseRow { wanted: false, ..row("search", "Succeeded", done) },
        ReleaseRow {
            tests: Some(ReleaseTests { passed: true, message: String::new() }),
            ..row("web", "Succeeded", done)
        },
    ]
}

fn kept(newest: &str) -> KeptRelease {
    let revision = |revision: u32, before: i64, status: &str, description: &str| ReleaseRevision {
        revision,
        updated: Some(world::moment(before)),
        status: status.to_owned(),
        chart: "web-1.4.2".to_owned(),
        app_version: "2.0".to_owned(),
        description: description.to_owned(),
    };
    KeptRelease {
        values: "{\n  \"image\": {\n    \"tag\": \"•••\"\n  },\n  \"replicas\": \"•••\"\n}".to_owned(),
        history: vec![
            revision(3, 240_000, newest, "Upgrade complete"),
            revision(
                2,
                4_000_000,
                "failed",
                "Upgrade \"team-a-web\" failed: spec.replicas: Invalid value: -1",
            ),
            revision(1, 9_000_000, "superseded", "Install complete"),
        ],
    }
}
