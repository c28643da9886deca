//! Waits until all configurations are in a state, by the portal's live stream: asking would be measured, too.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use testbed::{Browser, LiveStream};

/// Only a failure takes that long.
const LIMIT: Duration = Duration::from_mins(10);

/// The states that were heard last.
pub(super) struct Watcher<'a> {
    browser: &'a Browser,
    stream: LiveStream,
    states: BTreeMap<String, Value>,
}

impl<'a> Watcher<'a> {
    pub(super) async fn new(browser: &'a Browser) -> anyhow::Result<Self> {
        Ok(Self { browser, stream: browser.live().await?, states: BTreeMap::new() })
    }

    /// When the last of these many is so.
    pub(super) async fn until(&mut self, count: usize, holds: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let so = |states: &BTreeMap<String, Value>| states.values().filter(|state| holds(state)).count();
        let listen = async {
            while so(&self.states) < count {
                let (event, data) = self.stream.next().await?.context("the live stream has ended")?;
                match event.as_str() {
                    "configuration" => self.hear(&data),
                    "reload" => self.read_all().await?,
                    _ => {}
                }
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(LIMIT, listen).await {
            Ok(heard) => heard,
            Err(_) => bail!(
                "only {} of {count} configurations are as waited for after {} s; another: {}",
                so(&self.states),
                LIMIT.as_secs(),
                self.states.values().find(|state| !holds(state)).unwrap_or(&Value::Null)
            ),
        }
    }

    /// When each sync ended last, as the server writes it down, by id.
    pub(super) fn last_syncs(&self) -> BTreeMap<String, i64> {
        self.states.iter().map(|(id, state)| (id.clone(), last_sync(state))).collect()
    }

    fn hear(&mut self, state: &Value) {
        let id = state["id"].as_str().unwrap_or_default().to_owned();
        let newer =
            self.states.get(&id).is_none_or(|known| known["version"].as_i64() < state["version"].as_i64());
        if newer {
            self.states.insert(id, state.clone());
        }
    }

    async fn read_all(&mut self) -> anyhow::Result<()> {
        for page in 1.. {
            let list =
                self.browser.read("list_configurations", &[("query[page]", &page.to_string())]).await?;
            let rows = list["page"]["items"].as_array().cloned().unwrap_or_default();
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                self.hear(&row["state"]);
            }
        }
        Ok(())
    }
}

/// Installed, every object as its kind wants it, and nothing going on.
pub(super) fn settled(state: &Value) -> bool {
    state["compliance"] == "Installed" && state["health"] == "Healthy" && state["syncing"].is_null()
}

pub(super) fn last_sync(state: &Value) -> i64 {
    state["last_sync"]["at"].as_i64().unwrap_or_default()
}
