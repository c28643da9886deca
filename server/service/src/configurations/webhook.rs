//! A configuration's webhook: made, made anew, removed. What comes in by it is in `webhooks.rs`.

use domain::access::{Actor, Permit};
use domain::id::ConfigurationId;
use domain::service::{NewWebhook, ServiceError, WEBHOOKS_FOLDER, WebhookView};
use storage::{AuditEntry, FieldChange, SecretOwner, WebhookRecord};

use super::Configurations;
use crate::bearer::{new_address, new_secret};
use crate::error::{internal, random, stored};
use crate::moment::moment;
use crate::webhooks::SECRET_FIELD;

impl Configurations {
    /// The address stays when it is made anew, for the host knows it; the secret is another one.
    pub(super) async fn renew_webhook(
        &self,
        actor: &Actor,
        id: ConfigurationId,
    ) -> Result<NewWebhook, ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let (address, secret) = (new_address().map_err(random)?, new_secret().map_err(random)?);
        let owner = SecretOwner::Configuration(id);
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let context = unit.next_secret(owner, SECRET_FIELD).await.map_err(stored)?;
        let context = context.ok_or(ServiceError::NotFound)?;
        let sealed = self.vault.seal(&context, secret.as_bytes());
        let sealed = sealed.map_err(|error| internal("a webhook's secret cannot be encrypted", &error))?;
        unit.put_secret(owner, &context, &sealed, actor.user).await.map_err(stored)?;
        let address = unit.put_webhook(id, &address, actor.user).await.map_err(stored)?;
        let address = address.ok_or(ServiceError::NotFound)?;
        let action = "configuration.make_webhook";
        let mut entry = AuditEntry::done(actor, action, "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        // What it was and is is nobody's business.
        entry.changes = vec![FieldChange { field: SECRET_FIELD.to_owned(), before: None, after: None }];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(NewWebhook { address: path(&address), secret })
    }

    pub(super) async fn end_webhook(&self, actor: &Actor, id: ConfigurationId) -> Result<bool, ServiceError> {
        let summary = self.authorized(actor, Permit::WriteConfiguration, id).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.delete_webhook(id).await.map_err(stored)? {
            return Ok(false);
        }
        unit.delete_secret(SecretOwner::Configuration(id), SECRET_FIELD).await.map_err(stored)?;
        let action = "configuration.remove_webhook";
        let mut entry = AuditEntry::done(actor, action, "configuration", id.to_string(), &summary.name);
        entry.place = Some(summary.state.place);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(true)
    }
}

/// As its configuration shows it.
pub(super) fn view(record: WebhookRecord) -> WebhookView {
    let WebhookRecord { address, made_at, taken_at, refused_at } = record;
    WebhookView {
        address: path(&address),
        made_at: moment(made_at),
        taken_at: taken_at.map(moment),
        refused_at: refused_at.map(moment),
    }
}

fn path(address: &str) -> String {
    format!("{WEBHOOKS_FOLDER}{address}")
}
