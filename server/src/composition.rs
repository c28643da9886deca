//! Builds the parts and hands them to each other.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use domain::clock::Clock;
use domain::id::SubscriptionId;
use engine::port::remote_base::RemoteBases;
use generate::{Generator, RemoteHosts, Renderer};
use helm::HelmProgram;
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use outbound::{Policy, Proxies, Relay};
use reconciler::{Outside, Reconciler};
use service::{
    Access, Accounts, Activity, Clusters, Configurations, Embedding, Federation, Passwords, Presence,
    Releases, Resources, Tokens, Webhooks,
};
use source::{GitSource, Quota};
use storage::Storage;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use vault::Vault;

use crate::adapters::{
    ConnectedClusters, DiscreetSource, HelmReader, KubeconfigProbe, RunPlanner, StoredCredentials,
    identity_providers,
};
use crate::clock::SystemClock;
use crate::cookie::SessionCookies;
use crate::keys::KeyPlace;
use crate::middleware::origin::Origins;
use crate::middleware::visitor::TrustedProxies;
use crate::rest::document::{Document, operations};
use crate::rest::link::Origin;
use crate::router::{AppState, router};
use crate::routes::live::{Live, STREAMS_MAX, STREAMS_OF_ONE};
use crate::settings::Settings;
use crate::tls::CertificateFiles;

/// Fetches at once.
const FETCHES: usize = 8;
/// Generators at once: each may take a gigabyte.
const GENERATORS: usize = 2;
/// Helm processes at once, over all clusters.
const HELMS: usize = 4;
/// Bytes of fetched charts on disk: some thousand charts.
const CHARTS_KEPT: u64 = 512 * 1024 * 1024;
/// Name of the administrator that a new database gets.
pub const ADMINISTRATOR: &str = "admin";
/// Only the owner enters the data folder.
const PRIVATE_FOLDER: u32 = 0o700;

/// Everything a running server is made of.
pub struct Parts {
    pub router: Router,
    pub reconciler: Reconciler,
    pub accounts: Accounts,
    pub storage: Arc<Storage>,
    pub metrics: PrometheusHandle,
}

/// Opens the database, reads the keys, and puts the parts together. Nothing runs yet. `listen` is where the
/// portal listens: nobody may make it connect to itself.
pub async fn build(
    settings: &Settings,
    listen: SocketAddr,
    stop: &CancellationToken,
) -> anyhow::Result<Parts> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    make_data_folder(settings)?;
    let storage = Arc::new(Storage::open(&settings.database_url(), clock.clone()).await?);
    let vault = Arc::new(open_vault(settings, &storage).await?);
    first_places(settings, &storage).await?;
    let policy = outbound_policy(settings)?.denying(&[listen]);
    let relay = relay(settings)?;
    let source = Arc::new(git_source(settings, policy.clone(), relay.clone())?);
    let version = source.check().await?;
    tracing::info!("repositories are read with {version}");
    tell_of_held_programs();
    let accounts = Accounts::new(storage.clone(), clock.clone(), Passwords::new()?);
    let probe =
        Arc::new(KubeconfigProbe { policy: policy.clone(), relay: relay.clone(), clock: clock.clone() });
    let clusters = Clusters::new(storage.clone(), vault.clone(), probe, clock.clone());
    let configurations = Configurations::new(storage.clone(), vault.clone(), clock.clone());
    let providers = identity_providers(settings, listen, &policy, &clock)?;
    let provider_names = providers.iter().map(|provider| provider.name().to_owned()).collect();
    let embedding = Arc::new(Embedding::new(storage.clone(), accounts.clone()));
    let federation = Federation::new(accounts.clone(), providers);
    let tokens = Tokens::new(storage.clone(), clock.clone());
    let webhooks = Webhooks::new(storage.clone(), vault.clone(), clock.clone());
    let credentials = Arc::new(StoredCredentials { storage: storage.clone(), vault: vault.clone() });
    let helm = Arc::new(HelmProgram::find(helm_settings(settings, policy.clone())?).await?);
    let connected = Arc::new(ConnectedClusters::new(storage.clone(), vault, policy, relay));
    let reconciler = Reconciler::new(
        storage.clone(),
        Outside {
            generate: Arc::new(generator(settings, source.clone())?),
            helm,
            source: Arc::new(DiscreetSource(source)),
            clusters: connected,
            credentials,
            clock: clock.clone(),
        },
        storage.installation(),
        &holder()?,
        reconciler::Settings {
            workers: settings.workers,
            cluster_interval: Duration::from_secs(settings.cluster_interval_seconds),
        },
    );
    let planner = Arc::new(RunPlanner::new(reconciler.clone()));
    let reader = Arc::new(HelmReader::new(reconciler.clone()));
    let releases = Releases::new(storage.clone(), configurations.clone(), reader, clock.clone());
    let resources = Resources::new(storage.clone(), configurations.clone(), clusters.clone(), planner);
    let (rest, document) = crate::rest::routes();
    let public = settings.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    let metrics = crate::telemetry::start_metrics()?;
    let site_root = site_root(settings)?;
    let state = AppState {
        leptos: leptos_options(&site_root, listen),
        accounts: Arc::new(accounts.clone()),
        configurations: Arc::new(configurations.clone()),
        clusters: Arc::new(clusters.clone()),
        releases: Arc::new(releases),
        resources: Arc::new(resources),
        tokens: Arc::new(tokens),
        access: Arc::new(Access::new(storage.clone(), clock.clone(), provider_names)),
        people: Arc::new(accounts.clone()),
        activity: Arc::new(Activity::new(storage.clone(), clock.clone())),
        providers: Arc::new(federation),
        embedding: embedding.clone(),
        webhooks,
        trusted_proxies: trusted_proxies(settings)?,
        storage: storage.clone(),
        metrics: metrics.clone(),
        cookies: SessionCookies { secure: settings.behind_tls() },
        origins: Origins { public: public.clone() },
        origin: Origin { public, scheme: settings.scheme() },
        operations: operations(&document).into(),
        document: Document::new(&document)?,
        live: Live {
            accounts: Arc::new(accounts.clone()),
            embedding,
            configurations: Arc::new(configurations),
            clusters: Arc::new(clusters),
            storage: storage.clone(),
            places: Arc::new(Semaphore::new(STREAMS_MAX)),
            people: Presence::new(STREAMS_OF_ONE),
            stop: stop.clone(),
        },
        site_root: site_root.into(),
    };
    Ok(Parts { router: router(state, rest), reconciler, accounts, storage, metrics })
}

