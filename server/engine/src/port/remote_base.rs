//! Reading the repositories that a kustomization names beside its own.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::outbound::Narrowing;
use domain::repository::{Branch, RepositoryUrl, Revision};

use super::source::{SourceError, Tree};

/// Another repository, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemoteRepository {
    /// Where.
    pub url: RepositoryUrl,
    /// Which commit.
    pub reference: Reference,
}

/// Which commit of another repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// What the host gives when nothing is said: the head of its default branch.
    Head,
    /// A tag of this name, or else a branch: the order in which Git looks for a name. The rules are the same for both.
    Named(Branch),
    /// This one and no other.
    Commit(Revision),
}

/// Remote bases, as far as generators need them: these have no network, so the server reads for them.
#[async_trait]
pub trait RemoteBases: Debug + Send + Sync {
    /// The files of the commit that the host names now, shown no credential: what is read so is open to everybody
    /// who reaches the host. What `outbound` does not name is not read, nor given out when it was read for others.
    /// `timeout` bounds each Git step. The error's detail is always there.
    async fn read(
        &self,
        repository: &RemoteRepository,
        outbound: &Narrowing,
        timeout: Duration,
    ) -> Result<Arc<dyn Tree>, SourceError>;
}
