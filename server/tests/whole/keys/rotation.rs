//! `fairlead rotate-keys`

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::access::Visible;
use domain::clock::Timestamp;
use domain::id::ClusterDraftId;
use server::clock::SystemClock;
use storage::{AuditFilter, SecretOwner, Storage};
use testbed::{Portal, PortalOptions};
use vault::{KeyRing, Purpose, Vault};

use super::{Private, by_key, ids, settled, storage};
use crate::scene::Stage;

/// Secrets that a killed rotation is about, and as many as the rule states.
const SECRETS: usize = 2_000;
const SECRETS_STATED: usize = 10_000;
/// How many of them one owner has.
const SECRETS_OF_ONE: usize = 50;

/// At which parts of the whole it is killed: one in so many.
const PARTS: [usize; 3] = [8, 4, 2];

/// Commits that are synced while the keys are exchanged.
const COMMITS: usize = 3;

#[tokio::test]
async fn v4_keys_are_exchanged_beside_a_server_that_goes_on_syncing_and_the_old_one_can_go() {
    let mut stage = Stage::start(&[]).await;
    let private = Private::installed(&stage, "rotated").await;
    let (data, ring) = (stage.portal.data().to_owned(), stage.portal.data().join("keys"));
    let old = ids(&ring)[0].clone();
    let stored = by_key(&data).await[&old];

    let syncing = async {
        for number in 0..COMMITS {
            let commit = private.commit(&format!("during-{number}")).await;
            stage.browser.sync_now(&private.id).await.unwrap();
            let synced = |view: &testbed::ConfigurationView| settled(view, &commit);
            stage.browser.until(&private.id, "the commit is synced", synced).await.unwrap();
        }
    };
    let (said, ()) = tokio::join!(stage.portal.command(&["rotate-keys"], ""), syncing);
    let said = said.unwrap();
    let new = ids(&ring)[0].clone();
    assert_ne!(new, old);
    assert!(said.contains(&format!("Made the key {new}")), "{said}");
    assert!(said.contains(&format!("The key {old} seals 0 secrets")), "{said}");
    assert_eq!(by_key(&data).await, BTreeMap::from([(new.clone(), stored)]));

    // What the server seals from now on, it seals by the new key, though it was not started again.
    let renewed = private.fields.clone().with("https_user", "ada").with("https_key", super::TOKEN);
    stage.browser.replace_configuration(&private.id, &renewed).await.unwrap();
    assert_eq!(by_key(&data).await, BTreeMap::from([(new.clone(), stored)]));

    let said = stage.portal.command(&["rotate-keys", "--remove-unused"], "").await.unwrap();
    assert!(said.contains(&format!("Removed the key {old}")), "{said}");
    assert_eq!(ids(&ring), std::slice::from_ref(&new));
    let said = stage.portal.command(&["rotate-keys", "--remove-unused"], "").await.unwrap();
    assert!(said.contains("none was removed") && ids(&ring).len() == 1, "{said}");
    assert_synced(&stage, &private, "after").await;
    stage.portal.stop().await.unwrap();
    stage.portal.start_again().await.unwrap();
    assert_synced(&stage, &private, "started-again").await;
    assert!(!stage.portal.log().contains("cannot be read"), "{}", stage.portal.log());
    assert_recorded(&data, &old, &new).await;
}

#[tokio::test]
async fn v4_a_rotation_that_is_killed_goes_on_where_it_stopped_with_the_same_key() {
    let portal = Portal::without_data(&PortalOptions::default(), "nobody signs in").unwrap();
    let data = portal.data().to_owned();
    let secrets = testbed::count(SECRETS, SECRETS_STATED);
    let owners = seal_many(&data, secrets).await;
    let ring = data.join("keys");
    let old = ids(&ring)[0].clone();
    let all = u64::try_from(secrets).unwrap();
    for part in PARTS {
        let sealed_anew = until_sealed_anew(&data, &old, secrets / part);
        tokio::select! {
            ended = portal.command(&["rotate-keys"], "") => panic!("it ended before it was killed: {ended:?}"),
            () = sealed_anew => {}
        }
        assert_eq!(ids(&ring).len(), 2, "no second new key is made: {:?}", ids(&ring));
        let killed = by_key(&data).await;
        assert_eq!(
            (killed.len(), killed.values().sum::<u64>()),
            (2, all),
            "both keys are needed: {killed:?}"
        );
        assert_all_open(&data, &owners, secrets).await;
        let said = portal.command(&["rotate-keys", "--remove-unused"], "").await.unwrap();
        assert!(said.contains("none was removed"), "{said}");
    }
    let said = portal.command(&["rotate-keys"], "").await.unwrap();
    let new = ids(&ring)[0].clone();
    assert!(said.contains(&format!("goes on with the key {new}")), "{said}");
    assert!(said.contains(&format!("The key {old} seals 0 secrets")), "{said}");
    assert_eq!(by_key(&data).await, BTreeMap::from([(new.clone(), all)]));
    portal.command(&["rotate-keys", "--remove-unused"], "").await.unwrap();
    assert_eq!(ids(&ring), [new]);
    assert_all_open(&data, &owners, secrets).await;
}

