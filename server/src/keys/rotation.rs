//! Rotation: a new active key, then every secret sealed by it, batch by batch, while a server may run.
//!
//! What is decided about the ring is decided within a transaction that has the write lock, and everybody seals within
//! one: so no secret is sealed by a key between its last row being counted and its line being taken out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use storage::{AuditEntry, AuditOutcome, FieldChange, Storage, StoredSecret, UnitOfWork};
use vault::{KeyRing, MissingKey, Vault};

/// Secrets in memory at once, and written in one transaction: short enough for a server that waits to write.
const BATCH: u32 = 100;

/// How a rotation begins.
#[derive(Debug, PartialEq, Eq)]
pub enum Begun {
    /// With a key of this id, made just now.
    Added(String),
    /// An earlier one did not end; it goes on with this key.
    GoesOn(String),
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Secrets sealed anew so far.
    pub done: u64,
    /// Of how many.
    pub all: u64,
}

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Secrets sealed anew.
    pub done: u64,
    /// Secrets that stay as they are, each with the reason.
    pub left: Vec<(StoredSecret, String)>,
    /// How many secrets each key seals now.
    pub by_key: BTreeMap<String, u64>,
}

/// Makes a key in the ring's file, unless an earlier rotation has to go on: every call ends with one key in use.
pub async fn begin(file: &Path, storage: &Storage) -> anyhow::Result<Begun> {
    let mut unit = storage.begin().await?;
    let ring = KeyRing::load(file)?;
    let by_key = unit.secrets_by_key().await?;
    if let Some(id) = by_key.keys().find(|id| !ring.has(id)) {
        return Err(MissingKey { id: id.clone() }.into());
    }
    let before = ring.active_id().to_owned();
    let begun = if by_key.keys().any(|id| *id != before) {
        Begun::GoesOn(before.clone())
    } else {
        Begun::Added(KeyRing::add_active(file)?)
    };
    let (Begun::Added(active) | Begun::GoesOn(active)) = &begun;
    let change = change("activeKey", Some(before), Some(active.clone()));
    unit.audit(&entry("keys.rotate", active, vec![change])).await?;
    unit.commit().await?;
    Ok(begun)
}

/// The same where the ring comes from a place that we cannot write to. `None` when there is nothing to go on with: every
/// secret is sealed by the active key.
pub async fn begin_elsewhere(vault: &Vault, storage: &Storage) -> anyhow::Result<Option<Begun>> {
    let active = vault.active_id();
    let mut unit = storage.begin().await?;
    let by_key = unit.secrets_by_key().await?;
    vault.check(by_key.keys())?;
    if by_key.keys().all(|id| *id == active) {
        return Ok(None);
    }
    let change = change("activeKey", Some(active.clone()), Some(active.clone()));
    unit.audit(&entry("keys.rotate", &active, vec![change])).await?;
    unit.commit().await?;
    Ok(Some(Begun::GoesOn(active)))
}

/// Seals by the active key what another one seals, until nothing is left: also what a server writes meanwhile.
pub async fn reseal_all(
    vault: &Vault,
    storage: &Storage,
    mut progress: impl FnMut(Progress),
) -> anyhow::Result<Outcome> {
    let mut done = 0;
    loop {
        let (before, mut after, mut left) = (done, None, Vec::new());
        let all = done + others(&by_key(storage).await?, &vault.active_id());
        loop {
            let batch = storage.secrets_not_sealed_by(&vault.active_id(), after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            done += reseal(vault, storage, batch, &mut left).await?;
            progress(Progress { done, all });
        }
        if done == before {
            return Ok(Outcome { done, left, by_key: by_key(storage).await? });
        }
    }
}

/// Takes the keys out of the ring's file that seal nothing, and gives their ids. Never the active one.
pub async fn remove_unused(file: &Path, storage: &Storage) -> anyhow::Result<BTreeSet<String>> {
    let mut unit = storage.begin().await?;
    let ring = KeyRing::load(file)?;
    let unused = unused(&ring, &unit.secrets_by_key().await?);
    if !unused.is_empty() {
        KeyRing::remove(file, &unused)?;
    }
    let changes = unused.iter().map(|id| change("key", Some(id.clone()), None)).collect();
    unit.audit(&entry("keys.remove", ring.active_id(), changes)).await?;
    unit.commit().await?;
    Ok(unused)
}

/// How many secrets each key seals.
pub async fn by_key(storage: &Storage) -> anyhow::Result<BTreeMap<String, u64>> {
    Ok(storage.begin().await?.secrets_by_key().await?)
}

fn unused(ring: &KeyRing, by_key: &BTreeMap<String, u64>) -> BTreeSet<String> {
    let unused = ring.ids().filter(|id| *id != ring.active_id() && !by_key.contains_key(*id));
    unused.map(str::to_owned).collect()
}

fn others(by_key: &BTreeMap<String, u64>, active: &str) -> u64 {
    by_key.iter().filter(|(id, _)| *id != active).map(|(_, count)| count).sum()
}

/// One batch; what does not open is remembered, for it must not keep the others from being done.
async fn reseal(
    vault: &Vault,
    storage: &Storage,
    batch: Vec<StoredSecret>,
    left: &mut Vec<(StoredSecret, String)>,
) -> anyhow::Result<u64> {
    let mut prepared = Vec::with_capacity(batch.len());
    for secret in batch {
        let Some((context, before)) = storage.secret(secret.owner, &secret.field).await? else {
            left.push((secret, "its owner does not know it".to_owned()));
            continue;
        };
        match vault.reseal(&context, &before) {
            Ok(Some(after)) => prepared.push((secret, context, before, after)),
            Ok(None) => {}
            Err(error) => left.push((secret, error.to_string())),
        }
    }
    let mut unit: UnitOfWork = storage.begin().await?;
    let mut done = 0;
    for (secret, context, before, after) in prepared {
        // what somebody wrote anew meanwhile is met again when another key sealed it
        done += u64::from(unit.reseal_secret(secret.owner, &context, &before, &after).await?);
    }
    unit.commit().await?;
    Ok(done)
}

fn change(field: &str, before: Option<String>, after: Option<String>) -> FieldChange {
    FieldChange { field: field.to_owned(), before, after }
}

/// Whoever can run the program beside its data may do everything already.
fn entry(action: &str, active: &str, changes: Vec<FieldChange>) -> AuditEntry {
    AuditEntry {
        actor: None,
        actor_name: "command line".to_owned(),
        action: action.to_owned(),
        target_kind: "keyRing".to_owned(),
        target_id: active.to_owned(),
        target_name: active.to_owned(),
        place: None,
        via: domain::access::Via::default(),
        outcome: AuditOutcome::Done,
        changes,
    }
}
