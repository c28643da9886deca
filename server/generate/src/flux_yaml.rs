//! The file: which commands, and what is done with what they print.

use std::time::Duration;

use domain::operator_params::duration;
use engine::limits::Limits;
use engine::load::{LoadError, Problem, read_documents};
use serde::Deserialize;
use serde_saphyr::Spanned;

/// Its name, everywhere.
pub(crate) const NAME: &str = ".flux.yaml";

/// Largest `.flux.yaml` in bytes: a list of commands.
pub(crate) const MAX_BYTES: u64 = 64 * 1024;

/// Most commands of one file: each is a process, one after another.
const MAX_GENERATORS: usize = 16;

/// Longest command in bytes: it stands in a status and in every error.
const MAX_COMMAND: usize = 1000;

/// A time of its own that is shorter than this is none, as in Flux v1.
const LEAST_TIMEOUT: Duration = Duration::from_secs(1);

/// What a `.flux.yaml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FluxYaml {
    /// The folder is read as if there were no `.flux.yaml`.
    ScanForFiles,
    /// Manifests are what the commands print, together.
    Generated(Vec<Command>),
    /// The same, and then patched with a file of patches, if there is one.
    Patched(Vec<Command>, String),
}

/// One command, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) text: String,
    /// Line of the file it stands in.
    pub(crate) line: u32,
    pub(crate) timeout: Option<Duration>,
}

/// Reads the file strictly: an unknown key is an error, because it was meant to do something.
pub(crate) fn parse(file: &str, bytes: &[u8]) -> Result<FluxYaml, LoadError> {
    let limits = Limits { file_bytes: MAX_BYTES, ..Limits::default() };
    let failed = |line: Option<u32>, words: &str| LoadError::Manifest {
        file: file.to_owned(),
        line,
        problem: Problem::Yaml(words.to_owned()),
    };
    let mut documents = read_documents::<Document>(file, bytes, &limits)?;
    let (Some(document), true) = (documents.pop(), documents.is_empty()) else {
        return Err(failed(None, "a .flux.yaml is one document"));
    };
    let Document { version, command_updated, patch_updated, scan_for_files } = document;
    if version.value != 1 {
        return Err(failed(Some(line(&version)), "the version must be 1"));
    }
    match (command_updated, patch_updated, scan_for_files) {
        (None, None, Some(Nothing {})) => Ok(FluxYaml::ScanForFiles),
        (Some(CommandUpdated { generators, updaters: _ }), None, None) => {
            commands(generators, &failed).map(FluxYaml::Generated)
        }
        (None, Some(PatchUpdated { generators, patch_file }), None) => {
            commands(generators, &failed).map(|commands| FluxYaml::Patched(commands, patch_file))
        }
        _ => Err(failed(None, "exactly one of commandUpdated, patchUpdated and scanForFiles must be given")),
    }
}

/// Whether they may be run is decided later: a file can be right and ask for too much.
fn commands(
    generators: Vec<Generator>,
    failed: &impl Fn(Option<u32>, &str) -> LoadError,
) -> Result<Vec<Command>, LoadError> {
    if generators.is_empty() {
        return Err(failed(None, "generators must name at least one command"));
    }
    if generators.len() > MAX_GENERATORS {
        return Err(failed(None, &format!("generators may name {MAX_GENERATORS} commands")));
    }
    let read = |Generator { command, timeout }: Generator| {
        let at = Some(line(&command));
        if command.value.len() > MAX_COMMAND {
            return Err(failed(at, &format!("a command may have {MAX_COMMAND} bytes")));
        }
        let own_time = |timeout: Spanned<Timeout>| {
            let words = "a timeout is a duration such as 30s or 1m30s";
            timeout.value.read().ok_or_else(|| failed(Some(line(&timeout)), words))
        };
        let timeout = timeout.map(own_time).transpose()?.filter(|timeout| *timeout >= LEAST_TIMEOUT);
        Ok(Command { text: command.value.trim().to_owned(), line: line(&command), timeout })
    };
    generators.into_iter().map(read).collect()
}

fn line<T>(spanned: &Spanned<T>) -> u32 {
    u32::try_from(spanned.referenced.line()).unwrap_or(u32::MAX)
}

