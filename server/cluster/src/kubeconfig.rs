//! Kubeconfigs that people paste: read by a strict parser of our own that runs nothing and reads no file.
//!
//! Only what [`Credential`] holds is taken; every other way a kubeconfig can name its user or its cluster is refused
//! with the field that asked for it. A context with a refused field is shown, but cannot be chosen.

mod document;
mod entry;
pub(crate) mod material;
mod stored;

use domain::clock::Timestamp;
use domain::name::NamespaceName;
use domain::service::RefusedField;
use domain::violation::{Field, KubeconfigRefusal, Rule, Violations};
use serde_json::{Map, Value};

use self::document::Section;
use self::entry::{ClusterEntry, UserEntry};
use crate::Credential;

/// A kubeconfig with a few embedded certificates has some 10 KiB; a hundred contexts fit in this.
pub const KUBECONFIG_MAX_BYTES: usize = 256 * 1024;

/// More contexts are not something a person chooses from.
pub const CONTEXTS_MAX: usize = 100;

/// A kubeconfig as far as it can be used.
pub struct Kubeconfig {
    /// In the order of the file.
    pub contexts: Vec<Context>,
    /// The file's `current-context`, when there is such a context.
    pub current: Option<String>,
}

/// A context: one user at one cluster.
pub struct Context {
    /// Unique among those that can be chosen.
    pub name: String,
    /// Address of the API server.
    pub server: String,
    /// Name of the user entry.
    pub user: String,
    /// Where unqualified names are, as the file says.
    pub namespace: Option<String>,
    /// Why it cannot be chosen; empty when it can.
    pub refused: Vec<RefusedField>,
    /// Names that lead nowhere; each is in `refused` too.
    missing: Vec<Missing>,
    credential: Option<Credential>,
}

/// A name of a cluster or user that the file has no entry for.
struct Missing {
    field: String,
    name: String,
}

impl Kubeconfig {
    /// Reads a kubeconfig in YAML or JSON. A file of which no context can be chosen is refused as a whole, with every
    /// field that is in the way.
    pub fn parse(text: &str) -> Result<Self, Violations> {
        let kubeconfig = Self::read(text).map_err(|rule| violations([rule]))?;
        if kubeconfig.contexts.iter().any(Context::can_be_chosen) {
            return Ok(kubeconfig);
        }
        Err(violations(kubeconfig.contexts.iter().flat_map(Context::rules)))
    }

    /// The credential of one context and nothing of the others.
    pub fn choose(&self, context: &str) -> Result<Credential, Violations> {
        let chosen = self.contexts.iter().find(|candidate| candidate.name == context);
        match chosen {
            Some(Context { credential: Some(credential), refused, .. }) if refused.is_empty() => {
                Ok(credential.clone())
            }
            Some(chosen) => Err(violations(chosen.rules())),
            None => {
                let mut violations = Violations::default();
                let (field, name) = ("contexts".to_owned(), document::shown(context));
                violations.push(Field::KubeconfigContext, Rule::KubeconfigReferenceMissing { field, name });
                Err(violations)
            }
        }
    }

    /// Refuses the contexts whose certificate or token has expired by `now`.
    pub fn refuse_expired(&mut self, now: Timestamp) {
        for context in &mut self.contexts {
            let over = context.credential.as_ref().is_some_and(|credential| credential.is_expired(now));
            if over {
                let field = format!("users[{}].user", context.user);
                context.refused.push(RefusedField { field, reason: KubeconfigRefusal::Expired });
            }
        }
    }

    fn read(text: &str) -> Result<Self, Rule> {
        let root = document::read(text)?;
        let contexts = document::entries(&root, Section::Contexts)?;
        let clusters = document::entries(&root, Section::Clusters)?;
        let users = document::entries(&root, Section::Users)?;
        if contexts.is_empty() {
            return Err(Rule::KubeconfigFormat { detail: "it has no contexts".to_owned() });
        }
        let contexts: Vec<_> =
            contexts.iter().map(|entry| Context::read(entry, &contexts, &clusters, &users)).collect();
        let current = root.get("current-context").and_then(Value::as_str).map(document::shown);
        let current = current.filter(|name| contexts.iter().any(|context| context.name == *name));
        Ok(Self { contexts, current })
    }
}

