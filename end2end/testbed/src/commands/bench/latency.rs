//! How soon a push arrives in the cluster, and a foreign change is put right.

use std::time::{Duration, Instant};

use anyhow::bail;
use http::Method;
use serde_json::{Value, json};
use testbed::{Browser, Cluster};

use super::objects;
use super::report::{milliseconds, percentile, print, say};
use super::sync::Scenario;

/// Enough for a 99th percentile that is more than one stray value's word to be told as "slowest".
const TIMES: usize = 20;

/// Between two looks at an object: finer than what is measured, coarse enough not to be the load.
const LOOK: Duration = Duration::from_millis(10);

/// Only a failure takes that long.
const LIMIT: Duration = Duration::from_mins(1);

/// The poll interval of the configuration that nobody pushes along, seconds.
const POLL_SECONDS: u32 = 5;

/// Prints the figures of one configuration among all.
pub(super) async fn measure(scenario: &Scenario, browser: &Browser) -> anyhow::Result<()> {
    let Scenario { cluster, repository, configurations, .. } = scenario;
    let number = configurations.len() / 3;
    let (id, place) = (&configurations[number], config_map(number));

    say("push to applied, with sync now");
    let mut pushed = Vec::new();
    for time in 0..TIMES {
        let greeting = format!("push-{time}");
        objects::commit(repository, &[number], &greeting).await?;
        let began = Instant::now();
        browser.sync_now(id).await?;
        pushed.push(until(cluster, &place, &greeting, began).await?);
    }

    say("push to applied, by poll");
    let fields = objects::fields(number, repository).with("git_poll_interval", &format!("{POLL_SECONDS}s"));
    browser.replace_configuration(id, &fields).await?;
    browser.until_installed(id).await?;
    let mut polled = Vec::new();
    for time in 0..TIMES {
        let greeting = format!("poll-{time}");
        objects::commit(repository, &[number], &greeting).await?;
        polled.push(until(cluster, &place, &greeting, Instant::now()).await?);
    }

    say("drift to restored");
    let wanted = format!("poll-{}", TIMES - 1);
    let mut restored = Vec::new();
    for time in 0..TIMES {
        let foreign = json!({ "data": { "greeting": format!("foreign-{time}") } });
        let began = Instant::now();
        cluster.ask(Method::PATCH, &place, Some(&foreign)).await?;
        restored.push(until(cluster, &place, &wanted, began).await?);
    }

    print(&format!(
        "  one of {} configurations, {TIMES} times each
    push to applied, sync now   {}
    push to applied, poll {POLL_SECONDS} s   {}
    drift to restored           {}",
        configurations.len(),
        figures(pushed),
        figures(polled),
        figures(restored),
    ));
    Ok(())
}

fn config_map(number: usize) -> String {
    format!("/api/v1/namespaces/{}/configmaps/app", objects::name(number))
}

async fn until(cluster: &Cluster, place: &str, greeting: &str, began: Instant) -> anyhow::Result<Duration> {
    loop {
        let object = cluster.object(place).await?.unwrap_or(Value::Null);
        if object["data"]["greeting"] == greeting {
            return Ok(began.elapsed());
        }
        if began.elapsed() > LIMIT {
            bail!("{place} is not {greeting:?} after {} s: {object}", LIMIT.as_secs());
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort();
    let of = |percent| milliseconds(percentile(&times, percent));
    format!("p50 {:.0} ms, p99 {:.0} ms", of(50), of(99))
}