/// The database alone, for the command line; may be used while the server runs.
pub async fn storage_beside(settings: &Settings) -> anyhow::Result<Storage> {
    make_data_folder(settings)?;
    Ok(Storage::open_beside(&settings.database_url(), Arc::new(SystemClock)).await?)
}

/// People alone, for the command line; may be used while the server runs.
pub async fn accounts(settings: &Settings) -> anyhow::Result<Accounts> {
    let storage = storage_beside(settings).await?;
    Ok(Accounts::new(Arc::new(storage), Arc::new(SystemClock), Passwords::new()?))
}

/// Repositories alone, for the command line.
pub fn git_source(settings: &Settings, policy: Policy, relay: Relay) -> anyhow::Result<GitSource> {
    let executable = std::env::current_exe().context("the path of this program cannot be found")?;
    let source = GitSource::new(&source::Settings {
        mirrors: settings.data_dir.join("mirrors"),
        launcher: child::Launcher::new(&executable),
        policy,
        relay,
        concurrency: FETCHES,
        quota: Quota::default(),
    })?;
    Ok(source)
}

/// What leads programs to their hosts, behind the proxies that are set; runs as long as somebody has it.
pub fn relay(settings: &Settings) -> anyhow::Result<Relay> {
    Relay::start(proxies(settings)?).context("the relay of programs cannot listen on the loopback interface")
}

/// Generators of manifests, for the server and for the command line; what they need of other hosts comes from
/// `bases`.
pub fn generator(settings: &Settings, bases: Arc<dyn RemoteBases>) -> anyhow::Result<Generator> {
    if settings.generate_without_isolation {
        tracing::warn!(
            "generators run without isolation: what repositories name can read and reach what this server can"
        );
    }
    Ok(Generator::new(generator_settings(settings)?, bases))
}

/// How helm runs, and where its charts may come from.
fn helm_settings(settings: &Settings, policy: Policy) -> anyhow::Result<helm::Settings> {
    let executable = std::env::current_exe().context("the path of this program cannot be found")?;
    Ok(helm::Settings {
        launcher: child::Launcher::new(&executable),
        program: settings.helm.clone(),
        folder: settings.data_dir.clone(),
        without_isolation: settings.generate_without_isolation,
        concurrency: HELMS,
        policy,
        proxies: proxies(settings)?,
        kept_bytes: CHARTS_KEPT,
    })
}

/// How generators run.
pub fn generator_settings(settings: &Settings) -> anyhow::Result<generate::Settings> {
    let executable = std::env::current_exe().context("the path of this program cannot be found")?;
    Ok(generate::Settings {
        launcher: child::Launcher::new(&executable),
        folder: std::env::temp_dir(),
        renderer: Renderer::find(settings.kustomize.as_deref())?,
        programs: generate::Settings::programs(&settings.generators)?,
        remote_hosts: RemoteHosts::parse(&settings.generate_remote_hosts)
            .map_err(generate::SettingsError::from)?,
        without_isolation: settings.generate_without_isolation,
        concurrency: GENERATORS,
    })
}

