//! From a tree to documents, with the real program wherever something runs. It is kustomize (or kubectl) of this
//! machine; a shell stands for other programs of the administrator's list, at their worst.

mod bases;
mod bounds;
mod finding;
mod kustomize;
mod patching;
mod reading;
mod remote;
mod tree;

use std::sync::Arc;
use std::time::Duration;

use child::Launcher;
use domain::outbound::Narrowing;
use domain::repository::RepositoryPath;
use engine::load::LoadError;
use engine::port::generate::{Generate, Generation};

use self::bases::MemoryBases;
use self::tree::MemoryTree;
use crate::{Generator, RemoteHosts, Renderer, Settings};

/// Enough on a busy machine for a program that answers at once.
const PATIENCE: Duration = Duration::from_mins(1);

/// A kustomization that gives one ConfigMap.
const KUSTOMIZATION: &str = "resources: [map.yaml]\nnamePrefix: made-\n";

fn settings() -> Settings {
    Settings {
        launcher: Launcher::for_tests().expect("the launcher"),
        folder: std::env::temp_dir(),
        renderer: Renderer::find(None).expect("a renderer"),
        programs: Settings::programs("sh").expect("a shell"),
        remote_hosts: RemoteHosts::default(),
        without_isolation: false,
        concurrency: 2,
    }
}

fn generator() -> Generator {
    with(settings())
}

/// A generator for which there are no other hosts.
fn with(settings: Settings) -> Generator {
    Generator::new(settings, Arc::new(MemoryBases::default()))
}

async fn generate(tree: MemoryTree, paths: &[&str]) -> Result<Generation, LoadError> {
    generate_with(&generator(), tree, paths, PATIENCE).await
}

async fn generate_with(
    generator: &Generator,
    tree: MemoryTree,
    paths: &[&str],
    timeout: Duration,
) -> Result<Generation, LoadError> {
    generator.generate(Arc::new(tree), repository_paths(paths), &Narrowing::default(), timeout).await
}

/// What all commands printed, each under its origin.
async fn printed(tree: MemoryTree, paths: &[&str]) -> String {
    let generation = generate(tree, paths).await.expect("manifests");
    let part = |generated: &engine::port::generate::Generated| {
        format!("# {}\n{}", generated.origin, String::from_utf8_lossy(&generated.bytes))
    };
    generation.generated.iter().map(part).collect()
}

async fn failure(tree: MemoryTree, paths: &[&str]) -> String {
    generate(tree, paths).await.expect_err("it fails").to_string()
}

fn tree_id(tree: &MemoryTree, paths: &[&str]) -> String {
    generator().tree_id(tree, &repository_paths(paths)).expect("an id")
}

fn repository_paths(paths: &[&str]) -> Vec<RepositoryPath> {
    paths.iter().map(|path| RepositoryPath::parse(path).expect("a path")).collect()
}

/// A `.flux.yaml` with these commands.
fn flux_yaml(commands: &[&str]) -> String {
    let command = |command: &&str| format!("    - command: {command:?}\n");
    format!(
        "version: 1\ncommandUpdated:\n  generators:\n{}",
        commands.iter().map(command).collect::<String>()
    )
}

fn map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: value\n")
}
