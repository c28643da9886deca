//! What configurations that never become healthy do to one that is.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::Browser;

use super::objects;
use super::report::{milliseconds, percentile, print, say};
use super::sync::{Scenario, add};
use super::watcher::{Watcher, settled};

const HEALTHY: usize = 117;
const BROKEN: usize = 11;

/// Syncs on each side of the comparison.
const TIMES: usize = 5;

/// Prints the figures.
pub(super) async fn measure() -> anyhow::Result<()> {
    let scenario = Scenario::start(HEALTHY + BROKEN).await?;
    let browser = scenario.portal.sign_in().await?;
    let cluster = browser.connect_cluster(&scenario.cluster.kubeconfig(), "default", "bench").await?;
    let mut watcher = Watcher::new(&browser).await?;
    say(format_args!("{HEALTHY} healthy configurations"));
    let healthy = add(&browser, &cluster, &scenario.repository, 0..HEALTHY).await?;
    watcher.until(HEALTHY, settled).await?;
    let idle = sync_times(&browser, &healthy).await?;

    say(format_args!("{BROKEN} configurations that never become healthy"));
    break_them(&scenario).await?;
    add(&browser, &cluster, &scenario.repository, HEALTHY..HEALTHY + BROKEN).await?;
    watcher.until(BROKEN, |state| state["health"] == "Progressing" && state["syncing"].is_null()).await?;
    let beside = sync_times(&browser, &healthy).await?;
    print(&format!(
        "
sync now of a healthy configuration, median of {TIMES}
  {HEALTHY} healthy ones alone            {:.0} ms
  beside {BROKEN} that never become healthy  {:.0} ms",
        milliseconds(percentile(&idle, 50)),
        milliseconds(percentile(&beside, 50)),
    ));
    Ok(())
}

/// Their pods fit on no node.
async fn break_them(scenario: &Scenario) -> anyhow::Result<()> {
    let mut manifests = objects::manifests("broken");
    for object in manifests.iter_mut().filter(|object| object["kind"] == "Deployment") {
        object["spec"]["replicas"] = json!(1);
        object["spec"]["template"]["spec"]["nodeSelector"] = json!({ "nowhere": "true" });
    }
    let documents = manifests.map(|object| object.to_string()).join("\n---\n");
    let mut change = scenario.repository.change();
    for number in HEALTHY..HEALTHY + BROKEN {
        change = change.write(&format!("apps/{}/app.yaml", objects::name(number)), documents.clone());
    }
    change.commit("Want pods where no node is").await?;
    Ok(())
}

/// From the wish to the end of the sync, sorted.
async fn sync_times(browser: &Browser, healthy: &[String]) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for configuration in &healthy[..TIMES] {
        let began = Instant::now();
        browser.sync(configuration).await?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times)
}
