//! Documents of a repository or of a generator: to objects, and to what they mean in a cluster.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::configuration::{ConfigurationDraft, ConfigurationSpec};
use domain::object::ResourceKind;
use domain::repository::Revision;
use engine::limits::Limits;
use engine::load::load_generated;
use engine::port::cluster::Kinds;
use engine::port::generate::{Generated, Generation};
use engine::port::source::{Tree, TreeEntry, TreeError};
use engine::resolve::{ScopePolicy, resolve};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let generated = vec![Generated { origin: "input.yaml".to_owned(), bytes: bytes.to_vec() }];
    let generation = Generation { scanned: None, generated };
    let Ok(load) = load_generated(&*NOTHING, &generation, &Limits::default()) else { return };
    for policy in POLICIES.iter() {
        let Ok(resolved) = resolve(&load, &KINDS, policy) else { continue };
        assert!(resolved.desired.len() + resolved.left_out.len() <= load.objects.len());
    }
});

/// What a cluster serves.
static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let kind = |group: &str, kind: &str, plural: &str, namespaced: bool| {
        let [group, kind, plural] = [group, kind, plural].map(str::to_owned);
        let key = (group.clone(), kind.clone());
        (key, vec![ResourceKind { group, version: "v1".to_owned(), kind, plural, namespaced }])
    };
    let served = BTreeMap::from([
        kind("", "Namespace", "namespaces", false),
        kind("", "ConfigMap", "configmaps", true),
        kind("", "Secret", "secrets", true),
        kind("apps", "Deployment", "deployments", true),
        kind("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", false),
    ]);
    Kinds { served, ..Kinds::default() }
});

/// Of both scopes.
static POLICIES: LazyLock<Vec<ScopePolicy>> =
    LazyLock::new(|| ["cluster", "namespace"].map(|scope| ScopePolicy::of(&spec(scope))).into());

fn spec(scope: &str) -> ConfigurationSpec {
    let draft = ConfigurationDraft {
        name: "fuzz".to_owned(),
        operator_instance_name: "fuzz".to_owned(),
        operator_namespace: "fuzz".to_owned(),
        operator_scope: scope.to_owned(),
        repository_url: "https://git.example.com/team/app.git".to_owned(),
        ..ConfigurationDraft::default()
    };
    draft.validate().expect("a valid draft")
}

/// A repository without files.
static NOTHING: LazyLock<Nothing> =
    LazyLock::new(|| Nothing(Revision::parse(&"0".repeat(40)).expect("a revision")));

struct Nothing(Revision);

impl Tree for Nothing {
    fn revision(&self) -> &Revision {
        &self.0
    }

    fn subject(&self) -> String {
        String::new()
    }

    fn list(&self, _folder: &str) -> Result<Option<Vec<TreeEntry>>, TreeError> {
        Ok(None)
    }

    fn entry(&self, _path: &str) -> Result<Option<TreeEntry>, TreeError> {
        Ok(None)
    }

    fn read(&self, _path: &str, _limit: u64) -> Result<Vec<u8>, TreeError> {
        Ok(Vec::new())
    }

    fn link_target(&self, _path: &str) -> Result<String, TreeError> {
        Ok(String::new())
    }
}