/// What may be connected to.
pub fn outbound_policy(settings: &Settings) -> anyhow::Result<Policy> {
    let entries: Vec<&str> =
        settings.outbound_allow.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    Policy::allowing(&entries).context("`outbound_allow` is a list of networks and addresses, by commas")
}

/// The certificate by which the portal speaks TLS itself, when one is set.
pub fn certificate(settings: &Settings) -> anyhow::Result<Option<CertificateFiles>> {
    match (settings.tls_certificate.clone(), settings.tls_key.clone()) {
        (Some(certificate), Some(key)) => Ok(Some(CertificateFiles { certificate, key })),
        (None, None) => Ok(None),
        _ => anyhow::bail!("`tls_certificate` and `tls_key` go together: set both, or none"),
    }
}

/// Whose word on where a request comes from is taken.
pub fn trusted_proxies(settings: &Settings) -> anyhow::Result<TrustedProxies> {
    TrustedProxies::parse(&settings.trusted_proxies)
        .context("`trusted_proxies` is a list of networks and addresses, by commas")
}

/// Once: whether git, ssh and helm could go elsewhere than to the relay if they wanted to.
fn tell_of_held_programs() {
    match child::holds_network() {
        Ok(()) => tracing::info!("the kernel holds git, ssh and helm to the relay"),
        Err(reason) => tracing::warn!(
            "the kernel does not hold git, ssh and helm to the relay: {reason}; it takes Linux 6.7 with `landlock` among its \
             security modules"
        ),
    }
}

/// Which proxies lead to repositories.
pub fn proxies(settings: &Settings) -> anyhow::Result<Proxies> {
    let Settings { http_proxy, https_proxy, ssh_proxy, no_proxy, .. } = settings;
    let proxies = Proxies::new(http_proxy, https_proxy, ssh_proxy, no_proxy);
    proxies.context("`http_proxy`, `https_proxy`, `ssh_proxy` and `no_proxy` lead to repositories")
}

/// The address a one-time link is opened at.
pub fn link_address(settings: &Settings, listen: SocketAddr, link: &str) -> String {
    let base = settings.public_url.as_ref().map_or_else(
        || format!("{}://{listen}", settings.scheme()),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    );
    format!("{base}/set-password?link={link}")
}

/// The first start makes the keys; later ones refuse to start without those that stored secrets need.
async fn open_vault(settings: &Settings, storage: &Storage) -> anyhow::Result<Vault> {
    let in_use = storage.key_ids_in_use().await?;
    let vault = KeyPlace::of(settings)?.open_or_create(!in_use.is_empty())?;
    vault.check(&in_use)?;
    let mut unit = storage.begin().await?;
    if let Err(id) = unit.know_keys(&vault.fingerprints(&in_use)).await? {
        anyhow::bail!(
            "the key {id} in the key ring is not the one that stored secrets were sealed by, though it has its name: \
             put the ring back that belongs to this database (`fairlead backup --keys` made a copy of it)"
        );
    }
    unit.commit().await?;
    Ok(vault)
}

/// A new installation has one subscription and one resource group, so that a cluster can be connected at once.
async fn first_places(settings: &Settings, storage: &Storage) -> anyhow::Result<()> {
    let everything = domain::access::Visible::Everything;
    if !storage.resource_groups(&everything).await?.is_empty() {
        return Ok(());
    }
    let subscription: SubscriptionId =
        settings.first_subscription.parse().context("`first_subscription` is a UUID")?;
    let name = domain::name::ResourceGroupName::parse(&settings.first_resource_group)
        .map_err(|rule| anyhow::anyhow!("`first_resource_group` breaks a rule: {rule:?}"))?;
    let mut unit = storage.begin().await?;
    unit.create_subscription(subscription, &settings.first_subscription_name).await?;
    unit.create_resource_group(subscription, &name).await?;
    unit.commit().await?;
    Ok(())
}

/// Makes the data folder, for its owner alone, when it is not there.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(folder)
}

fn make_data_folder(settings: &Settings) -> anyhow::Result<()> {
    let folder = &settings.data_dir;
    make_private_folder(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

/// A name that no other process has, nor this one in another life.
fn holder() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    Ok(bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

/// As set, else beside the program, else where a build in the source folder leaves it.
fn site_root(settings: &Settings) -> anyhow::Result<PathBuf> {
    if let Some(folder) = &settings.site_root {
        return Ok(folder.clone());
    }
    let executable = std::env::current_exe().context("the path of this program cannot be found")?;
    let beside = executable.parent().unwrap_or(Path::new(".")).join("site");
    if beside.is_dir() {
        return Ok(beside);
    }
    let built = executable.ancestors().nth(2).unwrap_or(Path::new(".")).join("site");
    Ok(built)
}

fn leptos_options(site_root: &Path, listen: SocketAddr) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("fairlead")
        .site_root(site_root.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(listen)
        .build()
}
