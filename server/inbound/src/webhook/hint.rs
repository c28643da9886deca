//! What the body of a webhook says happened, as far as it is clear.

use serde_json::Value;
use url::form_urlencoded;

use super::repository;

/// What a configuration reads.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'configuration> {
    /// Its repository, as stored.
    pub repository: &'configuration str,
    /// Its branch.
    pub branch: &'configuration str,
}

/// What a body means for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something may have changed: the host is asked.
    Look,
    /// It names another repository, and not this one.
    OtherRepository,
    /// It names other branches or tags, and not this one.
    OtherBranch,
}

/// Reads a body whose sender is proved. Whatever cannot be read, also no JSON at all, is a hint: then the host is asked,
/// which is what happens without a webhook too.
pub fn hint(body: &[u8], watched: Watched<'_>) -> Hint {
    let Some(payload) = payload(body) else { return Hint::Look };
    if !repository::may_be(&repository::named(&payload), watched.repository) {
        return Hint::OtherRepository;
    }
    let own = format!("refs/heads/{}", watched.branch);
    let other = |reference: &String| reference.starts_with("refs/") && *reference != own;
    match references(&payload) {
        Some(references) if !references.is_empty() && references.iter().all(other) => Hint::OtherBranch,
        _ => Hint::Look,
    }
}

/// JSON, or the form that GitHub and Gitea wrap it into unless they are told otherwise.
fn payload(body: &[u8]) -> Option<Value> {
    if let Ok(payload) = serde_json::from_slice(body) {
        return Some(payload);
    }
    let (_, wrapped) = form_urlencoded::parse(body).find(|(name, _)| name == "payload")?;
    serde_json::from_str(&wrapped).ok()
}

/// What was pushed to, by full names. `None` where it is not said, or one of several cannot be read.
fn references(payload: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(reference) = payload.get("ref") {
        return text(reference).map(|reference| vec![reference]);
    }
    let list = |place: &str| payload.pointer(place).and_then(Value::as_array);
    if let Some(updates) = list("/resource/refUpdates") {
        return updates.iter().map(|update| text(update.get("name")?)).collect();
    }
    if let Some(changes) = list("/push/changes") {
        return changes.iter().map(bitbucket_reference).collect();
    }
    let changes = list("/changes")?;
    changes.iter().map(|change| text(change.pointer("/ref/id")?)).collect()
}

/// Bitbucket's cloud says what kind of name it is; of a branch that is gone only the old side is there.
fn bitbucket_reference(change: &Value) -> Option<String> {
    let side = ["new", "old"].iter().filter_map(|side| change.get(side)).find(|side| side.is_object())?;
    let name = side.get("name")?.as_str()?;
    match side.get("type")?.as_str()? {
        "branch" => Some(format!("refs/heads/{name}")),
        "tag" => Some(format!("refs/tags/{name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
