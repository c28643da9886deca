//! What a revision asks for, for every configured path: pure, and all that decides whether anything has to run.

use std::time::Duration;

use domain::repository::RepositoryPath;
use engine::load::LoadError;
use engine::port::source::Tree;
use engine::tree_id;

use crate::call::{Call, call};
use crate::command_line;
use crate::find::find;
use crate::flux_yaml::{self, Command, FluxYaml, NAME};
use crate::patch;
use crate::path::join;
use crate::place::Place;
use crate::reach::Reach;
use crate::refused::Asked;
use crate::settings::Settings;

/// Counted up when the same files would give other manifests, so that everything is generated once more.
const VERSION: u32 = 1;

/// Everything that is to be done for a configuration.
#[derive(Debug, Default)]
pub(crate) struct Instructions {
    /// As in [`engine::port::generate::Generation`].
    pub(crate) scanned: Option<Vec<RepositoryPath>>,
    pub(crate) generators: Vec<Generators>,
}

/// The commands of one `.flux.yaml` for one path.
#[derive(Debug)]
pub(crate) struct Generators {
    /// The `.flux.yaml`.
    pub(crate) file: String,
    /// Where the commands run.
    pub(crate) folder: String,
    pub(crate) steps: Vec<Step>,
    /// What they all may read.
    pub(crate) reach: Reach,
    pub(crate) patch: Option<Patch>,
}

/// One command that may run.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) timeout: Option<Duration>,
    pub(crate) asked: Asked,
}

/// `patchUpdated`
#[derive(Debug)]
pub(crate) struct Patch {
    /// From the root of the repository.
    pub(crate) file: String,
    /// `None` when there is nothing to patch.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) asked: Asked,
}

/// Reads them. No path means the root of the repository.
pub(crate) fn instructions(
    tree: &dyn Tree,
    paths: &[RepositoryPath],
    settings: &Settings,
) -> Result<Instructions, LoadError> {
    let mut instructions = Instructions::default();
    if paths.is_empty() {
        match generators(tree, "", settings)? {
            Some(generators) => instructions.generators.push(generators),
            None => instructions.scanned = Some(Vec::new()),
        }
    }
    for path in paths {
        match generators(tree, path.as_str(), settings)? {
            Some(generators) => instructions.generators.push(generators),
            None => instructions.scanned.get_or_insert_default().push(path.clone()),
        }
    }
    Ok(instructions)
}

/// One id of all files that the instructions, their commands and the reading of plain files depend on.
pub(crate) fn id(
    instructions: &Instructions,
    tree: &dyn Tree,
    paths: &[RepositoryPath],
) -> Result<String, LoadError> {
    let mut lines = vec![format!("generate {VERSION}")];
    // A `.flux.yaml` that appears nearer to a path changes what is done for it.
    for path in paths.iter().map(RepositoryPath::as_str).chain(paths.is_empty().then_some("")) {
        let found = find(tree, path)?;
        lines.push(format!("{path:?} {found:?}"));
        if let Some(found) = found {
            lines.push(tree_id::described(tree, &found.file)?);
        }
    }
    if let Some(scanned) = &instructions.scanned {
        lines.push(format!("scanned {}", tree_id::tree_id(tree, scanned)?));
    }
    for generators in &instructions.generators {
        for folder in generators.reach.folders() {
            lines.push(tree_id::described(tree, folder)?);
        }
        if let Some(patch) = &generators.patch {
            lines.push(tree_id::described(tree, &patch.file)?);
        }
    }
    Ok(tree_id::combined(&lines))
}

/// `None` when the path is read as plain files.
fn generators(tree: &dyn Tree, path: &str, settings: &Settings) -> Result<Option<Generators>, LoadError> {
    let Some(found) = find(tree, path)? else { return Ok(None) };
    let bytes = tree.read(&found.file, flux_yaml::MAX_BYTES)?;
    let (commands, patch_file) = match flux_yaml::parse(&found.file, &bytes)? {
        FluxYaml::ScanForFiles => return Ok(None),
        FluxYaml::Generated(commands) => (commands, None),
        FluxYaml::Patched(commands, patch_file) => (commands, Some(patch_file)),
    };
    let mut reach = Reach::default();
    // The folder itself is there for every program that starts in it.
    reach.add(&found.folder);
    let place = Place { tree, address: None };
    let mut steps = Vec::new();
    for command in commands {
        let step = step(&command, &found.file, &found.folder, settings)?;
        match &step.call {
            Call::Kustomize { target, unrestricted, .. } => {
                reach.add_kustomization(&place, target, &settings.remote_hosts, &step.asked)?;
                if *unrestricted {
                    reach.add("");
                }
            }
            Call::Other { .. } => reach.add(""),
        }
        steps.push(step);
    }
    refuse_unrestricted_strangers(&steps, &reach)?;
    let patch = match patch_file {
        None => None,
        Some(patch_file) => {
            let command = format!("patchFile {patch_file}");
            let asked = Asked { file: found.file.clone(), command };
            let (file, bytes) = patch::read(tree, &found.folder, &patch_file, &asked)?;
            Some(Patch { file, bytes, asked })
        }
    };
    Ok(Some(Generators { file: found.file, folder: found.folder, steps, reach, patch }))
}

/// What strangers wrote could name files of this repository then, and of whatever else it leads to.
fn refuse_unrestricted_strangers(steps: &[Step], reach: &Reach) -> Result<(), LoadError> {
    let is_unrestricted = |step: &&Step| matches!(step.call, Call::Kustomize { unrestricted: true, .. });
    match (steps.iter().find(is_unrestricted), reach.bases().first()) {
        (Some(step), Some(base)) => Err(step.asked.refused(format!(
            "without load restrictions the base {} could read all of this repository: leave the flag \
             --load-restrictor out, or keep a copy of the base in this repository",
            base.named
        ))),
        _ => Ok(()),
    }
}

fn step(command: &Command, file: &str, folder: &str, settings: &Settings) -> Result<Step, LoadError> {
    let Command { text, line, timeout } = command;
    let asked = Asked { file: format!("{file}:{line}"), command: text.clone() };
    let words = command_line::words(text).map_err(|sentence| asked.refused(sentence))?;
    let call = call(&words, folder, &settings.programs, &asked)?;
    Ok(Step { call, timeout: *timeout, asked })
}

impl Generators {
    /// Whether the same input always gives the same output.
    pub(crate) fn is_pure(&self) -> bool {
        self.steps.iter().all(|step| matches!(step.call, Call::Kustomize { .. }))
    }

    /// Stands for a file in every place that names one.
    pub(crate) fn origin(&self, command: &str) -> String {
        let here = if self.file == join(&self.folder, NAME) {
            String::new()
        } else {
            format!(" in {}", if self.folder.is_empty() { "." } else { &self.folder })
        };
        format!("{} ({command}{here})", self.file)
    }
}
