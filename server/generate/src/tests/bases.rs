use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::outbound::Narrowing;
use domain::reason::Reason;
use engine::port::remote_base::{Reference, RemoteBases, RemoteRepository};
use engine::port::source::{SourceError, Tree};

use super::tree::MemoryTree;

/// Other hosts in memory: a tree for each address with its reference, and how often anybody asked. Cheap to clone;
/// what is put into one is in all.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryBases {
    trees: Arc<Mutex<BTreeMap<String, MemoryTree>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl MemoryBases {
    /// What is at `https://host/path` or `https://host/path?ref=name` from now on.
    pub(super) fn put(&self, address: &str, tree: MemoryTree) {
        self.trees.lock().expect("the trees").insert(address.to_owned(), tree);
    }

    /// The addresses that were asked for, in their order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the questions").clone()
    }
}

#[async_trait]
impl RemoteBases for MemoryBases {
    async fn read(
        &self,
        repository: &RemoteRepository,
        _outbound: &Narrowing,
        _timeout: Duration,
    ) -> Result<Arc<dyn Tree>, SourceError> {
        let RemoteRepository { url, reference } = repository;
        let address = match reference {
            Reference::Head => url.to_string(),
            Reference::Named(name) => format!("{url}?ref={name}"),
            Reference::Commit(commit) => format!("{url}?ref={commit}"),
        };
        self.asked.lock().expect("the questions").push(address.clone());
        let tree = self.trees.lock().expect("the trees").get(&address).cloned();
        let missing = SourceError {
            reason: Reason::RepositoryNotFound,
            detail: Some(format!("nothing is at {address}")),
        };
        Ok(Arc::new(tree.ok_or(missing)?))
    }
}
