//! Which fields of a live object an apply would change, for people: what the API server answers to a dry-run, beside
//! what it has.

use domain::object::ObjectKey;
use domain::service::FieldDifference;
use serde_json::Value;

/// Fields told of one object: more is a wall of text, and the rest is in the repository.
const FIELDS_MAX: usize = 100;
/// Characters told of one value.
const VALUE_MAX: usize = 500;
/// What stands in place of something secret, and in place of its new value.
const MASK: (&str, &str) = ("\"***\"", "\"*** (changed)\"");
/// What the API server writes by itself at every change.
const BOOKKEEPING: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];
/// Fields of a Secret that are nobody's secret; annotations are not among them, for tools copy whole objects there.
const PLAIN_IN_SECRETS: [&str; 4] = ["type", "immutable", "metadata.labels", "metadata.ownerReferences"];

/// An object as it is and as it would be.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// `None` when there is no such object.
    pub before: Option<Value>,
    /// What a forced apply would give.
    pub after: Value,
}

/// The fields that would change, by path; none for an object that would be new.
pub fn differences(key: &ObjectKey, comparison: &Comparison) -> Vec<FieldDifference> {
    let Some(before) = &comparison.before else { return Vec::new() };
    let mut walk = Walk { secret: key.group.is_empty() && key.kind == "Secret", found: Vec::new() };
    walk.compare(&mut Vec::new(), Some(before), Some(&comparison.after));
    walk.found
}

struct Walk {
    secret: bool,
    found: Vec<FieldDifference>,
}

impl Walk {
    fn compare(&mut self, path: &mut Vec<String>, before: Option<&Value>, after: Option<&Value>) {
        if before == after || is_bookkeeping(path) || self.found.len() >= FIELDS_MAX {
            return;
        }
        match (before, after) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                let added = new.keys().filter(|name| !old.contains_key(*name));
                for name in old.keys().chain(added) {
                    path.push(if path.is_empty() { name.clone() } else { member(name) });
                    self.compare(path, old.get(name), new.get(name));
                    path.pop();
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) => {
                for index in 0..old.len().max(new.len()) {
                    path.push(format!("[{index}]"));
                    self.compare(path, old.get(index), new.get(index));
                    path.pop();
                }
            }
            (before, after) => self.note(path, before, after),
        }
    }

    fn note(&mut self, path: &[String], before: Option<&Value>, after: Option<&Value>) {
        let path = path.concat();
        let plain = |field: &str| {
            path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let masked = self.secret && !PLAIN_IN_SECRETS.into_iter().any(plain);
        let told = |value: Option<&Value>, mask: &str| {
            value.map(|value| if masked { mask.to_owned() } else { bounded(&value.to_string()) })
        };
        let (mask, changed) = MASK;
        self.found.push(FieldDifference {
            before: told(before, mask),
            after: told(after, if before.is_some() { changed } else { mask }),
            path,
        });
    }
}

fn is_bookkeeping(path: &[String]) -> bool {
    match path {
        [first] => first == "status",
        [first, second] => {
            let name = second.trim_start_matches('.');
            first == "metadata" && BOOKKEEPING.contains(&name)
        }
        _ => false,
    }
}

/// `.name`, or `["name"]` where that would be read as more than one.
fn member(name: &str) -> String {
    let simple = !name.is_empty()
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character));
    if simple { format!(".{name}") } else { format!("[{}]", Value::from(name)) }
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, before: Value, after: Value) -> Vec<String> {
        let key = ObjectKey {
            group: String::new(),
            kind: kind.to_owned(),
            namespace: Some("team-a".to_owned()),
            name: "settings".to_owned(),
        };
        let found = differences(&key, &Comparison { before: Some(before), after });
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        found
            .into_iter()
            .map(|field| format!("{}: {} -> {}", field.path, text(field.before), text(field.after)))
            .collect()
    }

    #[test]
    fn fields_that_change_come_and_go_are_told_by_their_path() {
        let before = json!({
            "metadata": { "labels": { "a.b/c": "1" }, "resourceVersion": "1", "managedFields": [] },
            "data": { "key": "one", "old": "x" }, "list": [{ "image": "a:1" }], "status": { "x": 1 },
        });
        let after = json!({
            "metadata": { "labels": { "a.b/c": "2" }, "resourceVersion": "2", "managedFields": [1] },
            "data": { "key": "two", "new": 1 }, "list": [{ "image": "a:2" }, { "image": "b" }], "status": {},
        });
        assert_eq!(
            of("ConfigMap", before, after),
            [
                "data.key: \"one\" -> \"two\"",
                "data.old: \"x\" -> -",
                "data.new: - -> 1",
                "list[0].image: \"a:1\" -> \"a:2\"",
                "list[1]: - -> {\"image\":\"b\"}",
                "metadata.labels[\"a.b/c\"]: \"1\" -> \"2\"",
            ]
        );
    }

    #[test]
    fn values_of_a_secret_are_masked_wherever_they_stand() {
        let before = json!({
            "type": "Opaque", "data": { "key": "b25l", "gone": "eA==" },
            "metadata": { "labels": { "a": "1" }, "annotations": { "last-applied": "b25l" } },
        });
        let after = json!({
            "type": "Other", "data": { "key": "dHdv", "new": "eQ==" },
            "metadata": { "labels": { "a": "2" }, "annotations": { "last-applied": "dHdv" } },
        });
        assert_eq!(
            of("Secret", before, after),
            [
                "data.gone: \"***\" -> -",
                "data.key: \"***\" -> \"*** (changed)\"",
                "data.new: - -> \"***\"",
                "metadata.annotations.last-applied: \"***\" -> \"*** (changed)\"",
                "metadata.labels.a: \"1\" -> \"2\"",
                "type: \"Opaque\" -> \"Other\"",
            ]
        );
    }

    #[test]
    fn what_the_api_server_writes_by_itself_is_no_change() {
        let object = |version: &str| json!({ "metadata": { "resourceVersion": version, "generation": 1 } });
        assert!(of("ConfigMap", object("1"), object("2")).is_empty());
    }
}