#[tokio::test]
async fn a_secret_that_does_not_open_is_named_and_keeps_its_key_and_holds_nothing_up() {
    let portal = Portal::without_data(&PortalOptions::default(), "nobody signs in").unwrap();
    let data = portal.data().to_owned();
    let owners = seal_many(&data, SECRETS_OF_ONE).await;
    let ring = data.join("keys");
    let old = ids(&ring)[0].clone();
    // moved from one field to the other: sealed for neither place any more
    let storage = storage(&data).await;
    let (context, sealed) = storage.secret(owners[0], "field-0").await.unwrap().unwrap();
    let (_, other) = storage.secret(owners[0], "field-1").await.unwrap().unwrap();
    let mut unit = storage.begin().await.unwrap();
    assert!(unit.reseal_secret(owners[0], &context, &sealed, &other).await.unwrap());
    unit.commit().await.unwrap();
    let refused = portal.command(&["rotate-keys"], "").await.unwrap_err().to_string();
    assert!(refused.contains("field-0") && refused.contains("does not open"), "{refused}");
    let new = ids(&ring)[0].clone();
    let counts = BTreeMap::from([(new, u64::try_from(SECRETS_OF_ONE).unwrap() - 1), (old.clone(), 1)]);
    assert_eq!(by_key(&data).await, counts);
    portal.command(&["rotate-keys", "--remove-unused"], "").await.unwrap();
    assert!(ids(&ring).contains(&old), "a key that a row names is not taken out");
}

async fn assert_synced(stage: &Stage, private: &Private, value: &str) {
    let commit = private.commit(value).await;
    stage.browser.sync_now(&private.id).await.unwrap();
    let synced = |view: &testbed::ConfigurationView| settled(view, &commit);
    stage.browser.until(&private.id, "the commit is synced", synced).await.unwrap();
    assert_eq!(private.value(stage).await.as_deref(), Some(value));
}

/// One entry for each call, with ids alone.
async fn assert_recorded(data: &Path, old: &str, new: &str) {
    let filter = AuditFilter {
        visible: Visible::Everything,
        user: None,
        text: "keys.".to_owned(),
        refused: false,
        from: None,
        until: None,
        before: None,
    };
    let entries = storage(data).await.audit_entries(&filter, 100).await.unwrap();
    let of_keys = |action: &str| {
        let entries = entries.iter().map(|record| &record.entry).filter(|entry| entry.action == action);
        entries.map(|entry| entry.changes.clone()).collect::<Vec<_>>()
    };
    let [rotated] = &of_keys("keys.rotate")[..] else { panic!("not one entry: {entries:#?}") };
    assert_eq!((rotated[0].before.as_deref(), rotated[0].after.as_deref()), (Some(old), Some(new)));
    let [again, removed] = &of_keys("keys.remove")[..] else { panic!("not two entries: {entries:#?}") };
    assert!(again.is_empty());
    assert_eq!((removed[0].before.as_deref(), removed[0].after.as_deref()), (Some(old), None));
}

/// A data folder with so many secrets and a ring of one key. Each says its field.
async fn seal_many(data: &Path, secrets: usize) -> Vec<SecretOwner> {
    std::fs::create_dir_all(data).unwrap();
    let vault = Vault::new(KeyRing::load_or_create(&data.join("keys"), false).unwrap().ring);
    let storage = Storage::open(&Storage::location_in(data), Arc::new(SystemClock)).await.unwrap();
    let mut unit = storage.begin().await.unwrap();
    let user = unit.create_user("ada", false).await.unwrap();
    let mut owners = Vec::new();
    for _ in 0..secrets / SECRETS_OF_ONE {
        let draft: ClusterDraftId = unit.create_cluster_draft(user, &[], Timestamp(i64::MAX)).await.unwrap();
        let owner = SecretOwner::ClusterDraft(draft);
        for number in 0..SECRETS_OF_ONE {
            let field = format!("field-{number}");
            let context = unit.next_secret(owner, &field).await.unwrap().unwrap();
            let sealed = vault.seal(&context, field.as_bytes()).unwrap();
            unit.put_secret(owner, &context, &sealed, user).await.unwrap();
        }
        owners.push(owner);
    }
    unit.commit().await.unwrap();
    storage.close().await;
    owners
}

/// Both keys are needed until all is done, and are enough.
async fn assert_all_open(data: &Path, owners: &[SecretOwner], secrets: usize) {
    let vault = Vault::new(KeyRing::load(&data.join("keys")).unwrap());
    let storage = storage(data).await;
    let mut opened = 0;
    for owner in owners {
        for number in 0..SECRETS_OF_ONE {
            let field = format!("field-{number}");
            let (context, sealed) = storage.secret(*owner, &field).await.unwrap().unwrap();
            let value = vault.open(&context, &sealed, Purpose::Draft).unwrap();
            assert_eq!(*value, field.as_bytes());
            opened += 1;
        }
    }
    storage.close().await;
    assert_eq!(opened, secrets);
}

/// Waits until at least so many are not sealed by the old key any more.
async fn until_sealed_anew(data: &Path, old: &str, wanted: usize) {
    let (storage, limit) = (storage(data).await, u32::try_from(wanted).unwrap());
    while storage.secrets_not_sealed_by(old, None, limit).await.unwrap().len() < wanted {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    storage.close().await;
}
