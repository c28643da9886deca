//! Trusting the key that an ssh host has shown.

use domain::access::{Actor, Permit};
use domain::configuration::{ConfigurationSpec, known_hosts};
use domain::id::ConfigurationId;
use domain::reason::Reason;
use domain::service::ServiceError;
use domain::violation::Field;
use storage::{AuditEntry, FieldChange};

use super::Configurations;
use crate::error::stored;

impl Configurations {
    /// The key comes from what the last sync was shown, never from whoever asks: the fingerprint only says that it
    /// still is the one that the person compared.
    pub(super) async fn trust(
        &self,
        actor: &Actor,
        id: ConfigurationId,
        fingerprint: &str,
    ) -> Result<(), ServiceError> {
        // Whoever decides which machine is believed decides over the cluster: an owner.
        let summary = self.authorized(actor, Permit::WriteCluster, id).await?;
        let offered = offered(&summary.state.reason).filter(|offered| offered.fingerprint == fingerprint);
        let Offered { host, key, expected, .. } = offered.ok_or(ServiceError::Stale)?;
        let record = self.storage.configuration(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let known = record.spec.ssh_known_hosts.clone().unwrap_or_default();
        let known = known_hosts::with_host_key(&known, host, key);
        let spec = ConfigurationSpec { ssh_known_hosts: Some(known), ..record.spec };
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let replaced = unit.replace_configuration(id, &spec, record.spec_version, actor.user).await;
        if !replaced.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let action = "configuration.trust_host_key";
        let mut entry = AuditEntry::done(actor, action, "configuration", id.to_string(), spec.name.as_str());
        entry.place = Some(summary.state.place);
        entry.changes = vec![FieldChange {
            field: Field::SshKnownHosts.json_path().to_owned(),
            before: expected.map(|expected| format!("{host} {expected}")),
            after: Some(format!("{host} {fingerprint}")),
        }];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }
}

struct Offered<'reason> {
    host: &'reason str,
    key: &'reason str,
    fingerprint: &'reason str,
    expected: Option<&'reason str>,
}

fn offered(reason: &Reason) -> Option<Offered<'_>> {
    match reason {
        Reason::RepositoryHostKeyUnknown { host, fingerprint, key } => {
            Some(Offered { host, key, fingerprint, expected: None })
        }
        Reason::RepositoryHostKeyChanged { host, expected, fingerprint, key } => {
            Some(Offered { host, key, fingerprint, expected: Some(expected) })
        }
        _ => None,
    }
}
