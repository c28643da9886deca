//! The operator parameters: Flux v1 flags in one line, as ARM's `operatorParams` carries them.
//!
//! To let another flag work: give it its effect in [`flag_table`], a field in [`Flags`], and its line in
//! `reading`; the property tests then cover it.

use serde::{Deserialize, Serialize};

use crate::name::NamespaceName;
use crate::repository::{Branch, RepositoryPath};
use crate::violation::{Field, Rule, Violations};

pub mod duration;
mod fields;
pub mod flag_table;
mod reading;
mod words;

pub(crate) use reading::read_duration;
pub(crate) use words::split;

/// Longest line in characters: room for some hundred paths, and a bound on what is parsed and shown.
pub const OPERATOR_PARAMS_MAX: usize = 8192;
/// `--git-sync-tag` when none is given (Flux v1).
pub const DEFAULT_SYNC_TAG: &str = "flux-sync";

/// Parsed and checked operator parameters; in JSON the line alone, which is parsed again when read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OperatorParams {
    line: String,
    flags: Flags,
}

impl OperatorParams {
    /// Parses the line as Arc and Flux v1 take it: `--flag=value` and `--flag value`, quotes around values, one
    /// pair of quotes around everything. All faults at once, each at [`Field::OperatorParams`].
    pub fn parse(line: &str) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let line = words::unwrap_quotes(line);
        let mut refuse = |rule| violations.push(Field::OperatorParams, rule);
        if line.chars().count() > OPERATOR_PARAMS_MAX {
            refuse(Rule::TooLong { max: OPERATOR_PARAMS_MAX });
            return Err(violations);
        }
        if line.chars().any(char::is_control) {
            refuse(Rule::ControlCharacter);
            return Err(violations);
        }
        let mut flags = Flags::default();
        let mut readonly_given = false;
        match words::arguments(line) {
            Ok(arguments) => {
                readonly_given = arguments.iter().any(|argument| argument.name == "--git-readonly");
                reading::read(&arguments, &mut flags, &mut refuse);
            }
            Err(words::OpenQuote) => refuse(Rule::ParameterQuote),
        }
        // Arc behaviour: without an author there is nobody to push as.
        let prepend = !readonly_given && (flags.git_user.is_none() || flags.git_email.is_none());
        flags.git_readonly |= prepend;
        let line = if prepend { format!("--git-readonly {line}") } else { line.to_owned() };
        let line = line.trim_end().to_owned();
        // What is stored is read again, so that it has to hold to the bound as well.
        if line.chars().count() > OPERATOR_PARAMS_MAX {
            violations.push(Field::OperatorParams, Rule::TooLong { max: OPERATOR_PARAMS_MAX });
        }
        violations.or(|| Self { line, flags })
    }

    /// The line as stored and given back: trimmed, with `--git-readonly` put in front when user or e-mail is
    /// missing (Arc behaviour).
    pub fn line(&self) -> &str {
        &self.line
    }

    /// What the line means.
    pub fn flags(&self) -> &Flags {
        &self.flags
    }
}

impl TryFrom<String> for OperatorParams {
    type Error = String;

    fn try_from(line: String) -> Result<Self, Self::Error> {
        Self::parse(&line).map_err(|violations| format!("{line:?} breaks the rules {:?}", violations.0))
    }
}

impl From<OperatorParams> for String {
    fn from(params: OperatorParams) -> Self {
        params.line
    }
}

/// Meaning of the flags that work; defaults are Flux v1's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of Flux v1, and they are independent")]
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

impl Default for Flags {
    fn default() -> Self {
        Self {
            git_branch: Branch::flux_default(),
            git_paths: Vec::new(),
            git_readonly: false,
            git_user: None,
            git_email: None,
            git_label: None,
            git_sync_tag: DEFAULT_SYNC_TAG.to_owned(),
            git_set_author: false,
            git_poll_interval_seconds: 300,
            git_timeout_seconds: 20,
            sync_interval_seconds: 300,
            sync_timeout_seconds: 60,
            sync_garbage_collection: false,
            sync_garbage_collection_dry: false,
            manifest_generation: false,
            allowed_namespaces: Vec::new(),
            default_namespace: None,
            without_effect: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
