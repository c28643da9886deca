//! The engine's port: from a tree to documents.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::outbound::Narrowing;
use domain::repository::RepositoryPath;
use engine::load::LoadError;
use engine::port::generate::{Generate, Generated, Generation};
use engine::port::remote_base::RemoteBases;
use engine::port::source::Tree;

use crate::blocking::blocking;
use crate::flux_yaml::NAME;
use crate::instructions::{Generators, Patch, id, instructions};
use crate::kept::Kept;
use crate::patch;
use crate::refused::Asked;
use crate::remote::Remotes;
use crate::run::{MAX_TIME, Runner};
use crate::settings::Settings;
use crate::workspace::Workspace;

/// Runs what repositories ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Generator {
    runner: Arc<Runner>,
    bases: Arc<dyn RemoteBases>,
    kept: Arc<Kept>,
}

impl Generator {
    /// Nothing runs yet. `bases` reads what kustomizations name on the hosts of the settings.
    pub fn new(settings: Settings, bases: Arc<dyn RemoteBases>) -> Self {
        Self { runner: Arc::new(Runner::new(settings)), bases, kept: Arc::default() }
    }

    /// With what it keeps, for tests that see whether anything runs.
    #[cfg(test)]
    pub(crate) fn with_settings(&self, settings: Settings) -> Self {
        Self { runner: Arc::new(Runner::new(settings)), ..self.clone() }
    }

    async fn run(
        &self,
        tree: &Arc<dyn Tree>,
        generators: Arc<Generators>,
        remotes: &Arc<Remotes>,
        timeout: Duration,
    ) -> Result<Vec<Generated>, LoadError> {
        let Some(first) = generators.steps.first() else { return Ok(Vec::new()) };
        let homes = self.runner.settings().folder.clone();
        let (copied, copied_tree, remotes) = (Arc::clone(&generators), Arc::clone(tree), Arc::clone(remotes));
        let asked = first.asked.clone();
        let copying = {
            let asked = asked.clone();
            blocking(move || {
                Workspace::copy(&remotes.parts(copied_tree.as_ref(), &copied.reach), &homes, &asked)
            })
        };
        let workspace = copying.await.map_err(|error| asked.failed(error, String::new()))??;
        let mut generated = Vec::new();
        for step in &generators.steps {
            let time = step.timeout.unwrap_or(timeout).min(MAX_TIME);
            let bytes =
                self.runner.run(&step.call, &workspace, &generators.folder, time, &step.asked).await?;
            generated.push(Generated { origin: generators.origin(&step.asked.command), bytes });
        }
        match &generators.patch {
            Some(Patch { file, bytes: Some(patches), asked }) => {
                let stream = join(&generated);
                let homes = &self.runner.settings().folder;
                let (workspace, call) = patch::prepare(&stream, patches, homes, asked)?;
                let bytes = self.runner.run(&call, &workspace, "", timeout.min(MAX_TIME), asked).await?;
                let command = format!("{}, patched by {file}", first.asked.command);
                Ok(vec![Generated { origin: generators.origin(&command), bytes }])
            }
            _ => Ok(generated),
        }
    }
}

#[async_trait]
impl Generate for Generator {
    fn tree_id(&self, tree: &dyn Tree, paths: &[RepositoryPath]) -> Result<String, LoadError> {
        let instructions = instructions(tree, paths, self.runner.settings())?;
        id(&instructions, tree, paths)
    }

    async fn generate(
        &self,
        tree: Arc<dyn Tree>,
        paths: Vec<RepositoryPath>,
        outbound: &Narrowing,
        timeout: Duration,
    ) -> Result<Generation, LoadError> {
        let runner = Arc::clone(&self.runner);
        let read_tree = Arc::clone(&tree);
        let reading = blocking(move || {
            let instructions = instructions(read_tree.as_ref(), &paths, runner.settings())?;
            let id = id(&instructions, read_tree.as_ref(), &paths)?;
            Ok::<_, LoadError>((instructions, id))
        });
        let asked = || Asked { file: NAME.to_owned(), command: "reading it".to_owned() };
        let (instructions, id) = reading.await.map_err(|error| asked().failed(error, String::new()))??;
        let named = instructions.generators.iter().flat_map(|generators| generators.reach.bases());
        let (named, hosts) = (named.cloned().collect(), &self.runner.settings().remote_hosts);
        let time = timeout.min(MAX_TIME);
        let remotes = Remotes::read(self.bases.as_ref(), outbound, hosts, named, time).await?;
        let (id, remotes) = (remotes.id(id), Arc::new(remotes));
        // Other programs may print something else each time.
        let is_pure = instructions.generators.iter().all(Generators::is_pure);
        if is_pure && let Some(generation) = self.kept.get(&id) {
            return Ok(generation);
        }
        let mut generation = Generation { scanned: instructions.scanned, generated: Vec::new() };
        for generators in instructions.generators {
            generation.generated.extend(self.run(&tree, Arc::new(generators), &remotes, timeout).await?);
        }
        if is_pure {
            self.kept.put(id, &generation);
        }
        Ok(generation)
    }
}

/// One stream of documents.
fn join(generated: &[Generated]) -> Vec<u8> {
    let mut stream = Vec::new();
    for Generated { bytes, .. } in generated {
        if !stream.is_empty() {
            stream.extend_from_slice(b"\n---\n");
        }
        stream.extend_from_slice(bytes);
    }
    stream
}
