//! Which chart a release is made of, and the chart itself when it is needed.

use std::sync::Arc;
use std::time::Duration;

use domain::object::ObjectKey;
use domain::release::ReleasedChart;
use domain::repository::{Branch, RepositoryUrl, Revision, Transport};
use engine::helm::spec::{ChartSource, HelmRelease, SecretReference};
use engine::port::helm::{Chart, ChartAccess, ChartRequest, HelmError, HelmFault};
use engine::port::source::{Access, HttpsCredential, SourceRequest, Tree};
use secrecy::SecretString;
use serde_json::Value;

use super::pass::Pass;
use super::values::{decoded, secret_kind};
use crate::run::team;

/// A chart that was found: what it is, and how to get it.
pub(super) struct Found {
    pub(super) chart: ReleasedChart,
    origin: Origin,
}

enum Origin {
    Tree { tree: Arc<dyn Tree>, path: String, dependencies: Option<ChartAccess> },
    Repository(Box<ChartRequest>),
}

/// Finds out which chart is wanted now: the branch's head of a chart from Git, the version of one from a repository.
pub(super) async fn find(pass: &Pass, release: &HelmRelease) -> Result<Found, HelmError> {
    match &release.spec.chart {
        ChartSource::Git { url, reference, path, secret_ref, skip_dependency_update } => {
            let (request, revision) =
                resolve(pass, release, url, reference.as_deref(), secret_ref.as_ref()).await?;
            let tree = pass.ports.source.open(&request, &revision).await.map_err(|error| unread(&error))?;
            let digest = object_id(tree.clone(), path.clone()).await?;
            let update = pass.options.update_chart_deps && !skip_dependency_update;
            let chart = ReleasedChart {
                name: path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default().to_owned(),
                version: String::new(),
                revision: revision.to_string(),
                digest: format!("git {digest}{}", if update { "" } else { " as it lies there" }),
            };
            let dependencies = update.then(|| access(pass, None, String::new()));
            Ok(Found { chart, origin: Origin::Tree { tree, path: path.clone(), dependencies } })
        }
        ChartSource::Repository { repository, name, version, pull_secret } => {
            let credential = match pull_secret {
                Some(secret) => Some(credential(pass, &release.namespace, &secret.name).await?),
                None => None,
            };
            let request = ChartRequest {
                repository: repository.clone(),
                name: name.clone(),
                version: version.clone(),
                access: access(pass, credential, repository.clone()),
                index_age: pass.options.charts_sync_interval,
            };
            let version = pass.helm().chart_version(&request).await?;
            let chart = ReleasedChart {
                name: name.clone(),
                version: version.clone(),
                revision: version.clone(),
                digest: format!("{repository} {name} {version}"),
            };
            Ok(Found { chart, origin: Origin::Repository(Box::new(ChartRequest { version, ..request })) })
        }
    }
}

impl Found {
    /// The chart on the server's disk.
    pub(super) async fn get(&self, pass: &Pass) -> Result<Arc<dyn Chart>, HelmError> {
        match &self.origin {
            Origin::Tree { tree, path, dependencies } => {
                pass.helm().chart_of_tree(tree.clone(), path, dependencies.as_ref()).await
            }
            Origin::Repository(request) => pass.helm().chart(request).await,
        }
    }
}

async fn resolve(
    pass: &Pass,
    release: &HelmRelease,
    url: &str,
    reference: Option<&str>,
    secret: Option<&SecretReference>,
) -> Result<(SourceRequest, Revision), HelmError> {
    let field = |name: &str, fault: &dyn std::fmt::Display| {
        HelmError::new(HelmFault::Chart, format!("spec.chart.{name}: {fault}"))
    };
    let url = RepositoryUrl::parse(url)
        .map_err(|rule| field("git", &format!("{url:?} is no repository ({rule:?})")))?;
    let reference = reference.unwrap_or(&pass.options.git_default_ref);
    let branch =
        Branch::parse(reference).map_err(|rule| field("ref", &format!("{reference:?} ({rule:?})")))?;
    let access = access_of(pass, release, &url, secret).await?;
    let configuration = &pass.configuration;
    // The branch that the configuration reads is meant by its name, and what its sync has just learned counts.
    let is_own = same_repository(&url, &configuration.spec.repository_url)
        && branch == configuration.spec.operator_params.flags().git_branch;
    let request = SourceRequest {
        tenant: team(&configuration.place).map_or_else(String::new, |team| team.to_string()),
        url,
        branch,
        tags: !is_own,
        timeout_seconds: pass.options.git_timeout.as_secs().max(1),
        access,
        size_limit: configuration.quota.repository_bytes(),
        outbound: configuration.outbound.clone(),
    };
    if let Ok(commit) = Revision::parse(reference) {
        return Ok((request, commit));
    }
    let revision = pass.ports.source.resolve(&request, RESOLVED_AGE).await.map_err(|error| unread(&error))?;
    Ok((request, revision))
}

