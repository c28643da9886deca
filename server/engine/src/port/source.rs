//! Reading a Git repository at a revision.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::outbound::Narrowing;
use domain::reason::Reason;
use domain::repository::{Branch, RepositoryUrl, Revision};
use secrecy::SecretString;

/// What is to be read, and on whose behalf.
#[derive(Clone, Debug)]
pub struct SourceRequest {
    /// Mirrors are never shared between tenants: the resource group's id.
    pub tenant: String,
    /// Where from.
    pub url: RepositoryUrl,
    /// Which branch.
    pub branch: Branch,
    /// A tag of this name is meant before a branch, as Git itself takes a name.
    pub tags: bool,
    /// `--git-timeout`: bound of one Git step.
    pub timeout_seconds: u64,
    /// What the host is shown, and how it is known.
    pub access: Access,
    /// The most that may be fetched of the repository, in bytes, where that is less than the server's own limits.
    pub size_limit: Option<u64>,
    /// Which hosts may be connected to, where that is less than the server's own policy allows.
    pub outbound: Narrowing,
}

/// What a host is shown, and how it is known. The default is for everybody: no credential, public authorities and
/// the hosts that are built in. `Debug` shows nothing secret.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Tells the credentials of one tenant apart and says nothing of them: mirrors are not shared between two. Empty
    /// for none.
    pub identity: String,
    /// User and key for http(s); a user alone is of no use.
    pub https: Option<HttpsCredential>,
    /// PEM of the authorities that an https host's certificate is checked with, in place of the public ones.
    pub authorities: Option<String>,
    /// Private key for ssh, in OpenSSH's form.
    pub ssh_key: Option<SecretString>,
    /// Lines as in `known_hosts`, beside the hosts that are built in.
    pub known_hosts: String,
}

/// What is typed where Git asks for user name and password.
#[derive(Clone, Debug)]
pub struct HttpsCredential {
    /// The user name.
    pub user: SecretString,
    /// The password or token.
    pub key: SecretString,
}

/// An annotated tag that marks what was synced: Flux v1's sync marker (`--git-label`, `--git-sync-tag`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncTag {
    /// Without `refs/tags/`.
    pub name: String,
    /// `--git-user`
    pub tagger: String,
    /// `--git-email`
    pub email: String,
    /// When.
    pub made_at: Timestamp,
}

/// Git, as far as a sync needs it.
#[async_trait]
pub trait Source: Send + Sync {
    /// Asks the host which commit the branch points to; what it answered to the same question at most `age` ago serves
    /// too. Never answered from a mirror.
    async fn resolve(&self, request: &SourceRequest, age: Duration) -> Result<Revision, SourceError>;

    /// The files of a revision that [`Source::resolve`] has just given for this request; fetched when the
    /// mirror does not have it. Fetches of one mirror coalesce.
    async fn open(&self, request: &SourceRequest, revision: &Revision) -> Result<Arc<dyn Tree>, SourceError>;

    /// Whether `later` has `earlier` among its ancestors, or is it; `None` when the mirror cannot tell. Asks nobody:
    /// both must have been opened for this request.
    async fn descends(
        &self,
        request: &SourceRequest,
        later: &Revision,
        earlier: &Revision,
    ) -> Result<Option<bool>, SourceError>;

    /// Moves the tag at the host to a revision that was opened for this request, whatever it marks there (Flux v1
    /// pushes with force as well). The only thing that is ever written to a host.
    async fn push_tag(
        &self,
        request: &SourceRequest,
        revision: &Revision,
        tag: &SyncTag,
    ) -> Result<(), SourceError>;

    /// Forgets what was fetched for anything but these requests; gives back how many mirrors went. One that is
    /// being read goes with its last reader.
    async fn keep_only(&self, requests: &[SourceRequest]) -> Result<usize, SourceError>;
}

/// Why a repository could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason:?}: {}", .detail.as_deref().unwrap_or("no further words"))]
pub struct SourceError {
    /// The one sentence.
    pub reason: Reason,
    /// What Git said, scrubbed and bounded.
    pub detail: Option<String>,
}

/// The tree of one commit, read straight from the object store: nothing is checked out.
///
/// Paths are relative, separated by `/`, without a leading one; the root is the empty text. Reading blocks:
/// call it from a blocking task.
pub trait Tree: Send + Sync {
    /// The commit.
    fn revision(&self) -> &Revision;

    /// First line of the commit's message and its author's name, for people.
    fn subject(&self) -> String;

    /// Entries of a folder, ordered by name; `None` when there is no such folder.
    fn list(&self, folder: &str) -> Result<Option<Vec<TreeEntry>>, TreeError>;

    /// What is at a path; `None` when there is nothing.
    fn entry(&self, path: &str) -> Result<Option<TreeEntry>, TreeError>;

    /// A file's bytes, at most `limit`; a larger one is [`TreeError::TooLarge`].
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, TreeError>;

    /// The target text of a symbolic link.
    fn link_target(&self, path: &str) -> Result<String, TreeError>;
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Last part of its path.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Object id, hexadecimal: equal ids mean equal content.
    pub id: String,
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file, executable or not.
    File,
    /// A symbolic link.
    Link,
    /// Another repository's commit (mode 160000); never followed.
    Submodule,
}

/// Why something in a tree could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The object store is damaged or incomplete.
    #[error("{path}: the mirror is damaged: {detail}")]
    Damaged {
        /// Where.
        path: String,
        /// What the reader said.
        detail: String,
    },
    /// A file is larger than allowed.
    #[error("{path}: larger than {limit} bytes")]
    TooLarge {
        /// Which.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
}
