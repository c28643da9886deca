//! Live changes: one stream per tab, that tells newer states of what is shown. A row or pane holds a signal by
//! id; the newer version wins. Once the stream stands, what is shown is fetched again.
//!
//! The stream is `GET /live`, server-sent events: `configuration` with a `ConfigurationState` and `cluster`
//! with a `ClusterRow` as JSON, `removed` with `{"id": …}`, `reload` when events were lost, and `ready` when it
//! begins to tell.

use std::collections::{HashMap, HashSet};

use domain::id::{ClusterId, ConfigurationId};
use domain::service::{ClusterRow, ConfigurationState};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
mod stream;
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

/// The live states of what is shown.
#[derive(Clone, Copy)]
pub struct Live {
    configurations: StoredValue<HashMap<ConfigurationId, ArcRwSignal<ConfigurationState>>>,
    clusters: StoredValue<HashMap<ClusterId, ArcRwSignal<ClusterRow>>>,
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
        let known = self.configurations.with_value(|all| all.get(&state.id).cloned());
        if let Some(signal) = known {
            take_newer(&signal, state, |state| state.version);
            return signal;
        }
        let signal = ArcRwSignal::new(state.clone());
        self.configurations.update_value(|all| drop(all.insert(state.id, signal.clone())));
        signal
    }

    /// The signal of a cluster that is now shown.
    pub fn cluster(self, row: &ClusterRow) -> ArcRwSignal<ClusterRow> {
        let known = self.clusters.with_value(|all| all.get(&row.id).cloned());
        if let Some(signal) = known {
            take_newer(&signal, row, |row| row.version);
            return signal;
        }
        let signal = ArcRwSignal::new(row.clone());
        self.clusters.update_value(|all| drop(all.insert(row.id, signal.clone())));
        signal
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
        match self.configurations.with_value(|all| all.get(&state.id).cloned()) {
            Some(signal) => take_newer(&signal, state, |state| state.version),
            None => self.news.update(|news| *news += 1),
        }
    }

    #[cfg(feature = "hydrate")]
    fn take_cluster(self, row: &ClusterRow) {
        match self.clusters.with_value(|all| all.get(&row.id).cloned()) {
            Some(signal) => take_newer(&signal, row, |row| row.version),
            None => self.news.update(|news| *news += 1),
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
            deleting: false,
        }
    }
}
