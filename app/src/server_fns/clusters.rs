//! Clusters.

use domain::id::{ClusterDraftId, ClusterId, RetirementId};
use domain::page::PageQuery;
use domain::service::{ClusterDetail, ClusterList, ConnectView};
use leptos::prelude::*;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::clusters;
#[cfg(feature = "ssr")]
use crate::{
    context::{actor, refused},
    routes,
};

/// A page of the clusters.
#[server(prefix = "/api/portal", endpoint = "list_clusters", output = Answer)]
pub async fn list_clusters(query: PageQuery) -> Result<ClusterList, WireError> {
    clusters()?.list(&actor()?, &query).await.map_err(refused)
}

/// One cluster.
#[server(prefix = "/api/portal", endpoint = "get_cluster", output = Answer)]
pub async fn get_cluster(id: ClusterId) -> Result<ClusterDetail, WireError> {
    clusters()?.get(&actor()?, id).await.map_err(refused)
}

/// First step of connecting: the kubeconfig.
#[server(prefix = "/api/portal", endpoint = "begin_connect", output = Answer)]
pub async fn begin_connect(kubeconfig: String) -> Result<(), WireError> {
    let view = clusters()?.begin_connect(&actor()?, &kubeconfig).await.map_err(refused)?;
    leptos_axum::redirect(&routes::connect_step(view.draft, view.context.as_deref()));
    Ok(())
}

/// The waiting kubeconfig; with a context chosen, its preflight is run.
#[server(prefix = "/api/portal", endpoint = "connect_draft", output = Answer)]
pub async fn connect_draft(draft: ClusterDraftId, context: Option<String>) -> Result<ConnectView, WireError> {
    clusters()?.draft(&actor()?, draft, context.as_deref()).await.map_err(refused)
}

/// Last step of connecting.
#[server(prefix = "/api/portal", endpoint = "connect_cluster", output = Answer)]
pub async fn connect_cluster(
    draft: ClusterDraftId,
    context: String,
    #[server(default)] cluster_name: String,
    #[server(default)] cluster_type: String,
    #[server(default)] resource_group: String,
) -> Result<(), WireError> {
    let connect = domain::service::ConnectDraft { cluster_name, cluster_type, resource_group };
    let id = clusters()?.connect(&actor()?, draft, &context, &connect).await.map_err(refused)?;
    leptos_axum::redirect(&routes::cluster(id));
    Ok(())
}

/// Runs the preflight of a connected cluster again.
#[server(prefix = "/api/portal", endpoint = "check_cluster", output = Answer)]
pub async fn check_cluster(id: ClusterId) -> Result<(), WireError> {
    clusters()?.check(&actor()?, id).await.map(|_| ()).map_err(refused)
}

/// Says that the cluster that answers now is the one that is meant.
#[server(prefix = "/api/portal", endpoint = "confirm_replaced", output = Answer)]
pub async fn confirm_replaced(id: ClusterId, uid: String) -> Result<(), WireError> {
    clusters()?.confirm_replaced(&actor()?, id, &uid).await.map_err(refused)
}

/// Gives a cluster another kubeconfig; it has to lead to the same one.
#[server(prefix = "/api/portal", endpoint = "replace_kubeconfig", output = Answer)]
pub async fn replace_kubeconfig(
    id: ClusterId,
    kubeconfig: String,
    #[server(default)] context: String,
) -> Result<(), WireError> {
    clusters()?.replace_kubeconfig(&actor()?, id, &kubeconfig, &context).await.map_err(refused)
}

/// Says again that an operator may go whose wish has become too old.
#[server(prefix = "/api/portal", endpoint = "renew_retirement", output = Answer)]
pub async fn renew_retirement(id: ClusterId, retirement: RetirementId) -> Result<(), WireError> {
    clusters()?.renew_retirement(&actor()?, id, retirement).await.map_err(refused)
}

/// Forgets a cluster; nothing in it is touched.
#[server(prefix = "/api/portal", endpoint = "disconnect_cluster", output = Answer)]
pub async fn disconnect_cluster(id: ClusterId) -> Result<(), WireError> {
    clusters()?.disconnect(&actor()?, id).await.map_err(refused)?;
    leptos_axum::redirect(routes::CLUSTERS);
    Ok(())
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::service::ClusterService;

    use crate::context::service;
    use crate::error::WireError;

    pub(super) fn clusters() -> Result<Arc<dyn ClusterService>, WireError> {
        service()
    }
}
