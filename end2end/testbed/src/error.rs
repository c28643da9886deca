//! Why a part of the testbed could not be had.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// Why a part could not be started, asked or changed. The text says what to look at next.
#[derive(Debug, thiserror::Error)]
pub enum TestbedError {
    /// A program runs but never answered as it should.
    #[error("{part} was not ready after {} s; the end of its log {log}:\n{tail}", waited.as_secs())]
    NotReady { part: String, waited: Duration, log: PathBuf, tail: String },
    /// A program ended although nobody asked it to.
    #[error("{part} ended by itself; the end of its log {log}:\n{tail}")]
    Ended { part: String, log: PathBuf, tail: String },
    /// A program could not be started at all.
    #[error("cannot start {program}")]
    Spawn {
        program: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// A program of the control plane is nowhere and could not be built.
    #[error(
        "{program} is neither in KUBEBUILDER_ASSETS, PATH nor {cache}, and {script} did not build it ({status})"
    )]
    Program { program: String, cache: PathBuf, script: PathBuf, status: ExitStatus },
    /// A program that has to be installed is not there.
    #[error("{program} is not installed: install {package}")]
    NotInstalled { program: &'static str, package: &'static str },
    /// A file or folder of the testbed could not be read or written.
    #[error("cannot {action} {path}")]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// A socket could not be opened.
    #[error("cannot listen for {part}")]
    Listen {
        part: &'static str,
        #[source]
        source: std::io::Error,
    },
    /// No port of our range was free.
    #[error("no free port on 127.0.0.1 between {from} and {to}")]
    NoFreePort { from: u16, to: u16 },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// The runtime that carries the servers could not be built.
    #[error("cannot start the runtime of the testbed")]
    Runtime(#[source] std::io::Error),
    /// A key or certificate could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// A TLS configuration was refused.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// The API server refused or did not answer a request of the testbed itself.
    #[error("cannot {action}")]
    Kubernetes {
        action: &'static str,
        #[source]
        source: Box<kube::Error>,
    },
    /// A git command of the testbed failed.
    #[error("`git {command}` failed in {folder}: {message}")]
    Git { command: String, folder: PathBuf, message: String },
    /// A helm command of the testbed failed.
    #[error("`helm {command}` failed: {message}")]
    Helm { command: String, message: String },
    /// A name that would leave the folder of repositories or could not be part of an address.
    #[error("{name:?} cannot be the name of a repository: use letters, digits, '-', '_', '.' and '/'")]
    RepositoryName { name: String },
    /// The repository is there already.
    #[error("the repository {name} exists already")]
    RepositoryExists { name: String },
    /// A branch or revision that is not in the repository.
    #[error("{repository} has no {revision}")]
    NoRevision { repository: String, revision: String },
    /// An address that cannot be used.
    #[error("{url:?} is not an address that can be used: {reason}")]
    Url { url: String, reason: String },
    /// The description of a running control plane cannot be read.
    #[error("{path} does not describe a control plane")]
    Description {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    /// The portal's own program was not built.
    #[error("there is no {}: `cargo build --workspace --bins` makes it", .0.display())]
    NotBuilt(PathBuf),
    /// A command of the portal's program failed.
    #[error("`fairlead {command}` failed ({status}): {message}")]
    Command { command: String, status: ExitStatus, message: String },
    /// The portal could not be asked at all.
    #[error("cannot {action} {url}")]
    Http {
        action: String,
        url: String,
        #[source]
        source: reqwest::Error,
    },
    /// The portal answered otherwise than hoped for.
    #[error("the portal answered {status} when it was to {action}: {answer}")]
    Portal { action: String, status: u16, answer: String },
    /// The portal runs but what was waited for did not come.
    #[error("waited {} s in vain until {wanted}; last seen: {seen}\nthe end of the server's log:\n{tail}", waited.as_secs())]
    InVain { wanted: String, waited: Duration, seen: String, tail: String },
    /// Something was asked of a program that does not run.
    #[error("{part} does not run")]
    NotRunning { part: &'static str },
    /// The control plane belongs to another process, which alone can do this.
    #[error("this control plane was started by another process; start one of your own to {action}")]
    NotOurs { action: &'static str },
}

impl TestbedError {
    /// For `map_err` on file operations.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { action, path, source }
    }

    /// For `map_err` on requests to the API server.
    pub(crate) fn kubernetes(action: &'static str) -> impl FnOnce(kube::Error) -> Self {
        move |source| Self::Kubernetes { action, source: Box::new(source) }
    }
}
