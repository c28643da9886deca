//! Live changes: one stream per tab, that tells newer states of what is shown. A row or pane holds a signal by
//! id; the newer version wins. Once the stream stands, what is shown is fetched again.
//!
//! The stream is `GET /live`, server-sent events: `configuration` with a `ConfigurationState` and `cluster`
//! with a `ClusterRow` as JSON, `removed` with `{"id": …}`, `reload` when events were lost, and `ready` when it
//! begins to tell.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use domain::id::{ClusterId, ConfigurationId};
use domain::service::{ClusterRow, ConfigurationState};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

mod fresh;
#[cfg(feature = "hydrate")]
mod stream;

pub use fresh::keep_fresh;
#[cfg(feature = "hydrate")]
pub(crate) use stream::listen;

/// Path of the stream.
pub const PATH: &str = "/live";

/// Something that is no longer there: a configuration or a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Its id, as text.
    pub id: String,
}

/// What is shown of a kind of thing, and what was heard of others: a page that is just being fetched may bring an
/// older state than the stream told meanwhile.
type Known<Id, Thing> = StoredValue<HashMap<Id, Entry<Thing>>>;

struct Entry<Thing> {
    state: ArcRwSignal<Thing>,
    shown: bool,
}

/// The live states of what is shown.
#[derive(Clone, Copy)]
pub struct Live {
    configurations: Known<ConfigurationId, ConfigurationState>,
    clusters: Known<ClusterId, ClusterRow>,
    removed: RwSignal<HashSet<String>>,
    news: RwSignal<u32>,
    reloads: RwSignal<u32>,
}

impl Live {
    /// Puts one into the context of the application.
    pub fn provide() -> Self {
        let live = Self {
            configurations: StoredValue::default(),
            clusters: StoredValue::default(),
            removed: RwSignal::default(),
            news: RwSignal::new(0),
            reloads: RwSignal::new(0),
        };
        provide_context(live);
        live
    }

    /// The signal of a configuration that is now shown.
    pub fn configuration(self, state: &ConfigurationState) -> ArcRwSignal<ConfigurationState> {
        show(self.configurations, state.id, state, |state| state.version)
    }

    /// The signal of a cluster that is now shown.
    pub fn cluster(self, row: &ClusterRow) -> ArcRwSignal<ClusterRow> {
        show(self.clusters, row.id, row, |row| row.version)
    }

    /// Whether a thing was removed since it was shown.
    pub fn is_removed(self, id: &str) -> bool {
        self.removed.with(|removed| removed.contains(id))
    }

    /// Counts the events about things that are not shown: a list may have grown.
    pub fn news(self) -> ReadSignal<u32> {
        self.news.read_only()
    }

    /// Counts the times that everything has to be fetched again.
    pub fn reloads(self) -> u32 {
        self.reloads.get()
    }
}

#[cfg(any(feature = "hydrate", test))]
impl Live {
    fn take_configuration(self, state: &ConfigurationState) {
        self.hear(self.configurations, state.id, state, |state| state.version);
    }

    #[cfg(feature = "hydrate")]
    fn take_cluster(self, row: &ClusterRow) {
        self.hear(self.clusters, row.id, row, |row| row.version);
    }

    fn hear<Id: Eq + Hash + Send + Sync + 'static, Thing: Clone + Send + Sync + 'static>(
        self,
        known: Known<Id, Thing>,
        id: Id,
        told: &Thing,
        version: fn(&Thing) -> i64,
    ) {
        let shown = known.try_update_value(|all| {
            let entry = all
                .entry(id)
                .or_insert_with(|| Entry { state: ArcRwSignal::new(told.clone()), shown: false });
            take_newer(&entry.state, told, version);
            entry.shown
        });
        if shown == Some(false) {
            self.news.update(|news| *news += 1);
        }
    }

    #[cfg(feature = "hydrate")]
    fn take_removed(self, removed: Removed) {
        self.removed.update(|all| {
            all.insert(removed.id);
        });
    }

    #[cfg(feature = "hydrate")]
    fn reload(self) {
        self.reloads.update(|times| *times += 1);
    }
}

fn show<Id: Eq + Hash + Send + Sync + 'static, Thing: Clone + Send + Sync + 'static>(
    known: Known<Id, Thing>,
    id: Id,
    fetched: &Thing,
    version: fn(&Thing) -> i64,
) -> ArcRwSignal<Thing> {
    let signal = known.try_update_value(|all| {
        let entry =
            all.entry(id).or_insert_with(|| Entry { state: ArcRwSignal::new(fetched.clone()), shown: true });
        entry.shown = true;
        entry.state.clone()
    });
    let signal = signal.unwrap_or_else(|| ArcRwSignal::new(fetched.clone()));
    take_newer(&signal, fetched, version);
    signal
}

fn take_newer<Thing: Clone + Send + Sync + 'static>(
    signal: &ArcRwSignal<Thing>,
    newer: &Thing,
    version: fn(&Thing) -> i64,
) {
    if signal.with_untracked(version) < version(newer) {
        signal.set(newer.clone());
    }
}

#[cfg(test)]
mod tests {
    use domain::id::ConfigurationId;
    use domain::reason::Reason;
    use domain::status::{Compliance, MessageLevel, ObjectCounts};

    use super::*;

    #[test]
    fn the_newer_version_wins_whichever_comes_last() {
        Owner::new().with(|| {
            let live = Live::provide();
            let shown = live.configuration(&state(2, Compliance::Pending));
            live.take_configuration(&state(3, Compliance::Installed));
            live.take_configuration(&state(1, Compliance::Failed));
            assert_eq!(shown.get_untracked().compliance, Compliance::Installed);
            live.configuration(&state(2, Compliance::Pending));
            assert_eq!(shown.get_untracked().version, 3);
        });
    }

    #[test]
    fn an_event_about_something_not_shown_is_news() {
        Owner::new().with(|| {
            let live = Live::provide();
            live.take_configuration(&state(1, Compliance::Pending));
            assert_eq!(live.news.get_untracked(), 1);
        });
    }

    #[test]
    fn a_page_that_was_fetched_before_the_last_event_shows_the_event() {
        Owner::new().with(|| {
            let live = Live::provide();
            live.take_configuration(&state(3, Compliance::Installed));
            let shown = live.configuration(&state(2, Compliance::Pending));
            assert_eq!(shown.get_untracked().compliance, Compliance::Installed);
        });
    }

    fn state(version: i64, compliance: Compliance) -> ConfigurationState {
        ConfigurationState {
            id: "019359f0-0000-7000-8000-000000000001".parse::<ConfigurationId>().expect("an id"),
            version,
            compliance,
            level: MessageLevel::Information,
            reason: Reason::Installed,
            health: None,
            revision: None,
            last_sync: None,
            syncing: None,
            counts: ObjectCounts::default(),
            offline_since: None,
            suspended_since: None,
            put_off: None,
            deleting: false,
        }
    }
}
