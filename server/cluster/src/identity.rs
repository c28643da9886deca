//! Which cluster answers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::cluster::ClusterUid;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;
use tokio::time::Instant;

use crate::call::{ApiServer, Call, CallError, METADATA};

/// How long an answer serves the syncs that begin after it: much shorter than a sync takes, which asks once as well and
/// then writes.
const SERVES: Duration = Duration::from_secs(1);

/// The last answer, for syncs that begin together.
#[derive(Default)]
pub(crate) struct Identity {
    last: Mutex<Option<(Instant, ClusterUid)>>,
}

impl Identity {
    /// Which cluster answers now or, unless that has to be `fresh`, did within the last second.
    pub(crate) async fn ask(&self, server: &ApiServer, fresh: bool) -> Result<ClusterUid, CallError> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((asked, uid)) = last
            && !fresh
            && asked.elapsed() < SERVES
        {
            return Ok(uid);
        }
        let asked = Instant::now();
        let uid = identify(server).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((asked, uid.clone()));
        Ok(uid)
    }
}

/// Which cluster it is: no two share the UID of this namespace.
pub(crate) async fn identify(server: &ApiServer) -> Result<ClusterUid, CallError> {
    #[derive(Deserialize)]
    struct Namespace {
        metadata: ObjectMeta,
    }
    let call = Call::get("/api/v1/namespaces/kube-system".to_owned()).accept(METADATA);
    let Namespace { metadata } = server.fetch(&call).await?;
    let uid = metadata.uid.filter(|uid| !uid.is_empty());
    uid.map(ClusterUid).ok_or_else(|| CallError::Unreadable("namespace kube-system has no UID".to_owned()))
}
