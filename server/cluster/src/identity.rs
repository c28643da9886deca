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

/// No two clusters share the UID of this namespace.
pub(crate) const PATH: &str = "/api/v1/namespaces/kube-system";

/// Which cluster it is.
pub(crate) async fn identify(server: &ApiServer) -> Result<ClusterUid, CallError> {
    let namespace: Namespace = server.fetch(&Call::get(PATH.to_owned()).accept(METADATA)).await?;
    namespace.uid().ok_or_else(|| CallError::Unreadable("namespace kube-system has no UID".to_owned()))
}

/// Which cluster gave this answer to [`PATH`].
pub(crate) fn uid_in(answer: &[u8]) -> Option<ClusterUid> {
    serde_json::from_slice::<Namespace>(answer).ok()?.uid()
}

#[derive(Deserialize)]
struct Namespace {
    metadata: ObjectMeta,
}

impl Namespace {
    fn uid(self) -> Option<ClusterUid> {
        self.metadata.uid.filter(|uid| !uid.is_empty()).map(ClusterUid)
    }
}
