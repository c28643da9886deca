//! Which kinds a cluster serves, kept for some minutes.

mod aggregated;
mod legacy;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::object::ResourceKind;
use engine::port::cluster::Kinds;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::call::{ApiServer, CallError};

/// How long an answer serves: Flux v1 looks every five minutes, and a CRD that comes with a revision is asked for
/// freshly anyway.
const KEPT: Duration = Duration::from_mins(3);

/// What discovery tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) kinds: Arc<Kinds>,
    /// Kinds whose objects can be listed, one version of each.
    pub(crate) listable: Arc<Vec<ResourceKind>>,
}

/// The last answer of one cluster. Whoever asks while somebody else is asking gets that answer.
#[derive(Default)]
pub(crate) struct Discovery {
    last: Mutex<Option<(Instant, Catalogue)>>,
}

impl Discovery {
    /// The kinds, at most [`KEPT`] old; with `fresh`, asked for after the call began.
    pub(crate) async fn catalogue(&self, server: &ApiServer, fresh: bool) -> Result<Catalogue, CallError> {
        let began = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((asked, catalogue)) = &*last {
            let serves = if fresh { *asked >= began } else { asked.elapsed() < KEPT };
            if serves {
                return Ok(catalogue.clone());
            }
        }
        let asked = Instant::now();
        let catalogue = discover(server).await?;
        *last = Some((asked, catalogue.clone()));
        Ok(catalogue)
    }
}

async fn discover(server: &ApiServer) -> Result<Catalogue, CallError> {
    match aggregated::discover(server).await? {
        Some(found) => Ok(found.into_catalogue()),
        None => Ok(legacy::discover(server).await?.into_catalogue()),
    }
}

/// A catalogue being put together.
#[derive(Default)]
struct Findings {
    served: BTreeMap<(String, String), Vec<ResourceKind>>,
    listable: BTreeMap<(String, String), ResourceKind>,
    unavailable: BTreeSet<String>,
}

impl Findings {
    /// One resource of one group version; versions come in order of preference.
    fn add(&mut self, kind: ResourceKind, verbs: &[String]) {
        let key = (kind.group.clone(), kind.kind.clone());
        if verbs.iter().any(|verb| verb == "list") {
            self.listable.entry(key.clone()).or_insert_with(|| kind.clone());
        }
        let versions = self.served.entry(key).or_default();
        if !versions.iter().any(|known| known.version == kind.version) {
            versions.push(kind);
        }
    }

    fn into_catalogue(self) -> Catalogue {
        let Self { served, listable, unavailable } = self;
        Catalogue {
            kinds: Arc::new(Kinds { served, unavailable_groups: unavailable }),
            listable: Arc::new(listable.into_values().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubeconfig::Kubeconfig;
    use crate::transport::Transport;

    #[tokio::test]
    async fn both_ways_of_asking_give_the_same_catalogue() {
        let testbed = testbed::Cluster::shared().await.expect("a control plane");
        let kubeconfig = Kubeconfig::parse(&testbed.kubeconfig()).expect("a kubeconfig");
        let credential = kubeconfig.choose("default").expect("a credential");
        let policy = outbound::Policy::allowing(&["127.0.0.0/8"]).expect("entries");
        let server = ApiServer::own(&Transport::new(&credential, &policy).expect("a transport"), &credential);
        let new = aggregated::discover(&server).await.expect("an answer").expect("the newer way is spoken");
        let old = legacy::discover(&server).await.expect("an answer");
        assert!(new.served.len() > 50, "{}", new.served.len());
        assert_eq!(new.served, old.served);
        assert_eq!(new.listable, old.listable);
    }
}
