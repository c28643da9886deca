//! What a command may be: kustomize with flags that only change what it prints, or a program that the administrator
//! lists.

use std::collections::BTreeMap;

use child::Program;
use engine::load::LoadError;

use crate::path::follow;
use crate::refused::Asked;
use crate::remote::{SETTING, is_remote};

/// Flags of `kustomize build` that may be given, and whether a value follows. What is missing here runs programs,
/// reads what lies elsewhere, or writes files.
const FLAGS: [(&str, bool); 3] =
    [(LOAD_RESTRICTOR, true), ("--reorder", true), ("--enable-managedby-label", false)];

/// Says whether a kustomization may name files outside of its own folder.
const LOAD_RESTRICTOR: &str = "--load-restrictor";

/// Its value that lets it. Other values are kustomize's to judge.
const NO_RESTRICTION: [&str; 2] = ["LoadRestrictionsNone", "none"];

/// Something that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// `kustomize build`, whichever program does it here.
    Kustomize {
        /// The folder it renders, from the root of the repository.
        target: String,
        /// The same as the command has it.
        argument: String,
        flags: Vec<String>,
        /// It may read every file of the repository, not only what its kustomizations name.
        unrestricted: bool,
    },
    /// A program of the administrator's list.
    Other { program: Program, arguments: Vec<String> },
}

/// What the words of a command ask for, when it is allowed. `folder` is where it runs.
pub(crate) fn call(
    words: &[String],
    folder: &str,
    programs: &BTreeMap<String, Program>,
    asked: &Asked,
) -> Result<Call, LoadError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        // The administrator's own choice for a name comes first.
        [name, arguments @ ..] if programs.contains_key(*name) => Ok(Call::Other {
            program: programs[*name].clone(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        }),
        ["kustomize", "build", arguments @ ..] | ["kubectl", "kustomize", arguments @ ..] => {
            kustomize(arguments, folder, asked)
        }
        [name @ ("kustomize" | "kubectl"), ..] => Err(asked.refused(format!(
            "of {name} only `kustomize build` and `kubectl kustomize` are run"
        ))),
        [name, ..] => Err(asked.refused(format!(
            "the program {name} is not run here: use `kustomize build`, or ask the administrator to list it in the \
             setting `generators`{}",
            listed(programs)
        ))),
        [] => Err(asked.refused("the command is empty")),
    }
}

fn listed(programs: &BTreeMap<String, Program>) -> String {
    if programs.is_empty() {
        return String::new();
    }
    format!(", which has {} now", programs.keys().cloned().collect::<Vec<_>>().join(", "))
}

