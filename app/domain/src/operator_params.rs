//! The operator parameters: Flux v1 flags in one line, as ARM's `operatorParams` carries them.

use serde::{Deserialize, Serialize};

use crate::name::NamespaceName;
use crate::repository::{Branch, RepositoryPath};

/// Parsed and checked operator parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorParams {
    /// The line as stored and given back: trimmed, with `--git-readonly` put in front when neither user nor
    /// e-mail is given (Arc behaviour).
    pub(crate) line: String,
    /// What the line means.
    pub(crate) flags: Flags,
}

impl OperatorParams {
    /// The line as stored and given back.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What the line means.
    pub fn flags(&self) -> &Flags {
        &self.flags
    }
}

/// Meaning of the flags that work; defaults are Flux v1's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `--git-branch`, default `master`.
    pub git_branch: Branch,
    /// `--git-path`, repeated or separated by commas; empty for the whole repository.
    pub git_paths: Vec<RepositoryPath>,
    /// `--git-readonly`: nothing is pushed.
    pub git_readonly: bool,
    /// `--git-user`
    pub git_user: Option<String>,
    /// `--git-email`
    pub git_email: Option<String>,
    /// `--git-label`: overrides the sync tag.
    pub git_label: Option<String>,
    /// `--git-sync-tag`, default `flux-sync`.
    pub git_sync_tag: String,
    /// `--git-set-author`
    pub git_set_author: bool,
    /// `--git-poll-interval` in seconds, default 300.
    pub git_poll_interval_seconds: u64,
    /// `--git-timeout` in seconds, default 20.
    pub git_timeout_seconds: u64,
    /// `--sync-interval` in seconds, default 300.
    pub sync_interval_seconds: u64,
    /// `--sync-timeout` in seconds, default 60.
    pub sync_timeout_seconds: u64,
    /// `--sync-garbage-collection`
    pub sync_garbage_collection: bool,
    /// `--sync-garbage-collection-dry`
    pub sync_garbage_collection_dry: bool,
    /// `--manifest-generation`
    pub manifest_generation: bool,
    /// `--k8s-allow-namespace` and its old name; empty for all.
    pub allowed_namespaces: Vec<NamespaceName>,
    /// `--k8s-default-namespace`
    pub default_namespace: Option<NamespaceName>,
    /// Flags that are accepted and have no effect here, as written, for the page to say so.
    pub without_effect: Vec<String>,
}
