//! Forgets mirrors of repositories that no configuration reads any more. Those of bases that kustomizations name are
//! not told apart: they go each time, and a whole sync that needs one fetches its one commit again.

use std::time::Duration;

use domain::configuration::ConfigurationSpec;
use domain::id::ResourceGroupId;
use domain::outbound::Narrowing;
use engine::port::source::{Access, SourceRequest};
use tokio_util::sync::CancellationToken;

use crate::run::Ports;
use crate::stage::fetch::request_of;

/// How often; a mirror that stays an hour too long costs nothing but disk.
const INTERVAL: Duration = Duration::from_hours(1);

/// Tidies until `stop`, first after a while: a start has other things to do.
pub(crate) async fn run(ports: Ports, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        tidy(&ports).await;
    }
}

/// Nothing goes when it is not known for certain what is still read.
async fn tidy(ports: &Ports) {
    let specs = match ports.storage.specs().await {
        Ok(specs) => specs,
        Err(error) => return tracing::warn!("unused mirrors are kept for now: {error}"),
    };
    let requests: Vec<SourceRequest> =
        specs.iter().map(|(team, spec, credential)| request(*team, spec, credential)).collect();
    match ports.source.keep_only(&requests).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "{removed} mirrors that nobody reads any more are removed"),
        Err(error) => tracing::warn!("unused mirrors are kept for now: {error}"),
    }
}

/// Which mirror it is, without the credential itself.
fn request(team: ResourceGroupId, spec: &ConfigurationSpec, credential: &str) -> SourceRequest {
    let access = Access { identity: credential.to_owned(), ..Access::default() };
    request_of(Some(team), spec, access, None, Narrowing::default())
}
