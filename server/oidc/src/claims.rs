//! What is read of the claims that passed the checks.

use serde_json::{Map, Value};

use crate::Fault;

/// Longest subject (OpenID Connect Core 2).
const SUBJECT_MAX: usize = 255;
/// More groups are a mistake of the provider's, or somebody who tries how much we take.
const GROUPS_MAX: usize = 2000;
/// Longest name of a group that a role can be given to.
const GROUP_MAX: usize = 256;

/// The subject, if it is one: never empty, for everything a person may do hangs on it.
pub(crate) fn subject(text: &str) -> Result<String, Fault> {
    let good = (1..=SUBJECT_MAX).contains(&text.len())
        && text.chars().all(|c| c.is_ascii() && !c.is_ascii_control());
    if good && !text.trim().is_empty() {
        Ok(text.to_owned())
    } else {
        Err(Fault::refused("the identity token has no subject of 1 to 255 printable ASCII characters"))
    }
}

/// A claim that is a text; `None` when it is missing or something else.
pub(crate) fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    claims.get(name)?.as_str().map(str::to_owned)
}

/// The groups: a list of texts, or no claim at all. Anything else is refused, for a wrong reading would be a right that
/// nobody gave. Names that no role can be given to are left out.
pub(crate) fn groups(claims: &Map<String, Value>, name: &str) -> Result<Vec<String>, Fault> {
    let wrong = || Fault::refused(format!("the claim {name} is no list of at most {GROUPS_MAX} texts"));
    let list = match claims.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= GROUPS_MAX => list,
        Some(_) => return Err(wrong()),
    };
    let mut groups = Vec::with_capacity(list.len());
    for group in list {
        let group = group.as_str().ok_or_else(wrong)?;
        let usable = !group.trim().is_empty()
            && group.chars().count() <= GROUP_MAX
            && !group.chars().any(char::is_control);
        if usable && !groups.iter().any(|known| known == group) {
            groups.push(group.to_owned());
        }
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Vec<String>, Fault> {
        groups(json!({ "groups": value }).as_object().unwrap(), "groups")
    }

    // S-H2
    #[test]
    fn s_h2_groups_are_a_list_of_texts_or_nothing() {
        assert_eq!(groups(&Map::new(), "groups"), Ok(Vec::new()));
        assert_eq!(read(&json!(["a", "b", "a", "", "x\ny"])), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(read(&json!(["x".repeat(257)])), Ok(Vec::new()));
        for wrong in [json!("admins"), json!({ "admins": true }), json!(7), json!(["a", 1]), json!([["a"]])] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
        assert!(read(&json!(vec!["a"; GROUPS_MAX + 1])).is_err());
    }

    // S-H2, S-H3
    #[test]
    fn s_h2_s_h3_a_subject_is_never_empty() {
        assert_eq!(subject("248289761001"), Ok("248289761001".to_owned()));
        for wrong in ["", " ", "a\n", "ä", &"a".repeat(256)] {
            assert!(subject(wrong).is_err(), "{wrong:?}");
        }
    }
}
