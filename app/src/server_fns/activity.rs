//! The audit.

use domain::service::ActivityList;
use leptos::prelude::*;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use crate::context::{actor, refused, service};

/// A page of it.
#[server(prefix = "/api/portal", endpoint = "list_activity", output = Answer)]
pub async fn list_activity(
    #[server(default)] filter: String,
    #[server(default)] outcome: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] before: Option<i64>,
) -> Result<ActivityList, WireError> {
    use domain::service::{ActivityQuery, ActivityService};
    let activity = service::<dyn ActivityService>()?;
    let query = ActivityQuery { filter, outcome, from, to, before };
    activity.list(&actor()?, &query).await.map_err(refused)
}
