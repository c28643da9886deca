//! How fast the list is that everybody looks at, with many configurations on many clusters, and how much a first
//! visit loads. Everything is made through the portal's own forms and really synced.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use testbed::{Browser, Cluster, ConfigurationFields, GitServer, Portal, Repository};

use super::report::{milliseconds, print, say};

/// What a page of the list may take; what a person still feels as at once.
const LIST_LIMIT: Duration = Duration::from_millis(100);

/// Bytes of wasm and script that a first visit may load.
const FIRST_LOAD_LIMIT: usize = 300 * 1000;

/// Pages asked for before it is measured, and then measured.
const WARM_UP: usize = 5;
const REQUESTS: usize = 100;

/// Thousand first syncs take about a minute.
const SYNC_LIMIT: Duration = Duration::from_mins(15);

/// Prints the figures; `false` when a limit is missed.
pub(super) async fn measure(clusters: usize, configurations: usize) -> anyhow::Result<bool> {
    let (servers, git, portal) =
        tokio::try_join!(Cluster::start_api_servers(clusters), GitServer::start(), Portal::start())?;
    let browser = portal.sign_in().await?;
    let repository = git.repository_named("bench/manifests").await?;
    commit(&repository, configurations).await?;
    let began = Instant::now();
    for (number, server) in servers.iter().enumerate() {
        let cluster =
            browser.connect_cluster(&server.kubeconfig(), "default", &format!("cluster-{number}")).await?;
        for configuration in (number..configurations).step_by(clusters) {
            browser.add_configuration(&cluster, &fields(configuration, &repository)).await?;
        }
    }
    say(format_args!("added {configurations} configurations in {:.1} s", began.elapsed().as_secs_f32()));
    until_installed(&browser, configurations).await?;
    let synced = began.elapsed();

    let list = list(&browser).await?;
    let (files, first_load) = first_load(&browser).await?;
    print(&format!(
        "
{configurations} configurations on {clusters} clusters
  until all were added and had their first sync   {:.1} s
  first page of the list, {REQUESTS} requests       median {:.1} ms, slowest {:.1} ms (limit {} ms)
  wasm and script of a first visit                {:.1} kB (limit {} kB)
{files}",
        synced.as_secs_f32(),
        milliseconds(list[REQUESTS / 2]),
        milliseconds(list[REQUESTS - 1]),
        LIST_LIMIT.as_millis(),
        kilobytes(first_load),
        FIRST_LOAD_LIMIT / 1000,
    ));
    Ok(list[REQUESTS - 1] < LIST_LIMIT && first_load < FIRST_LOAD_LIMIT)
}

/// One folder with one object for each configuration.
async fn commit(repository: &Repository, configurations: usize) -> anyhow::Result<()> {
    let mut change = repository.change();
    for number in 0..configurations {
        let manifest = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bench-{number}\n  namespace: default\ndata:\n  number: \"{number}\"\n"
        );
        change = change.write(&format!("{}/object.yaml", name(number)), manifest);
    }
    change.commit("Add an object for each configuration").await?;
    Ok(())
}

fn name(number: usize) -> String {
    format!("bench-{number:04}")
}

fn fields(number: usize, repository: &Repository) -> ConfigurationFields {
    ConfigurationFields::new(&name(number), repository.url()).with("git_path", &name(number))
}

async fn until_installed(browser: &Browser, configurations: usize) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let list = browser.read("list_configurations", &[("query[page]", "1")]).await?;
        let counts = &list["counts"];
        if counts["installed"].as_u64() == u64::try_from(configurations).ok() {
            return Ok(());
        }
        if began.elapsed() > SYNC_LIMIT {
            bail!("not all configurations were installed after {} s: {counts}", SYNC_LIMIT.as_secs());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// How long each request took, the quickest first.
async fn list(browser: &Browser) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(REQUESTS);
    for number in 0..WARM_UP + REQUESTS {
        let began = Instant::now();
        let page = browser.get("/configurations").await?;
        let time = began.elapsed();
        if page.status != 200 || !page.body.contains(&name(0)) {
            return Err(page.unwished("show the list").into());
        }
        if number >= WARM_UP {
            times.push(time);
        }
    }
    times.sort();
    Ok(times)
}

/// What the page makes a browser load, as it goes over the wire: a line for each file, and all bytes.
async fn first_load(browser: &Browser) -> anyhow::Result<(String, usize)> {
    let page = browser.get("/configurations").await?.body;
    let script = |path: &&str| {
        let extension = std::path::Path::new(path).extension();
        extension.is_some_and(|extension| extension == "wasm" || extension == "js")
    };
    let paths: BTreeSet<&str> =
        page.split('"').filter(|part| part.starts_with("/pkg/")).filter(script).collect();
    let mut lines = String::new();
    let mut all = 0;
    for path in paths {
        let (bytes, encoding) =
            browser.transfer(path).await.context("scripts are built by `cargo leptos build --release`")?;
        let encoding = encoding.as_deref().unwrap_or("not compressed");
        let _ = writeln!(lines, "    {path}  {:.1} kB, {encoding}", kilobytes(bytes));
        all += bytes;
    }
    if all == 0 {
        bail!(
            "the page loads no script: build it with `cargo leptos build --release --frontend-only --split`"
        );
    }
    Ok((lines, all))
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files, for people")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