impl Context {
    /// Whether nothing of it is refused.
    pub fn can_be_chosen(&self) -> bool {
        self.refused.is_empty() && self.credential.is_some()
    }

    fn read(
        entry: &document::Entry<'_>,
        contexts: &[document::Entry<'_>],
        clusters: &[document::Entry<'_>],
        users: &[document::Entry<'_>],
    ) -> Self {
        let mut faults = Faults::default();
        entry.check(contexts, &mut faults);
        let namespace = read_namespace(entry, &mut faults);
        let (user_name, user) = follow(entry, "user", users, &mut faults);
        let (_, cluster) = follow(entry, "cluster", clusters, &mut faults);
        for field in entry.body.keys() {
            if !["cluster", "user", "namespace", "extensions"].contains(&field.as_str()) {
                faults.refuse(entry.field(field), KubeconfigRefusal::Unknown);
            }
        }
        let cluster = cluster.map(|cluster| ClusterEntry::read(cluster, &mut faults)).unwrap_or_default();
        let user = user.and_then(|user| UserEntry::read(user, &mut faults));
        let server = cluster.shown.clone();
        let credential = user.and_then(|user| Credential::of_entries(cluster, user, namespace.clone()));
        let Faults { refused, missing } = faults;
        Self { name: entry.name.clone(), server, user: user_name, namespace, refused, missing, credential }
    }

    fn rules(&self) -> Vec<Rule> {
        let missing = |field: &str| self.missing.iter().find(|missing| missing.field == field);
        let rule = |RefusedField { field, reason }: &RefusedField| match missing(field) {
            Some(Missing { field, name }) => {
                Rule::KubeconfigReferenceMissing { field: field.clone(), name: name.clone() }
            }
            None => Rule::KubeconfigFieldRefused { field: field.clone(), reason: *reason },
        };
        self.refused.iter().map(rule).collect()
    }
}

/// What is wrong with one context, found while its parts are read.
#[derive(Default)]
struct Faults {
    refused: Vec<RefusedField>,
    missing: Vec<Missing>,
}

impl Faults {
    fn refuse(&mut self, field: String, reason: KubeconfigRefusal) {
        self.refused.push(RefusedField { field, reason });
    }

    fn miss(&mut self, field: String, name: String) {
        self.refuse(field.clone(), KubeconfigRefusal::BadData);
        self.missing.push(Missing { field, name });
    }
}

/// The entry that a context names, and its name.
fn follow<'a>(
    context: &document::Entry<'_>,
    field: &str,
    entries: &'a [document::Entry<'a>],
    faults: &mut Faults,
) -> (String, Option<&'a document::Entry<'a>>) {
    let name = document::text(context.body, field).map(document::shown).unwrap_or_default();
    let found = entries.iter().find(|entry| entry.name == name && !name.is_empty());
    match found {
        Some(entry) => entry.check(entries, faults),
        None => faults.miss(context.field(field), name.clone()),
    }
    (name, found)
}

fn read_namespace(context: &document::Entry<'_>, faults: &mut Faults) -> Option<String> {
    let namespace = context.body.get("namespace").filter(|value| !is_blank(value))?;
    let namespace = namespace.as_str().map(document::shown).unwrap_or_default();
    if NamespaceName::parse(&namespace).is_err() {
        faults.refuse(context.field("namespace"), KubeconfigRefusal::BadData);
    }
    Some(namespace)
}

/// Whether a field says nothing: tools write such fields, and they have no effect.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// The fields of an entry that say something.
fn given(body: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    body.iter().filter(|(_, value)| !is_blank(value)).map(|(field, value)| (field.as_str(), value))
}

fn violations(rules: impl IntoIterator<Item = Rule>) -> Violations {
    let mut violations = Violations::default();
    for rule in rules {
        violations.push(Field::Kubeconfig, rule);
    }
    violations
}

#[cfg(test)]
mod tests;
