//! What syncs cost: the first, one that finds nothing new, one with a single changed object.

use futures::{StreamExt, TryStreamExt, stream};
use testbed::{Browser, Cluster, GitServer, Portal, Repository};

use super::meter::Meter;
use super::objects::{self, CONNECTIONS, OBJECTS};
use super::report::{print, say};
use super::watcher::{Watcher, last_sync, settled};
use super::{floor, latency};

/// The name that the objects of the scenario have in each namespace.
const OBJECT: &str = "app";

/// What the first sync is measured on, and what comes after it.
pub(super) struct Scenario {
    pub(super) cluster: Cluster,
    pub(super) portal: Portal,
    pub(super) repository: Repository,
    /// By number.
    pub(super) configurations: Vec<String>,
    _git: GitServer,
}

/// Prints the figures; those of latency too when they are wanted.
pub(super) async fn measure(size: usize, with_latency: bool) -> anyhow::Result<()> {
    let floor = floor::measure(size).await?;
    let managed = |_: &str, name: &str| name == OBJECT;

    let mut scenario = Scenario::start(size).await?;
    let browser = scenario.portal.sign_in().await?;
    let cluster = browser.connect_cluster(&scenario.cluster.kubeconfig(), "default", "bench").await?;
    let mut watcher = Watcher::new(&browser).await?;
    say(format_args!("{size} configurations: first sync"));
    let meter = Meter::start(&scenario.cluster, &scenario.portal).await?;
    scenario.configurations = add(&browser, &cluster, &scenario.repository, 0..size).await?;
    watcher.until(size, settled).await?;
    let first = meter.stop(&scenario.cluster, &scenario.portal, managed).await?;

    say(format_args!("{size} configurations: nothing new"));
    let before = watcher.last_syncs();
    let meter = Meter::start(&scenario.cluster, &scenario.portal).await?;
    sync_now(&browser, &scenario.configurations).await?;
    let again = |state: &serde_json::Value| {
        let id = state["id"].as_str().unwrap_or_default();
        settled(state) && before.get(id).is_some_and(|before| *before < last_sync(state))
    };
    watcher.until(size, again).await?;
    let unchanged = meter.stop(&scenario.cluster, &scenario.portal, managed).await?;

    say(format_args!("{size} configurations: one object changed"));
    let revision = objects::commit(&scenario.repository, &[size / 2], "changed").await?;
    let meter = Meter::start(&scenario.cluster, &scenario.portal).await?;
    sync_now(&browser, &scenario.configurations[size / 2..=size / 2]).await?;
    watcher.until(1, |state| settled(state) && state["revision"] == revision.as_str()).await?;
    let changed = meter.stop(&scenario.cluster, &scenario.portal, managed).await?;

    print(&format!(
        "
{size} configurations of {OBJECTS} objects, one repository, one cluster
  floor (plain apply)   {:6.1} s, CPU: API server {:.1} s; requests: all {}
  first sync          {first}; {:.1} × the floor
  nothing new         {unchanged}
  one object changed  {changed}
  peak memory of the portal's process {} MiB",
        floor.time.as_secs_f32(),
        floor.server.cpu_seconds,
        floor.server.all(),
        first.time.as_secs_f32() / floor.time.as_secs_f32(),
        scenario.portal.usage()?.peak_memory / (1024 * 1024),
    ));
    if with_latency {
        latency::measure(&scenario, &browser).await?;
    }
    Ok(())
}

impl Scenario {
    /// Everything up to the first configuration.
    pub(super) async fn start(size: usize) -> anyhow::Result<Self> {
        let (cluster, git, portal) = tokio::try_join!(Cluster::start(), GitServer::start(), Portal::start())?;
        objects::namespaces(&cluster, size).await?;
        let repository = git.repository_named("bench/applications").await?;
        objects::commit(&repository, &(0..size).collect::<Vec<_>>(), "hello").await?;
        Ok(Self { cluster, portal, repository, configurations: Vec::new(), _git: git })
    }
}

/// Through the form, over several connections; their ids by number.
pub(super) async fn add(
    browser: &Browser,
    cluster: &str,
    repository: &Repository,
    numbers: std::ops::Range<usize>,
) -> anyhow::Result<Vec<String>> {
    let added = stream::iter(numbers).map(|number| async move {
        browser.add_configuration(cluster, &objects::fields(number, repository)).await
    });
    Ok(added.buffered(CONNECTIONS).try_collect().await?)
}

async fn sync_now(browser: &Browser, configurations: &[String]) -> anyhow::Result<()> {
    let asked = stream::iter(configurations).map(|configuration| browser.sync_now(configuration));
    Ok(asked.buffer_unordered(CONNECTIONS).try_collect::<()>().await?)
}
