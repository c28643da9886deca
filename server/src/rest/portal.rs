//! What ARM has no words for, below `/api/v1`: connecting a cluster, and what is done with a configuration besides
//! keeping it.
//!
//! Places are named as in ARM; the cluster's type is asked for only where names of both types are the same.

mod clusters;
mod configurations;
mod embed;
mod outbound;
pub mod plan;
mod prune;
mod quota;
mod webhook;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::router::AppState;

/// All of them.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(clusters::get, clusters::connect, clusters::disconnect))
        .routes(routes!(configurations::sync))
        .routes(routes!(configurations::suspend))
        .routes(routes!(configurations::resume))
        .routes(routes!(configurations::history))
        .routes(routes!(plan::plan))
        .routes(routes!(embed::create))
        .routes(routes!(outbound::get, outbound::set))
        .routes(routes!(quota::get, quota::set))
        .routes(routes!(prune::lists, prune::confirm))
        .routes(routes!(webhook::make, webhook::delete))
}
