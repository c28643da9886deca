//! Configurations.

use domain::id::{ClusterId, ConfigurationId};
use domain::page::PageQuery;
use domain::service::{ConfigurationDetail, ConfigurationList, NewWebhook};
use leptos::prelude::*;

use crate::configuration_form::ConfigurationForm;
use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::configurations;
#[cfg(feature = "ssr")]
use crate::{
    context::{actor, portal_origin, refused},
    routes,
};

/// A page of the configurations of one cluster, or of all.
#[server(prefix = "/api/portal", endpoint = "list_configurations", output = Answer)]
pub async fn list_configurations(
    cluster: Option<ClusterId>,
    query: PageQuery,
) -> Result<ConfigurationList, WireError> {
    configurations()?.list(&actor()?, cluster, &query).await.map_err(refused)
}

/// One with all that its pane shows.
#[server(prefix = "/api/portal", endpoint = "get_configuration", output = Answer)]
pub async fn get_configuration(id: ConfigurationId) -> Result<ConfigurationDetail, WireError> {
    let mut detail = configurations()?.get(&actor()?, id).await.map_err(refused)?;
    detail.webhook = detail.webhook.map(|webhook| webhook.at(&portal_origin()));
    Ok(detail)
}

/// Makes one.
#[server(prefix = "/api/portal", endpoint = "create_configuration", output = Answer)]
pub async fn create_configuration(
    cluster: ClusterId,
    #[server(flatten)] form: ConfigurationForm,
) -> Result<(), WireError> {
    let id = configurations()?
        .create_with_access(&actor()?, cluster, &form.draft(), &form.credential())
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&routes::configuration(id, routes::Tab::default()));
    Ok(())
}

/// Replaces the spec of one.
#[server(prefix = "/api/portal", endpoint = "replace_configuration", output = Answer)]
pub async fn replace_configuration(
    id: ConfigurationId,
    spec_version: i64,
    #[server(flatten)] form: ConfigurationForm,
) -> Result<(), WireError> {
    configurations()?
        .replace_with_access(&actor()?, id, &form.draft(), &form.credential(), spec_version)
        .await
        .map_err(refused)?;
    leptos_axum::redirect(&routes::configuration(id, routes::Tab::default()));
    Ok(())
}

/// Lets exactly the objects of a list that waits be deleted.
#[server(prefix = "/api/portal", endpoint = "confirm_prune", output = Answer)]
pub async fn confirm_prune(id: ConfigurationId, hash: String) -> Result<(), WireError> {
    configurations()?.confirm_prune(&actor()?, id, &hash).await.map_err(refused)
}

/// Asks for a sync as soon as possible.
#[server(prefix = "/api/portal", endpoint = "sync_configuration", output = Answer)]
pub async fn sync_configuration(id: ConfigurationId) -> Result<(), WireError> {
    configurations()?.sync_now(&actor()?, id).await.map_err(refused)
}

/// Stops the syncs of one.
#[server(prefix = "/api/portal", endpoint = "suspend_configuration", output = Answer)]
pub async fn suspend_configuration(id: ConfigurationId) -> Result<(), WireError> {
    configurations()?.suspend(&actor()?, id, true).await.map_err(refused)
}

/// Lets the syncs of one go on.
#[server(prefix = "/api/portal", endpoint = "resume_configuration", output = Answer)]
pub async fn resume_configuration(id: ConfigurationId) -> Result<(), WireError> {
    configurations()?.suspend(&actor()?, id, false).await.map_err(refused)
}

/// Makes the webhook of one, or a new secret for it. The page that answers shows the secret, and no other.
#[server(prefix = "/api/portal", endpoint = "make_webhook", output = Answer)]
pub async fn make_webhook(id: ConfigurationId) -> Result<NewWebhook, WireError> {
    let made = configurations()?.make_webhook(&actor()?, id).await.map_err(refused)?;
    crate::forms::show_answer();
    Ok(made.at(&portal_origin()))
}

/// Removes the webhook of one.
#[server(prefix = "/api/portal", endpoint = "remove_webhook", output = Answer)]
pub async fn remove_webhook(id: ConfigurationId) -> Result<(), WireError> {
    configurations()?.remove_webhook(&actor()?, id).await.map_err(refused)?;
    Ok(())
}

/// Trusts the host key that the last sync was shown.
#[server(prefix = "/api/portal", endpoint = "trust_host_key", output = Answer)]
pub async fn trust_host_key(id: ConfigurationId, fingerprint: String) -> Result<(), WireError> {
    configurations()?.trust_host_key(&actor()?, id, &fingerprint).await.map_err(refused)
}

/// Deletes one; what it applied stays.
#[server(prefix = "/api/portal", endpoint = "delete_configuration", output = Answer)]
pub async fn delete_configuration(id: ConfigurationId, cluster: ClusterId) -> Result<(), WireError> {
    configurations()?.delete(&actor()?, id).await.map_err(refused)?;
    leptos_axum::redirect(&routes::gitops(cluster));
    Ok(())
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::service::ConfigurationService;

    use crate::context::service;
    use crate::error::WireError;

    pub(super) fn configurations() -> Result<Arc<dyn ConfigurationService>, WireError> {
        service()
    }
}