/// Releases of one configuration that are looked at together ask a host once.
const RESOLVED_AGE: Duration = Duration::from_secs(2);

/// The configuration's own access where the chart lies in its repository; its ssh key for others over ssh; what the
/// `secretRef` holds over https. A credential of the configuration is never shown to another host over http.
async fn access_of(
    pass: &Pass,
    release: &HelmRelease,
    url: &RepositoryUrl,
    secret: Option<&SecretReference>,
) -> Result<Access, HelmError> {
    let configuration = &pass.configuration;
    let own = pass.ports.credentials.open(configuration.id, &configuration.spec).await;
    let own = own.map_err(|error| unread(&error))?.access;
    if let Some(secret) = secret {
        let namespace = secret.namespace.as_deref().unwrap_or(&release.namespace);
        let https = credential(pass, namespace, &secret.name).await?;
        let identity = format!("{}/{namespace}/{}", configuration.id, secret.name);
        return Ok(Access { identity, https: Some(https), ssh_key: None, ..own });
    }
    if same_repository(url, &configuration.spec.repository_url) {
        return Ok(own);
    }
    Ok(match url.transport() {
        Transport::Ssh => Access { https: None, ..own },
        _ => Access { authorities: own.authorities, ..Access::default() },
    })
}

fn same_repository(one: &RepositoryUrl, other: &RepositoryUrl) -> bool {
    one.to_string().trim_end_matches(".git").trim_end_matches('/')
        == other.to_string().trim_end_matches(".git").trim_end_matches('/')
}

/// `username` and `password` of a Secret, read as the operator.
async fn credential(pass: &Pass, namespace: &str, name: &str) -> Result<HttpsCredential, HelmError> {
    let key = ObjectKey {
        group: String::new(),
        kind: "Secret".to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    let failed = |what: &dyn std::fmt::Display| {
        HelmError::new(
            HelmFault::Chart,
            format!("Secret {namespace}/{name}, which is to open the chart: {what}"),
        )
    };
    let found = pass.client.read(&secret_kind(), &key).await.map_err(|error| failed(&error))?;
    let secret = found.ok_or_else(|| failed(&"it does not exist"))?;
    let part = |name: &str| -> Result<SecretString, HelmError> {
        let text = secret.pointer("/data").and_then(|data| data.get(name)).and_then(Value::as_str);
        let text = text.ok_or_else(|| failed(&format!("it has no entry {name}")))?;
        decoded(text).map(SecretString::from).ok_or_else(|| failed(&format!("its entry {name} is no text")))
    };
    Ok(HttpsCredential { user: part("username")?, key: part("password")? })
}

fn access(pass: &Pass, credential: Option<HttpsCredential>, credential_origin: String) -> ChartAccess {
    let configuration = &pass.configuration;
    ChartAccess {
        tenant: team(&configuration.place).map_or_else(String::new, |team| team.to_string()),
        identity: credential.as_ref().map_or_else(String::new, |_| configuration.id.to_string()),
        credential,
        credential_origin,
        authorities: None,
        outbound: configuration.outbound.clone(),
    }
}

/// The id of the chart's folder: it changes with its files and with nothing else.
async fn object_id(tree: Arc<dyn Tree>, path: String) -> Result<String, HelmError> {
    let found = tokio::task::spawn_blocking(move || {
        let path = path.trim_matches('/');
        let chart = |message: &dyn std::fmt::Display| HelmError::new(HelmFault::Chart, message);
        if path.is_empty() {
            return Ok(tree.revision().to_string());
        }
        let found = tree.entry(path).map_err(|error| chart(&error))?;
        found.map(|entry| entry.id).ok_or_else(|| {
            let revision = tree.revision().short().to_string();
            chart(&format!("there is no folder {path} in {revision}: check spec.chart.path"))
        })
    });
    found.await.map_err(|error| HelmError::new(HelmFault::Internal, error))?
}

fn unread(error: &engine::port::source::SourceError) -> HelmError {
    let detail = error.detail.clone().unwrap_or_else(|| format!("{:?}", error.reason));
    HelmError::new(HelmFault::Chart, format!("the repository of the chart cannot be read: {detail}"))
}
