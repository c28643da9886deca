//! Errors about a command, each with the file and the command it is about.

use engine::load::{GenerationProblem, LoadError};

/// What is being worked on, for every sentence about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The `.flux.yaml`, with the line of the command.
    pub(crate) file: String,
    /// The command as written.
    pub(crate) command: String,
}

impl Asked {
    pub(crate) fn refused(&self, sentence: impl Into<String>) -> LoadError {
        self.error(GenerationProblem::Refused(sentence.into()))
    }

    pub(crate) fn failed(&self, sentence: impl Into<String>, output: String) -> LoadError {
        self.error(GenerationProblem::Failed { sentence: sentence.into(), output })
    }

    pub(crate) fn not_isolated(&self, sentence: impl Into<String>) -> LoadError {
        self.error(GenerationProblem::NotIsolated(sentence.into()))
    }

    fn error(&self, problem: GenerationProblem) -> LoadError {
        LoadError::Generation { file: self.file.clone(), command: self.command.clone(), problem }
    }
}
