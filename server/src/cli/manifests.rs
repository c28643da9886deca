//! `fairlead manifests`: what a repository gives, read exactly as a sync reads it, without a cluster; with `--against`
//! what a portal says that it would change in one.

mod against;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use domain::configuration::{ConfigurationDraft, ConfigurationSpec};
use domain::operator_params::Flags;
use domain::outbound::Narrowing;
use engine::builtin::builtin_kinds;
use engine::limits::Limits;
use engine::load::{Load, LoadError, load, load_generated};
use engine::port::generate::{Generate, Generation};
use engine::port::remote_base::RemoteBases;
use engine::port::source::{Access, Source, SourceRequest, Tree};
use engine::resolve::{Resolved, ScopePolicy, resolve};
use serde::Serialize;

use self::against::Against;
use crate::composition;
use crate::settings::Settings;

/// Tenant of the mirror that this command reads through.
const TENANT: &str = "command-line";

/// Reads a repository as a sync does and prints the objects it gives.
#[derive(Debug, Args)]
pub(super) struct ManifestsCommand {
    /// Public http(s) URL of the repository.
    #[arg(long, value_name = "URL", required_unless_present = "against", conflicts_with = "against")]
    repository_url: Option<String>,
    /// Flux v1 flags, as in a configuration.
    #[arg(long, value_name = "FLAGS", default_value = "", allow_hyphen_values = true)]
    operator_params: String,
    /// `cluster` or `namespace`.
    #[arg(long, value_name = "SCOPE", default_value = "cluster")]
    scope: String,
    /// Namespace of the operator; with namespace scope the only one that objects may be in.
    #[arg(long, value_name = "NAMESPACE", default_value = "default")]
    operator_namespace: String,
    /// A table for people or JSON for programs.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    output: Form,
    #[command(flatten)]
    against: Against,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Table,
    Json,
}

/// The JSON form.
#[derive(Serialize)]
struct Manifests {
    revision: String,
    objects: Vec<Object>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    api_version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
    file: String,
    line: u32,
}

/// Exit code 1 when the repository cannot be read or loaded, with the place and the sentence on standard error.
pub(super) async fn run(settings: &Settings, command: ManifestsCommand) -> anyhow::Result<ExitCode> {
    if command.against.configuration.is_some() {
        return against::run(command.against, command.output).await;
    }
    let spec = spec(&command)?;
    let policy = composition::outbound_policy(settings)?;
    let source = Arc::new(composition::git_source(settings, policy, composition::relay(settings)?)?);
    let flags = spec.operator_params.flags();
    let request = SourceRequest {
        tenant: TENANT.to_owned(),
        url: spec.repository_url.clone(),
        branch: flags.git_branch.clone(),
        timeout_seconds: flags.git_timeout_seconds,
        access: Access::default(),
        size_limit: None,
        tags: false,
        outbound: Narrowing::default(),
    };
    let revision = source.resolve(&request, Duration::ZERO).await.map_err(unread)?;
    let tree = source.open(&request, &revision).await.map_err(unread)?;
    let paths = flags.git_paths.clone();
    let policy = ScopePolicy::of(&spec);
    let generation = match generated(settings, flags, &tree, source.clone()).await? {
        Ok(generation) => generation,
        Err(error) => return Ok(failed(&error)),
    };
    let reading = tokio::task::spawn_blocking(move || {
        let limits = Limits::default();
        let load = match &generation {
            Some(generation) => load_generated(tree.as_ref(), generation, &limits)?,
            None => load(tree.as_ref(), &paths, &limits)?,
        };
        let resolved = resolve(&load, &builtin_kinds(), &policy)?;
        Ok::<_, LoadError>((load, resolved))
    });
    let (load, resolved) = match reading.await? {
        Ok(read) => read,
        Err(error) => return Ok(failed(&error)),
    };
    print(command.output, &manifests(revision.to_string(), &load, &resolved))?;
    Ok(ExitCode::SUCCESS)
}

/// What the repository's generators print, on this machine, as a sync would run them; `None` without
/// `--manifest-generation`.
async fn generated(
    settings: &Settings,
    flags: &Flags,
    tree: &Arc<dyn Tree>,
    bases: Arc<dyn RemoteBases>,
) -> anyhow::Result<Result<Option<Generation>, LoadError>> {
    if !flags.manifest_generation {
        return Ok(Ok(None));
    }
    let timeout = Duration::from_secs(flags.sync_timeout_seconds);
    let generator = composition::generator(settings, bases)?;
    let generation =
        generator.generate(Arc::clone(tree), flags.git_paths.clone(), &Narrowing::default(), timeout).await;
    Ok(generation.map(Some))
}

/// With the place first, as compilers do.
fn failed(error: &LoadError) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// The same validation as a configuration's, with a name nobody asks for.
fn spec(command: &ManifestsCommand) -> anyhow::Result<ConfigurationSpec> {
    let draft = ConfigurationDraft {
        name: "manifests".to_owned(),
        operator_namespace: command.operator_namespace.clone(),
        operator_scope: command.scope.clone(),
        repository_url: command.repository_url.clone().unwrap_or_default(),
        operator_params: command.operator_params.clone(),
        ..ConfigurationDraft::default()
    };
    draft
        .validate()
        .map_err(|violations| super::sentence(domain::service::ServiceError::Invalid { violations }))
}

fn unread(error: engine::port::source::SourceError) -> anyhow::Error {
    let sentence = catalogue::reason_sentence(catalogue::Locale::English, &error.reason);
    match error.detail {
        Some(detail) => anyhow::anyhow!("{sentence}\n{detail}"),
        None => anyhow::anyhow!(sentence),
    }
}

/// In the order of the load, with namespaces as a cluster would fill them in; kinds that nobody knows the scope
/// of stand as written.
fn manifests(revision: String, load: &Load, resolved: &Resolved) -> Manifests {
    let mut warnings: Vec<String> = resolved.warnings.iter().map(ToString::to_string).collect();
    let objects = load.objects.iter().map(|object| {
        let namespace = resolved.key_of(object).map_or(&object.namespace, |key| &key.namespace);
        Object {
            api_version: object.api_version.clone(),
            kind: object.kind.clone(),
            namespace: namespace.clone(),
            name: object.name.clone(),
            file: object.file.clone(),
            line: object.line,
        }
    });
    let objects = objects.collect();
    warnings.extend(resolved.left_out.iter().map(|left| {
        let reason = catalogue::object_reason_sentence(catalogue::Locale::English, &left.reason);
        format!("{}: {}: {reason}", left.place, left.key)
    }));
    Manifests { revision, objects, warnings }
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(form: Form, manifests: &Manifests) -> anyhow::Result<()> {
    match form {
        Form::Json => println!("{}", serde_json::to_string_pretty(manifests)?),
        Form::Table => {
            println!("revision {}", manifests.revision);
            for object in &manifests.objects {
                let Object { api_version, kind, namespace, name, file, line } = object;
                let namespace = namespace.as_deref().unwrap_or("-");
                println!("{api_version:<28} {kind:<24} {namespace:<20} {name:<32} {file}:{line}");
            }
            for warning in &manifests.warnings {
                println!("warning: {warning}");
            }
        }
    }
    Ok(())
}