fn kustomize(arguments: &[&str], folder: &str, asked: &Asked) -> Result<Call, LoadError> {
    let (mut target, mut flags, mut unrestricted) = (None, Vec::new(), false);
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        if !argument.starts_with('-') || argument == "-" {
            if target.replace(argument).is_some() {
                return Err(asked.refused("kustomize builds one folder"));
            }
            continue;
        }
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument, None),
        };
        // kustomize 3 wrote it with an underscore.
        let name = name.replace('_', "-");
        let Some((name, takes_value)) = FLAGS.into_iter().find(|(flag, _)| *flag == name) else {
            let known = FLAGS.map(|(flag, _)| flag).join(", ");
            return Err(asked.refused(format!("the flag {name} is not allowed here; allowed are {known}")));
        };
        let value = match inline {
            None if takes_value => match arguments.next() {
                Some(value) => Some(*value),
                None => return Err(asked.refused(format!("the flag {name} needs a value"))),
            },
            inline => inline,
        };
        unrestricted |= name == LOAD_RESTRICTOR && value.is_some_and(|value| NO_RESTRICTION.contains(&value));
        flags.push(match value {
            Some("none") if name == LOAD_RESTRICTOR => format!("{name}={}", NO_RESTRICTION[0]),
            Some(value) => format!("{name}={value}"),
            None => name.to_owned(),
        });
    }
    let argument = target.unwrap_or(".");
    if is_remote(argument) {
        return Err(asked.refused(format!(
            "{argument} is on another host, and only folders of this repository are built: keep a copy of it here, or \
             name it in a kustomization, where the administrator may allow the host with the setting `{SETTING}`"
        )));
    }
    let target = follow(folder, argument).ok_or_else(|| {
        asked.refused(format!("{argument} leaves the repository; only folders of it can be built"))
    })?;
    Ok(Call::Kustomize { target, argument: argument.to_owned(), flags, unrestricted })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked { file: ".flux.yaml:4".to_owned(), command: "as written".to_owned() }
    }

    fn read(command: &str, programs: &BTreeMap<String, Program>) -> Result<Call, String> {
        let words = crate::command_line::words(command).unwrap();
        call(&words, "apps/a", programs, &asked()).map_err(|error| error.to_string())
    }

    #[test]
    fn kustomize_may_print_a_folder_of_the_repository() {
        let none = BTreeMap::new();
        for (command, expected_target, expected_flags, expected_unrestricted) in [
            ("kustomize build", "apps/a", &[][..], false),
            ("kustomize build .", "apps/a", &[], false),
            ("kubectl kustomize ../b", "apps/b", &[], false),
            ("kustomize build --reorder none ../..", "", &["--reorder=none"], false),
            (
                "kustomize build . --load_restrictor none",
                "apps/a",
                &["--load-restrictor=LoadRestrictionsNone"],
                true,
            ),
            (
                "kustomize build --load-restrictor=LoadRestrictionsRootOnly x",
                "apps/a/x",
                &["--load-restrictor=LoadRestrictionsRootOnly"],
                false,
            ),
        ] {
            let Ok(Call::Kustomize { target, flags, unrestricted, .. }) = read(command, &none) else {
                panic!("{command} is refused")
            };
            assert_eq!(
                (target.as_str(), unrestricted),
                (expected_target, expected_unrestricted),
                "{command}"
            );
            assert_eq!(flags, expected_flags, "{command}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_name_and_what_is_allowed() {
        let none = BTreeMap::new();
        for (command, words) in [
            ("sh -c 'touch x'", "the program sh is not run here"),
            ("/bin/sh", "the program /bin/sh is not run here"),
            ("kustomize edit set image a", "only `kustomize build`"),
            ("kubectl apply -f -", "only `kustomize build`"),
            ("kustomize build --enable-exec .", "--enable-exec is not allowed here; allowed are"),
            ("kustomize build --enable-alpha-plugins .", "--enable-alpha-plugins is not allowed"),
            ("kustomize build --enable-helm .", "--enable-helm is not allowed"),
            ("kustomize build --network .", "--network is not allowed"),
            ("kustomize build -o /tmp/x .", "-o is not allowed"),
            ("kustomize build --env=PATH .", "--env is not allowed"),
            ("kustomize build a b", "one folder"),
            ("kustomize build --reorder", "needs a value"),
            ("kustomize build ../../..", "leaves the repository"),
            ("kustomize build /etc", "leaves the repository"),
            ("kustomize build https://example.com/x.git", "https://example.com/x.git is on another host"),
            ("kustomize build github.com/a/b?ref=v1", "github.com/a/b?ref=v1 is on another host"),
            ("kustomize build git@example.com:a/b", "is on another host"),
        ] {
            let command = command.replace('?', "\\?");
            let error = read(&command, &none).unwrap_err();
            assert!(error.starts_with(".flux.yaml:4: as written: "), "{error}");
            assert!(error.contains(words), "{command}: {error}");
        }
    }

    #[test]
    fn a_program_of_the_administrators_list_gets_its_arguments_as_they_are() {
        let programs = crate::Settings::programs("sh").unwrap();
        let call = read("sh -c 'echo $x'", &programs).unwrap();
        let Call::Other { program, arguments } = call else { panic!("{call:?}") };
        assert_eq!((program.name().as_str(), arguments), ("sh", vec!["-c".to_owned(), "echo $x".to_owned()]));
        let error = read("bash", &programs).unwrap_err();
        assert!(error.contains("which has sh now"), "{error}");
    }
}
