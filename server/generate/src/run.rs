//! Runs one command, apart from the machine and inside limits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use child::{ChildError, Isolation, Limits, Program, WORK};
use engine::limits::MAX_TOTAL_BYTES;
use engine::load::LoadError;
use tokio::sync::Semaphore;

use crate::call::Call;
use crate::refused::Asked;
use crate::settings::Settings;
use crate::workspace::{REPOSITORY, Workspace};

/// Longest time a command may ask for: a sync does not wait longer for anything.
pub(crate) const MAX_TIME: Duration = Duration::from_mins(9);

/// Memory a process of a generator writes to. A rendered repository of the largest size takes a tenth.
const DATA_BYTES: u64 = 1024 * 1024 * 1024;
/// Address space: programs written in Go reserve far more than they use.
const ADDRESS_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// Files a generator may make, and their bytes together; they lie in memory.
const SCRATCH_FILES: u64 = 10_000;
const SCRATCH_BYTES: u64 = 64 * 1024 * 1024;
/// Processes and threads of one run.
const PROCESSES: u64 = 64;
/// Files open at once in each process.
const OPEN_FILES: u64 = 512;

/// Threads that a program written in Go computes with; more would only wait for processors that syncs need too.
const GO_THREADS: &str = "2";
/// Where its memory begins to be cleared more eagerly, below [`DATA_BYTES`].
const GO_MEMORY: &str = "768MiB";

/// Programs that are listed may start others; kustomize may not even find `git`.
const NO_PATH: &str = "/nonexistent";

/// Of what a failed command wrote, this much is told: the end, where the cause is.
const TOLD_LINES: usize = 20;
const TOLD_CHARACTERS: usize = 2_000;

/// Starts generators, so many at a time.
#[derive(Debug)]
pub(crate) struct Runner {
    settings: Settings,
    turns: Semaphore,
}

impl Runner {
    pub(crate) fn new(settings: Settings) -> Self {
        let turns = Semaphore::new(settings.concurrency.max(1));
        Self { settings, turns }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What a call printed. `folder` is where it runs, from the root of the repository.
    pub(crate) async fn run(
        &self,
        call: &Call,
        workspace: &Workspace,
        folder: &str,
        time: Duration,
        asked: &Asked,
    ) -> Result<Vec<u8>, LoadError> {
        let (program, arguments, is_kustomize) = match call {
            Call::Other { program, arguments } => (program.clone(), arguments.clone(), false),
            Call::Kustomize { argument, flags, .. } => {
                let renderer = self.settings.renderer.as_ref().ok_or_else(|| {
                    asked.failed(
                        "neither kustomize nor kubectl is installed on the server: ask the administrator",
                        String::new(),
                    )
                })?;
                let words = std::iter::once(renderer.subcommand.to_owned());
                let arguments = words.chain(flags.iter().cloned()).chain([argument.clone()]);
                (renderer.program.clone(), arguments.collect(), true)
            }
        };
        // Never closed, so there is always a turn.
        let _turn = self.turns.acquire().await;
        let command = self.command(&program, arguments, is_kustomize, workspace, folder, time);
        let output = command.run().await.map_err(|error| told(&error, workspace, asked))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let code = output
            .status
            .code()
            .map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}"));
        Err(asked.failed(
            with_remarks(format!("{} ended with {code}", program.name()), workspace),
            last_lines(&output.stderr),
        ))
    }

    fn command(
        &self,
        program: &Program,
        arguments: Vec<String>,
        is_kustomize: bool,
        workspace: &Workspace,
        folder: &str,
        time: Duration,
    ) -> child::Command {
        let limits = Limits {
            time,
            processor: time,
            memory: ADDRESS_BYTES,
            file_size: SCRATCH_BYTES,
            open_files: OPEN_FILES,
            output: MAX_TOTAL_BYTES,
        };
        let command = self
            .settings
            .launcher
            .command(program)
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .env("GOMAXPROCS", GO_THREADS)
            .env("GOMEMLIMIT", GO_MEMORY)
            .limits(limits);
        let command = if is_kustomize { command.env("PATH", NO_PATH) } else { command };
        if self.settings.without_isolation {
            return command.folder(&below(&workspace.path().join(REPOSITORY), folder));
        }
        let isolation = Isolation {
            work: workspace.path().to_path_buf(),
            network: false,
            scratch_bytes: SCRATCH_BYTES,
            scratch_files: SCRATCH_FILES,
            processes: PROCESSES,
            data: DATA_BYTES,
        };
        command.folder(&below(&Path::new(WORK).join(REPOSITORY), folder)).isolated(isolation)
    }
}

fn below(root: &Path, folder: &str) -> PathBuf {
    if folder.is_empty() { root.to_path_buf() } else { root.join(folder) }
}

/// Why a program gave no answer, for the one who wrote the command.
fn told(error: &ChildError, workspace: &Workspace, asked: &Asked) -> LoadError {
    match error {
        ChildError::NotIsolated { .. } => asked.not_isolated(format!(
            "{error}. The setting `generate_without_isolation` lets it run all the same"
        )),
        ChildError::Killed { stderr, .. } => {
            asked.failed(with_remarks(error.to_string(), workspace), last_lines(stderr))
        }
        error => asked.failed(error.to_string(), String::new()),
    }
}

fn with_remarks(sentence: String, workspace: &Workspace) -> String {
    match workspace.remarks() {
        remarks if remarks.is_empty() => sentence,
        remarks => format!("{sentence}; {remarks}"),
    }
}

/// The end of standard error, fit for a status. Standard output is never told: it may hold Secrets.
fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(TOLD_LINES)..].join("\n");
    let clean: String =
        last.chars().filter(|character| !character.is_control() || *character == '\n').collect();
    let surplus = clean.chars().count().saturating_sub(TOLD_CHARACTERS);
    clean.chars().skip(surplus).collect()
}

#[cfg(test)]
mod tests {
    use domain::reason::Reason;

    use super::*;

    #[test]
    fn where_nothing_keeps_it_apart_the_sentence_names_the_setting() {
        let asked = Asked { file: ".flux.yaml:4".to_owned(), command: "kustomize build .".to_owned() };
        let workspace = Workspace::new(&std::env::temp_dir(), &asked).unwrap();
        let error =
            ChildError::NotIsolated { program: "kustomize".to_owned(), detail: "no namespace".to_owned() };
        let (reason, detail) = told(&error, &workspace, &asked).reason();
        assert!(matches!(reason, Reason::GenerationNotIsolated { .. }), "{reason:?}");
        assert_eq!(
            detail.unwrap(),
            "kustomize cannot be kept apart from this machine: no namespace. The setting `generate_without_isolation` \
             lets it run all the same"
        );
    }

    #[test]
    fn the_end_of_what_a_program_wrote_is_told_and_cannot_forge_lines_of_a_terminal() {
        assert_eq!(last_lines(b"a\n\nb\x1b[31m\r\n"), "a\nb[31m");
        let many = (0..100).map(|number| format!("line {number}")).collect::<Vec<_>>().join("\n");
        assert!(last_lines(many.as_bytes()).starts_with("line 80\n"));
        assert_eq!(last_lines("x".repeat(5000).as_bytes()).len(), TOLD_CHARACTERS);
    }
}
