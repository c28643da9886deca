//! From a load to wanted objects: which kind is served how, which namespace, who is left out, what is sent.

mod definitions;
mod prepare;
mod scope;

use std::collections::{BTreeSet, HashMap};

use domain::configuration::{ConfigurationSpec, OperatorScope};
use domain::object::{ObjectKey, ResourceKind};
use domain::reason::ObjectReason;

use self::definitions::Definitions;
use crate::desired::Desired;
use crate::load::{Load, LoadError, LoadedObject};
use crate::marks;
use crate::order;
use crate::port::cluster::{KindLookup, Kinds};
use crate::warning::Warning;

/// Namespace of objects without one, for an operator of the whole cluster.
pub const DEFAULT_NAMESPACE: &str = "default";

/// Where a configuration's objects may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopePolicy {
    /// The whole cluster or the operator's namespace.
    pub scope: OperatorScope,
    /// The operator's namespace.
    pub operator_namespace: String,
    /// Names the operator's own objects.
    pub operator_instance: String,
    /// `--k8s-default-namespace`; for cluster scope.
    pub default_namespace: Option<String>,
    /// `--k8s-allow-namespace`; empty for all.
    pub allowed_namespaces: BTreeSet<String>,
    /// [`crate::marks::set_name`]
    pub set_name: String,
}

impl ScopePolicy {
    /// What a configuration's spec allows, and the set that the marks of its objects name.
    pub fn of(spec: &ConfigurationSpec) -> Self {
        let flags = spec.operator_params.flags();
        Self {
            scope: spec.operator_scope,
            operator_namespace: spec.operator_namespace.to_string(),
            operator_instance: spec.operator_instance_name.to_string(),
            default_namespace: flags.default_namespace.as_ref().map(ToString::to_string),
            allowed_namespaces: flags.allowed_namespaces.iter().map(ToString::to_string).collect(),
            set_name: marks::set_name(&spec.repository_url.safe_url(), &flags.git_branch, &flags.git_paths),
        }
    }
}

/// What a load means in one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// In the order of application; those that Git asks to ignore are among them.
    pub desired: Vec<Desired>,
    /// Of them, those whose kind is known only from a CRD of this very load: the cluster serves it after stage 1.
    pub awaiting: BTreeSet<ObjectKey>,
    /// Not to be applied, in the order of the load.
    pub left_out: Vec<LeftOut>,
    /// What was changed on the way, after the load's own warnings.
    pub warnings: Vec<Warning>,
}

impl Resolved {
    /// The key of an object of the load as a cluster has it: with the namespace filled in or taken away.
    pub fn key_of(&self, object: &LoadedObject) -> Option<&ObjectKey> {
        let place = object.place();
        let wanted = self.desired.iter().map(|desired| (&desired.key, &desired.place));
        let keys = wanted.chain(self.left_out.iter().map(|left| (&left.key, &left.place)));
        let same = |key: &ObjectKey| {
            (key.group.as_str(), &key.kind, &key.name) == (object.group(), &object.kind, &object.name)
        };
        // Several items of a List may stand on one line.
        keys.into_iter().find(|(key, at)| **at == place && same(key)).map(|(key, _)| key)
    }
}

/// An object of the load that is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// With the namespace as written where nobody knows the kind's scope.
    pub key: ObjectKey,
    /// `file:line`
    pub place: String,
    /// Why.
    pub reason: ObjectReason,
}

/// Decides for every object of a load. May be asked again with fresher `kinds`, for instance after stage 1.
///
/// Two objects that become one by namespace defaulting are an error ([`LoadError::Duplicate`]; Flux v1 silently
/// keeps one of them).
pub fn resolve(load: &Load, kinds: &Kinds, policy: &ScopePolicy) -> Result<Resolved, LoadError> {
    let definitions = Definitions::of(load);
    let mut resolved = Resolved { warnings: load.warnings.clone(), ..Resolved::default() };
    let mut seen = HashMap::new();
    for object in &load.objects {
        let (kind, awaiting) = match definitions.find(object, kinds) {
            Ok(found) => found,
            Err(reason) => {
                let namespace = object.namespace.clone();
                resolved.left_out.push(LeftOut {
                    key: key(object, namespace),
                    place: object.place(),
                    reason,
                });
                continue;
            }
        };
        let key = key(object, scope::namespace(object, &kind, policy));
        if let (Some(first), second) = (seen.insert(key.flux_id(), object.place()), object.place()) {
            return Err(LoadError::Duplicate { id: key.flux_id(), first, second });
        }
        if let Some(reason) = scope::refusal(&key, policy) {
            resolved.left_out.push(LeftOut { key, place: object.place(), reason });
            continue;
        }
        if awaiting && policy.scope == OperatorScope::Namespace {
            // The definition itself is left out, so the kind will not come.
            let reason = ObjectReason::UnknownKind;
            resolved.left_out.push(LeftOut { key, place: object.place(), reason });
            continue;
        }
        if awaiting {
            resolved.awaiting.insert(key.clone());
        }
        resolved.warnings.extend(scope::warning(object, &kind));
        resolved.desired.push(prepare::desired(object, key, kind, &policy.set_name, &mut resolved.warnings));
    }
    order::sort(&mut resolved.desired);
    Ok(resolved)
}

fn key(object: &LoadedObject, namespace: Option<String>) -> ObjectKey {
    ObjectKey {
        group: object.group().to_owned(),
        kind: object.kind.clone(),
        namespace,
        name: object.name.clone(),
    }
}

impl Definitions {
    /// How an object's kind is served, and whether only from a CRD of the load.
    fn find(&self, object: &LoadedObject, kinds: &Kinds) -> Result<(ResourceKind, bool), ObjectReason> {
        let (group, version) = (object.group(), object.version());
        match kinds.find(group, version, &object.kind) {
            KindLookup::Served(kind) => Ok((kind, false)),
            unserved => match (self.get(group, version, &object.kind), unserved) {
                (Some(kind), _) => Ok((kind.clone(), true)),
                (None, KindLookup::GroupUnavailable) => {
                    Err(ObjectReason::GroupUnavailable { group: group.to_owned() })
                }
                (None, _) => Err(ObjectReason::UnknownKind),
            },
        }
    }
}

#[cfg(test)]
mod tests;
