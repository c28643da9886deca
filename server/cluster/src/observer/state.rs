//! What is known of our objects.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use domain::object::{ObjectKey, ResourceKind};
use engine::port::cluster::{Observation, Observed};
use tokio::sync::broadcast;

/// Changes that wait for a slow listener. Who falls further behind looks at everything again.
const CHANGES: usize = 4096;

/// A kind in whatever version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct KindKey {
    group: String,
    kind: String,
}

impl KindKey {
    pub(super) fn of(kind: &ResourceKind) -> Self {
        Self { group: kind.group.clone(), kind: kind.kind.clone() }
    }
}

/// An object of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name {
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

pub(super) struct State {
    kinds: RwLock<HashMap<KindKey, Known>>,
    changes: broadcast::Sender<ObjectKey>,
}

#[derive(Default)]
struct Known {
    /// Listed, and the watch has not been lost since.
    is_current: bool,
    objects: HashMap<Name, Observed>,
}

impl State {
    pub(super) fn new() -> Self {
        Self { kinds: RwLock::default(), changes: broadcast::channel(CHANGES).0 }
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<ObjectKey> {
        self.changes.subscribe()
    }

    pub(super) fn observation(&self, object: &ObjectKey) -> Observation {
        let ObjectKey { group, kind, namespace, name } = object;
        let kind = KindKey { group: group.clone(), kind: kind.clone() };
        let name = Name { namespace: namespace.clone(), name: name.clone() };
        let kinds = self.kinds.read().unwrap_or_else(PoisonError::into_inner);
        match kinds.get(&kind).filter(|known| known.is_current) {
            None => Observation::Unwatched,
            Some(known) => known
                .objects
                .get(&name)
                .map_or(Observation::Absent, |seen| Observation::Present(seen.clone())),
        }
    }

    /// All objects of a kind, from a list.
    pub(super) fn replace(&self, kind: &KindKey, objects: &HashMap<Name, Observed>) {
        let before = {
            let mut kinds = self.write();
            let known = kinds.entry(kind.clone()).or_default();
            known.is_current = true;
            std::mem::replace(&mut known.objects, objects.clone())
        };
        let changed =
            objects.iter().filter(|(name, seen)| before.get(name) != Some(seen)).map(|(name, _)| name);
        let gone = before.keys().filter(|name| !objects.contains_key(name));
        for name in changed.chain(gone) {
            self.tell(kind, name);
        }
    }

    /// One object, from a watch; `None` when it went.
    pub(super) fn set(&self, kind: &KindKey, name: &Name, seen: Option<Observed>) {
        let changed = {
            let mut kinds = self.write();
            let known = kinds.entry(kind.clone()).or_default();
            match seen {
                Some(seen) => known.objects.insert(name.clone(), seen.clone()) != Some(seen),
                None => known.objects.remove(name).is_some(),
            }
        };
        if changed {
            self.tell(kind, name);
        }
    }

    /// The watch of a kind goes on from where it was.
    pub(super) fn resumed(&self, kind: &KindKey) {
        self.write().entry(kind.clone()).or_default().is_current = true;
    }

    /// The watch of a kind is lost: what is known may be old.
    pub(super) fn lost(&self, kind: &KindKey) {
        self.write().entry(kind.clone()).or_default().is_current = false;
    }

    fn tell(&self, kind: &KindKey, name: &Name) {
        let KindKey { group, kind } = kind.clone();
        let Name { namespace, name } = name.clone();
        // Nobody listening is no fault.
        let _ = self.changes.send(ObjectKey { group, kind, namespace, name });
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<KindKey, Known>> {
        self.kinds.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::health::Health;

    use super::*;

    fn kind() -> KindKey {
        KindKey { group: String::new(), kind: "ConfigMap".to_owned() }
    }

    fn name(name: &str) -> Name {
        Name { namespace: Some("ns".to_owned()), name: name.to_owned() }
    }

    fn key(name: &str) -> ObjectKey {
        let (group, kind) = (String::new(), "ConfigMap".to_owned());
        ObjectKey { group, kind, namespace: Some("ns".to_owned()), name: name.to_owned() }
    }

    fn seen(own_fields: &str) -> Observed {
        let (uid, own_fields) = ("1".to_owned(), own_fields.to_owned());
        Observed { uid, own_fields, health: Health::Healthy, message: None }
    }

    fn told(changes: &mut broadcast::Receiver<ObjectKey>) -> Vec<String> {
        let mut names: Vec<_> = std::iter::from_fn(|| changes.try_recv().ok()).map(|key| key.name).collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_known_before_the_first_list_and_after_the_watch_is_lost() {
        let state = State::new();
        assert_eq!(state.observation(&key("a")), Observation::Unwatched);
        state.replace(&kind(), &HashMap::from([(name("a"), seen("x"))]));
        assert_eq!(state.observation(&key("a")), Observation::Present(seen("x")));
        assert_eq!(state.observation(&key("b")), Observation::Absent);
        state.lost(&kind());
        assert_eq!(state.observation(&key("a")), Observation::Unwatched);
        state.resumed(&kind());
        assert_eq!(state.observation(&key("a")), Observation::Present(seen("x")));
    }

    #[test]
    fn a_second_list_tells_what_appeared_changed_and_went_meanwhile() {
        let state = State::new();
        let first = [("same", "x"), ("changed", "x"), ("gone", "x")];
        state.replace(&kind(), &first.map(|(at, fields)| (name(at), seen(fields))).into());
        let mut changes = state.changes();
        let second = [("same", "x"), ("changed", "y"), ("new", "x")];
        state.replace(&kind(), &second.map(|(at, fields)| (name(at), seen(fields))).into());
        assert_eq!(told(&mut changes), ["changed", "gone", "new"]);
    }

    #[test]
    fn an_event_that_changes_nothing_of_ours_tells_nothing() {
        let state = State::new();
        let mut changes = state.changes();
        state.set(&kind(), &name("a"), Some(seen("x")));
        state.set(&kind(), &name("a"), Some(seen("x")));
        state.set(&kind(), &name("b"), None);
        assert_eq!(told(&mut changes), ["a"]);
    }
}
