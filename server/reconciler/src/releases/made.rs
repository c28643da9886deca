//! What a release has made: its objects as helm left them, whether somebody changed one, and whose it says they are.

use std::collections::{BTreeMap, BTreeSet};

use domain::object::ResourceKind;
use domain::release::{ReleaseKey, ReleaseState, ReleasedObject};
use engine::desired::{Desired, Rank};
use engine::difference::differences;
use engine::helm::manifest::{self, ManifestObject};
use engine::port::cluster::{KindLookup, Kinds, ObjectError, Observation};
use serde_json::Value;

use super::pass::Pass;

/// The annotation by which the Flux Helm operator knows whose an object is.
const ANTECEDENT: &str = "helm.fluxcd.io/antecedent";

/// The objects of a manifest with how their kinds are served; what the cluster does not serve is left out.
pub(super) fn objects(text: &str, namespace: &str, kinds: &Kinds) -> Vec<(ManifestObject, ResourceKind)> {
    let parsed = manifest::objects(text, namespace).unwrap_or_default();
    let served = parsed.into_iter().filter_map(|object| {
        match kinds.find(&object.key.group, &object.version, &object.key.kind) {
            KindLookup::Served(kind) => Some((of_scope(object, &kind), kind)),
            KindLookup::GroupUnavailable | KindLookup::Unknown => None,
        }
    });
    served.collect()
}

/// Objects without a namespace of their own kind get none.
fn of_scope(mut object: ManifestObject, kind: &ResourceKind) -> ManifestObject {
    if !kind.namespaced {
        object.key.namespace = None;
    }
    object
}

/// Marks the objects of a release as this `HelmRelease`'s and notes how helm left them. One list for each kind.
pub(super) async fn note(
    pass: &Pass,
    key: &ReleaseKey,
    objects: &[(ManifestObject, ResourceKind)],
) -> Result<Vec<ReleasedObject>, ObjectError> {
    let mut live = BTreeMap::new();
    for kind in objects.iter().map(|(_, kind)| kind).collect::<BTreeSet<_>>() {
        live.extend(pass.client.made(kind, pass.namespace()).await?);
    }
    let antecedent = key.antecedent();
    let mut noted = Vec::new();
    for (object, kind) in objects {
        // What went in this very moment is noted too, as something that is never seen so: the next look misses it.
        let made = live.get(&object.key);
        if made.is_some_and(|made| made.antecedent.as_deref() != Some(antecedent.as_str())) {
            pass.client.annotate(kind, &object.key, (ANTECEDENT, &antecedent)).await?;
        }
        let fields = made.map_or_else(String::new, |made| made.helm_fields.clone());
        noted.push(ReleasedObject { object: object.key.clone(), kind: kind.clone(), fields });
    }
    let kinds: BTreeSet<ResourceKind> = noted.iter().map(|object| object.kind.clone()).collect();
    pass.cluster.release_observer().watch(&kinds).await;
    Ok(noted)
}

/// Whose the objects of a release say they are, where that is another `HelmRelease`.
pub(super) async fn other_antecedent(
    pass: &Pass,
    key: &ReleaseKey,
    objects: &[(ManifestObject, ResourceKind)],
) -> Result<Option<String>, ObjectError> {
    let own = key.antecedent();
    for kind in objects.iter().map(|(_, kind)| kind).collect::<BTreeSet<_>>() {
        let live: BTreeMap<_, _> = pass.client.made(kind, pass.namespace()).await?.into_iter().collect();
        let others = objects.iter().filter_map(|(object, _)| live.get(&object.key)?.antecedent.clone());
        if let Some(other) = others.into_iter().find(|other| *other != own) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// Objects of a release that are not as helm left them, as far as watches see; where nothing watches, one list for
/// the kind tells.
pub(super) async fn changed(pass: &Pass, state: &ReleaseState) -> Result<bool, ObjectError> {
    let kinds: BTreeSet<ResourceKind> = state.objects.iter().map(|object| object.kind.clone()).collect();
    let observer = pass.cluster.release_observer();
    observer.watch(&kinds).await;
    let mut unwatched: BTreeMap<&ResourceKind, Vec<&ReleasedObject>> = BTreeMap::new();
    for object in &state.objects {
        match observer.observation(&object.object) {
            Observation::Present(seen) if seen.own_fields == object.fields => {}
            Observation::Present(_) | Observation::Absent => return Ok(true),
            Observation::Unwatched => unwatched.entry(&object.kind).or_default().push(object),
        }
    }
    for (kind, objects) in unwatched {
        let live: BTreeMap<_, _> = pass.client.made(kind, pass.namespace()).await?.into_iter().collect();
        let as_left = |object: &&ReleasedObject| {
            live.get(&object.object).is_some_and(|made| made.helm_fields == object.fields)
        };
        if !objects.iter().all(as_left) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an object is not what its manifest makes of it: a dry run on the server tells, of which nothing is written.
pub(super) async fn differs(
    pass: &Pass,
    objects: &[(ManifestObject, ResourceKind)],
) -> Result<bool, ObjectError> {
    for (object, kind) in objects {
        let wanted = Desired {
            key: object.key.clone(),
            kind: kind.clone(),
            manifest: in_namespace(object),
            manifest_hash: String::new(),
            checksum: String::new(),
            rank: Rank::Rest,
            place: String::new(),
        };
        let compared = pass.operator.compare(&wanted).await?;
        if compared.before.is_none() || !differences(&wanted.key, &compared).is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn in_namespace(object: &ManifestObject) -> Value {
    let mut manifest = object.manifest.clone();
    if let (Some(namespace), Some(Value::Object(metadata))) =
        (&object.key.namespace, manifest.get_mut("metadata"))
    {
        metadata.insert("namespace".to_owned(), Value::from(namespace.as_str()));
    }
    manifest
}
