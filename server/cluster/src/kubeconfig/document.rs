//! From text to the named entries of a kubeconfig, without looking into them.

use domain::violation::{KubeconfigRefusal, Rule};
use serde_json::{Map, Value};
use serde_saphyr::Error;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

use super::{CONTEXTS_MAX, Faults, KUBECONFIG_MAX_BYTES};

/// Deeper than any kubeconfig: a root, a list, an entry, its body, an extension with something in it.
const DEPTH_MAX: usize = 16;

/// Values, keys and containers: a hundred of each entry with every field, and some to spare.
const NODES_MAX: usize = 20_000;

/// Names are repeated on pages and in messages; longer ones are cut there.
const SHOWN_MAX: usize = 200;

/// The three lists of a kubeconfig.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Contexts,
    Clusters,
    Users,
}

impl Section {
    fn list(self) -> &'static str {
        match self {
            Self::Contexts => "contexts",
            Self::Clusters => "clusters",
            Self::Users => "users",
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::Contexts => "context",
            Self::Clusters => "cluster",
            Self::Users => "user",
        }
    }
}

/// A named entry of one of the lists.
pub(super) struct Entry<'a> {
    section: Section,
    pub(super) name: String,
    pub(super) body: &'a Map<String, Value>,
    /// Fields beside `name` and the body.
    unknown: Vec<String>,
}

impl Entry<'_> {
    /// How a field of the body is called in messages, for instance `users[ada].user.exec`.
    pub(super) fn field(&self, field: &str) -> String {
        format!("{}.{}", self.path(), shown(field))
    }

    /// How the body is called in messages, for instance `users[ada].user`.
    pub(super) fn path(&self) -> String {
        format!("{}[{}].{}", self.section.list(), self.name, self.section.body())
    }

    /// Refuses unknown fields beside the body, and a name that the list has twice.
    pub(super) fn check(&self, entries: &[Entry<'_>], faults: &mut Faults) {
        let entry = format!("{}[{}]", self.section.list(), self.name);
        for field in &self.unknown {
            faults.refuse(format!("{entry}.{field}"), KubeconfigRefusal::Unknown);
        }
        if entries.iter().filter(|other| other.name == self.name).count() > 1 {
            faults.refuse(entry, KubeconfigRefusal::Duplicate);
        }
    }
}

/// The root of the one document that the text must be.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, Rule> {
    if text.len() > KUBECONFIG_MAX_BYTES {
        return Err(Rule::KubeconfigTooLarge { max_bytes: KUBECONFIG_MAX_BYTES });
    }
    if text.starts_with('\u{feff}') || text.contains(['\0', '\u{fffe}', '\u{fffd}']) {
        return Err(format_rule("it is no plain UTF-8 text; save it as UTF-8 without a byte order mark"));
    }
    let root = match parse(text)? {
        Value::Object(root) => root,
        Value::Null => return Err(format_rule("it is empty")),
        _ => return Err(format_rule("it is no mapping with clusters, users and contexts")),
    };
    check_root(&root)?;
    Ok(root)
}

fn parse(text: &str) -> Result<Value, Rule> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: DEPTH_MAX,
            flow_nesting_limit: DEPTH_MAX,
            max_documents: 1,
            max_inclusion_depth: 0,
            max_nodes: NODES_MAX,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        let what = sentence(&error);
        format_rule(&if line > 0 { format!("line {line}: {what}") } else { what.to_owned() })
    })
}

/// What is wrong, in words that repeat nothing of the text: there are keys in it.
fn sentence(error: &Error) -> &'static str {
    match error {
        Error::WithSnippet { error, .. } => sentence(error),
        Error::DuplicateMappingKey { .. } => "a field is given twice",
        Error::MultipleDocuments { .. } => "a second document begins; one file is one document",
        Error::MergeKeyNotAllowed { .. } => "merge keys (<<) are not allowed",
        Error::UnknownAnchor { .. } | Error::AliasError { .. } => "anchors and aliases are not allowed",
        Error::Budget { breach, .. } => {
            use serde_saphyr::budget::BudgetBreach;
            match breach {
                BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. } => {
                    "anchors and aliases are not allowed"
                }
                BudgetBreach::Documents { .. } => "a second document begins; one file is one document",
                _ => "it is larger or deeper than a kubeconfig",
            }
        }
        _ => "it is neither YAML nor JSON",
    }
}

fn check_root(root: &Map<String, Value>) -> Result<(), Rule> {
    const KNOWN: [&str; 8] = [
        "apiVersion",
        "kind",
        "clusters",
        "users",
        "contexts",
        "current-context",
        "preferences",
        "extensions",
    ];
    if let Some(field) = root.keys().find(|field| !KNOWN.contains(&field.as_str())) {
        return Err(Rule::KubeconfigFieldRefused { field: shown(field), reason: KubeconfigRefusal::Unknown });
    }
    for (field, wanted) in [("apiVersion", "v1"), ("kind", "Config")] {
        if root.get(field).is_some_and(|value| !value.is_null() && value.as_str() != Some(wanted)) {
            return Err(format_rule(&format!("{field} must be {wanted}")));
        }
    }
    Ok(())
}

/// The entries of one list.
pub(super) fn entries(root: &Map<String, Value>, section: Section) -> Result<Vec<Entry<'_>>, Rule> {
    let list = section.list();
    let items = match root.get(list) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(format_rule(&format!("{list} must be a list"))),
    };
    if items.len() > CONTEXTS_MAX {
        return Err(format_rule(&format!(
            "{list} has more than {CONTEXTS_MAX} entries; keep the ones you need"
        )));
    }
    items.iter().enumerate().map(|(index, item)| entry(item, section, index)).collect()
}

fn entry(item: &Value, section: Section, index: usize) -> Result<Entry<'_>, Rule> {
    let wrong = |what: &str| format_rule(&format!("{}[{index}] {what}", section.list()));
    let item = item.as_object().ok_or_else(|| wrong("must be a mapping"))?;
    let name = text(item, "name").filter(|name| !name.is_empty()).ok_or_else(|| wrong("has no name"))?;
    let body = item.get(section.body()).and_then(Value::as_object);
    let body = body.ok_or_else(|| wrong(&format!("has no {}", section.body())))?;
    let unknown =
        item.keys().filter(|field| *field != "name" && *field != section.body()).map(|field| shown(field));
    Ok(Entry { section, name: shown(name), body, unknown: unknown.collect() })
}

/// A field that is text.
pub(super) fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    body.get(field).and_then(Value::as_str)
}

/// What of a name is repeated on pages and in messages.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(SHOWN_MAX).collect()
}

fn format_rule(detail: &str) -> Rule {
    Rule::KubeconfigFormat { detail: detail.to_owned() }
}
