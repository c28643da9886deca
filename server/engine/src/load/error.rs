//! Why a revision could not be read.

use std::fmt;

use domain::reason::Reason;

use super::{place, shown};
use crate::port::source::TreeError;

/// The whole load failed; nothing is applied. The text begins with the place where there is one and never holds
/// content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// A configured path is not in the revision.
    PathMissing {
        /// As configured.
        path: String,
    },
    /// A symbolic link points out of the configured path.
    LinkLeavesPath {
        /// The link.
        path: String,
    },
    /// A file is no manifest of Kubernetes.
    Manifest {
        /// Which.
        file: String,
        /// Where in it; the first line is 1.
        line: Option<u32>,
        /// What is wrong.
        problem: Problem,
    },
    /// Two manifests define one object.
    Duplicate {
        /// Flux v1 id, `<namespace>:<kind>/<name>`.
        id: String,
        /// `file:line` of the first.
        first: String,
        /// `file:line` of the second.
        second: String,
    },
    /// Too much.
    Limit {
        /// Of what.
        exceeded: Exceeded,
        /// The file it was noticed in.
        file: String,
    },
    /// A command that was to give manifests gave none.
    Generation {
        /// The file that asks for it, with its line where it has one.
        file: String,
        /// As written there.
        command: String,
        /// Why.
        problem: GenerationProblem,
    },
    /// The mirror of the repository is damaged.
    Damaged {
        /// Where.
        path: String,
        /// What its reader said.
        detail: String,
    },
}

/// Why a command gave no manifests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerationProblem {
    /// It was not run; the sentence says what is not allowed, and what is.
    #[error("{0}")]
    Refused(String),
    /// It ended otherwise than it should.
    #[error("{sentence}{}{output}", if .output.is_empty() { "" } else { "\n" })]
    Failed {
        /// How it ended.
        sentence: String,
        /// Its last lines, scrubbed and bounded; empty when it wrote none.
        output: String,
    },
    /// It was not run: nothing would keep it apart from the machine.
    #[error("{0}")]
    NotIsolated(String),
}

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not YAML; the parser's words, that hold nothing of the file.
    #[error("{0}")]
    Yaml(String),
    /// Not text.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// What Git LFS leaves in the place of a file.
    #[error("the file is a Git LFS pointer and its content is elsewhere: keep manifests in Git itself")]
    LargeFileStorage,
    /// A list or a single value instead of a mapping.
    #[error("the document is no mapping")]
    NotMapping,
    /// A field that must be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field of another type.
    #[error("{field} must be {expected}")]
    WrongType {
        /// Which.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A name that no Kubernetes object can have.
    #[error("{0} is no name of Kubernetes")]
    NotName(&'static str),
    /// The API server would make up a name, a new object at every sync.
    #[error("metadata.generateName cannot be kept in sync, give metadata.name instead")]
    GenerateName,
}

/// A limit that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// Bytes of one file.
    FileBytes {
        /// The limit.
        allowed: u64,
    },
    /// Bytes of all files.
    TotalBytes {
        /// The limit.
        allowed: u64,
    },
    /// Manifest files.
    Files {
        /// The limit.
        allowed: u32,
    },
    /// Entries of folders.
    Entries {
        /// The limit.
        allowed: u32,
    },
    /// Files that a generator works on.
    GeneratorFiles {
        /// The limit.
        allowed: u32,
    },
    /// Bytes that a generator works on.
    GeneratorBytes {
        /// The limit.
        allowed: u64,
    },
    /// Folders inside each other.
    FolderDepth {
        /// The limit.
        allowed: u32,
    },
    /// YAML documents.
    Documents {
        /// The limit.
        allowed: u32,
    },
    /// Objects.
    Objects {
        /// The limit.
        allowed: u32,
    },
    /// Mappings and lists inside each other.
    Nesting {
        /// The limit.
        allowed: u32,
    },
    /// Values of one file.
    FileNodes {
        /// The limit.
        allowed: u32,
    },
    /// Values of all files.
    TotalNodes {
        /// The limit.
        allowed: u32,
    },
    /// Uses of YAML anchors and what they stand for.
    Aliases {
        /// The limit.
        allowed: u32,
    },
}

