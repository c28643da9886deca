//! ARM's routes, as Microsoft's SDKs and scripts call them.

mod clusters;
pub mod configuration;
mod configurations;
mod message;
mod operations;
mod providers;
mod refusals;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::router::AppState;

pub use self::refusals::Refusals;

/// All of them.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(configurations::get, configurations::put, configurations::delete))
        .routes(routes!(configurations::list))
        .routes(routes!(clusters::get))
        .routes(routes!(clusters::list_by_resource_group))
        .routes(routes!(clusters::list_by_subscription))
        .routes(routes!(operations::of_configurations))
        .routes(routes!(operations::of_clusters))
        .routes(routes!(providers::get))
}
