//! Helm releases of a configuration.

use domain::id::ConfigurationId;
use domain::service::{HelmProgram, OtherReleases, ReleaseDetail, ReleaseList};
use leptos::prelude::*;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::{releases, wish};
#[cfg(feature = "ssr")]
use crate::context::{actor, refused};
#[cfg(feature = "ssr")]
use domain::release::{ReleaseKey, ReleaseWish};

/// The releases of a configuration.
#[server(prefix = "/api/portal", endpoint = "list_releases", output = Answer)]
pub async fn list_releases(configuration: ConfigurationId) -> Result<ReleaseList, WireError> {
    releases()?.releases(&actor()?, configuration).await.map_err(refused)
}

/// `HelmRelease` objects that the configuration's operator sees and that nobody here keeps.
#[server(prefix = "/api/portal", endpoint = "list_other_releases", output = Answer)]
pub async fn list_other_releases(configuration: ConfigurationId) -> Result<OtherReleases, WireError> {
    releases()?.others(&actor()?, configuration).await.map_err(refused)
}

/// One of them, and what helm says of it; `None` when it is gone.
#[server(prefix = "/api/portal", endpoint = "get_release", output = Answer)]
pub async fn get_release(
    configuration: ConfigurationId,
    namespace: String,
    name: String,
) -> Result<Option<ReleaseDetail>, WireError> {
    let key = ReleaseKey { namespace, name };
    releases()?.release(&actor()?, configuration, &key).await.map_err(refused)
}

/// Looks at everything now, and tries again what had failed.
#[server(prefix = "/api/portal", endpoint = "retry_release", output = Answer)]
pub async fn retry_release(
    configuration: ConfigurationId,
    namespace: String,
    name: String,
) -> Result<(), WireError> {
    wish(configuration, ReleaseKey { namespace, name }, ReleaseWish::Retry).await
}

/// Makes a release what this revision of it was.
#[server(prefix = "/api/portal", endpoint = "roll_back_release", output = Answer)]
pub async fn roll_back_release(
    configuration: ConfigurationId,
    namespace: String,
    name: String,
    revision: u32,
) -> Result<(), WireError> {
    wish(configuration, ReleaseKey { namespace, name }, ReleaseWish::Rollback { revision }).await
}

/// Ends what nobody is at any more.
#[server(prefix = "/api/portal", endpoint = "repair_release", output = Answer)]
pub async fn repair_release(
    configuration: ConfigurationId,
    namespace: String,
    name: String,
) -> Result<(), WireError> {
    wish(configuration, ReleaseKey { namespace, name }, ReleaseWish::Repair).await
}

/// The helm program of the installation.
#[server(prefix = "/api/portal", endpoint = "get_helm", output = Answer)]
pub async fn get_helm() -> Result<HelmProgram, WireError> {
    releases()?.helm(&actor()?).await.map_err(refused)
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::id::ConfigurationId;
    use domain::release::{ReleaseKey, ReleaseWish};
    use domain::service::ReleaseService;

    use crate::context::{actor, refused, service};
    use crate::error::WireError;

    pub(super) fn releases() -> Result<Arc<dyn ReleaseService>, WireError> {
        service()
    }

    pub(super) async fn wish(
        configuration: ConfigurationId,
        key: ReleaseKey,
        wish: ReleaseWish,
    ) -> Result<(), WireError> {
        releases()?.wish(&actor()?, configuration, &key, &wish).await.map_err(refused)
    }
}