impl LoadError {
    /// The sentence for the status, and what stands beside it.
    pub fn reason(&self) -> (Reason, Option<String>) {
        match self {
            Self::PathMissing { path } => (Reason::PathMissing { path: path.clone() }, None),
            Self::LinkLeavesPath { path } => (Reason::LinkLeavesRepository { path: shown(path) }, None),
            Self::Manifest { file, line, problem } => {
                let reason = Reason::ManifestInvalid { file: shown(file), line: *line };
                (reason, Some(problem.to_string()))
            }
            Self::Duplicate { id, first, second } => {
                let (object, first, second) = (id.clone(), first.clone(), second.clone());
                (Reason::DuplicateObject { object, first, second }, Some(self.to_string()))
            }
            Self::Limit { exceeded, file } => (
                Reason::LoadLimit { limit: exceeded.to_string() },
                Some(shown(file)).filter(|file| !file.is_empty()),
            ),
            Self::Generation { file, command, problem } => {
                let (file, command) = (shown(file), shown(command));
                let reason = match problem {
                    GenerationProblem::Refused(_) => Reason::GenerationRefused { file, command },
                    GenerationProblem::Failed { .. } => Reason::GenerationFailed { file, command },
                    GenerationProblem::NotIsolated(_) => Reason::GenerationNotIsolated { file, command },
                };
                (reason, Some(problem.to_string()))
            }
            Self::Damaged { path, detail } => {
                (Reason::RepositoryDamaged, Some(format!("{}: {detail}", shown(path))))
            }
        }
    }

    /// Too much of something, noticed in a file.
    pub fn limit(exceeded: Exceeded, file: &str) -> Self {
        Self::Limit { exceeded, file: file.to_owned() }
    }

    pub(super) fn manifest(file: &str, line: u32, problem: Problem) -> Self {
        Self::Manifest { file: file.to_owned(), line: Some(line), problem }
    }
}

impl std::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PathMissing { path } => write!(formatter, "{path}: no such path in the repository"),
            Self::LinkLeavesPath { path } => {
                write!(formatter, "{}: link leaves the repository path", shown(path))
            }
            Self::Manifest { file, line: Some(line), problem } => {
                write!(formatter, "{}: {problem}", place(file, *line))
            }
            Self::Manifest { file, line: None, problem } => write!(formatter, "{}: {problem}", shown(file)),
            Self::Duplicate { id, first, second } => {
                write!(formatter, "duplicate definition of '{id}' (in {first} and {second})")
            }
            Self::Limit { exceeded, file } => write!(formatter, "{}: more than {exceeded}", shown(file)),
            Self::Generation { file, command, problem } => {
                write!(formatter, "{}: {}: {problem}", shown(file), shown(command))
            }
            Self::Damaged { path, detail } => {
                write!(formatter, "{}: the mirror is damaged: {detail}", shown(path))
            }
        }
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileBytes { allowed } => write!(formatter, "{allowed} bytes in one file"),
            Self::TotalBytes { allowed } => write!(formatter, "{allowed} bytes in all files"),
            Self::Files { allowed } => write!(formatter, "{allowed} manifest files"),
            Self::Entries { allowed } => write!(formatter, "{allowed} entries in all folders"),
            Self::GeneratorFiles { allowed } => write!(formatter, "{allowed} files for a generator"),
            Self::GeneratorBytes { allowed } => {
                write!(formatter, "{allowed} bytes in the files for a generator")
            }
            Self::FolderDepth { allowed } => write!(formatter, "{allowed} folders inside each other"),
            Self::Documents { allowed } => write!(formatter, "{allowed} YAML documents"),
            Self::Objects { allowed } => write!(formatter, "{allowed} objects"),
            Self::Nesting { allowed } => write!(formatter, "{allowed} levels of nesting"),
            Self::FileNodes { allowed } => write!(formatter, "{allowed} values in one file"),
            Self::TotalNodes { allowed } => write!(formatter, "{allowed} values in all files"),
            Self::Aliases { allowed } => write!(formatter, "{allowed} values repeated by YAML aliases"),
        }
    }
}

impl From<TreeError> for LoadError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Damaged { path, detail } => Self::Damaged { path, detail },
            TreeError::TooLarge { path, limit } => {
                Self::Limit { exceeded: Exceeded::FileBytes { allowed: limit }, file: path }
            }
        }
    }
}