// === the shape ===

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document {
    version: Spanned<u32>,
    command_updated: Option<CommandUpdated>,
    patch_updated: Option<PatchUpdated>,
    scan_for_files: Option<Nothing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CommandUpdated {
    generators: Vec<Generator>,
    /// For the automation of images, which there is none of here: read, so that a misspelling is seen, and not run.
    #[expect(dead_code, reason = "checked by being read")]
    updaters: Option<Vec<Updater>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PatchUpdated {
    generators: Vec<Generator>,
    patch_file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generator {
    command: Spanned<String>,
    timeout: Option<Spanned<Timeout>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "checked by being read")]
struct Updater {
    container_image: Option<UpdaterCommand>,
    policy: Option<UpdaterCommand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "checked by being read")]
struct UpdaterCommand {
    command: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Go's durations are nanoseconds where they are numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Timeout {
    Nanoseconds(u64),
    Text(String),
}

impl Timeout {
    fn read(&self) -> Option<Duration> {
        match self {
            Self::Nanoseconds(nanoseconds) => Some(Duration::from_nanos(*nanoseconds)),
            Self::Text(text) => duration::parse(text)
                .map(|nanoseconds| Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<FluxYaml, String> {
        parse(NAME, text.as_bytes()).map_err(|error| error.to_string())
    }

    fn command(text: &str, line: u32, seconds: Option<u64>) -> Command {
        Command { text: text.to_owned(), line, timeout: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn each_of_the_three_kinds_is_read() {
        assert_eq!(read("version: 1\nscanForFiles: {}\n"), Ok(FluxYaml::ScanForFiles));
        let text = "version: 1
commandUpdated:
  generators:
    - command: kustomize build .
    - command: kustomize build ../b
      timeout: 1m30s
  updaters:
    - containerImage: {command: a}
      policy: {command: b}
";
        let commands =
            vec![command("kustomize build .", 4, None), command("kustomize build ../b", 5, Some(90))];
        assert_eq!(read(text), Ok(FluxYaml::Generated(commands)));
        let text = "version: 1\npatchUpdated:\n  generators: [{command: kustomize build ., timeout: 500ms}]\n  patchFile: p.yaml\n";
        let commands = vec![command("kustomize build .", 3, None)];
        assert_eq!(read(text), Ok(FluxYaml::Patched(commands, "p.yaml".to_owned())));
    }

    #[test]
    fn whatever_is_wrong_is_named_by_file_and_line_without_the_files_own_words() {
        for (text, words) in [
            ("", "a .flux.yaml is one document"),
            ("version: 1\n---\nversion: 1\n", "a .flux.yaml is one document"),
            ("version: 2\nscanForFiles: {}\n", ".flux.yaml:1: the version must be 1"),
            ("scanForFiles: {}\n", "version is missing"),
            ("version: 1\n", "exactly one of commandUpdated, patchUpdated and scanForFiles"),
            (
                "version: 1\nscanForFiles: {}\ncommandUpdated: {generators: [{command: a}]}\n",
                "exactly one of",
            ),
            ("version: 1\nsecretword: 1\n", ".flux.yaml:2: a key that is not known here; known are version"),
            ("version: 1\nscanForFiles: {deep: 1}\n", ".flux.yaml:2: a key that is not known here"),
            ("version: 1\ncommandUpdated: {}\n", "generators is missing"),
            ("version: 1\ncommandUpdated: {generators: []}\n", "at least one command"),
            ("version: 1\ncommandUpdated:\n  patchFile: a\n  generators: []\n", ".flux.yaml:3: a key"),
            (
                "version: 1\ncommandUpdated:\n  generators:\n    - command: [a]\n",
                ".flux.yaml:4: a value is not",
            ),
            (
                "version: 1\ncommandUpdated:\n  generators:\n    - command: a\n      timeout: soon\n",
                ".flux.yaml:5: a timeout is a duration",
            ),
            ("version: 1\npatchUpdated: {generators: [{command: a}]}\n", "patchFile is missing"),
            ("version: [\n", ".flux.yaml:"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{text:?}: {error}");
            assert!(!error.contains("secretword"), "{error}");
        }
    }
}
