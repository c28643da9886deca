//! Secrets sealed by another key.

use std::collections::BTreeMap;

use domain::secret::{SealedSecret, SecretContext};
use storage::{SecretOwner, Storage};

use crate::databases::{databases, somebody};

fn sealed(key_id: &str, fingerprint: u8) -> SealedSecret {
    SealedSecret {
        algorithm: "xchacha20poly1305".to_owned(),
        key_id: key_id.to_owned(),
        wrapped_key: key_id.as_bytes().to_vec(),
        nonce: vec![3],
        ciphertext: vec![0, 255],
        fingerprint: vec![fingerprint],
    }
}

async fn put(storage: &Storage, owner: SecretOwner, field: &str, sealed: &SealedSecret) -> SecretContext {
    let mut unit = storage.begin().await.unwrap();
    let context = unit.next_secret(owner, field).await.unwrap().unwrap();
    unit.put_secret(owner, &context, sealed, somebody()).await.unwrap();
    unit.commit().await.unwrap();
    context
}

async fn reseal(
    storage: &Storage,
    owner: SecretOwner,
    context: &SecretContext,
    [before, after]: [&SealedSecret; 2],
) -> bool {
    let mut unit = storage.begin().await.unwrap();
    let resealed = unit.reseal_secret(owner, context, before, after).await.unwrap();
    unit.commit().await.unwrap();
    resealed
}

#[tokio::test]
async fn secrets_of_other_keys_are_found_page_by_page() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut contexts = Vec::new();
        for number in 0..5 {
            let id = database.configuration(cluster, &format!("config-{number}")).await;
            let owner = SecretOwner::Configuration(id);
            contexts.push(put(&database.storage, owner, "httpsKey", &sealed("old", 1)).await);
        }
        put(&database.storage, SecretOwner::Cluster(cluster), "kubeconfig", &sealed("new", 1)).await;
        let mut found = Vec::new();
        loop {
            let after = found.last().copied();
            let page = database.storage.secrets_not_sealed_by("new", after, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 2 && page.iter().all(|secret| secret.field == "httpsKey"));
            found.extend(page.into_iter().map(|secret| secret.id));
        }
        let mut wanted: Vec<_> = contexts.iter().map(|context| context.secret).collect();
        wanted.sort();
        assert_eq!(found, wanted);
        let by_key = database.begin().await.secrets_by_key().await.unwrap();
        assert_eq!(by_key, BTreeMap::from([("new".to_owned(), 1), ("old".to_owned(), 5)]));
    }
}

#[tokio::test]
async fn a_secret_is_resealed_in_its_place_and_keeps_its_version() {
    for database in databases().await {
        let cluster = SecretOwner::Cluster(database.cluster("one").await);
        let (old, new) = (sealed("old", 1), sealed("new", 2));
        let context = put(&database.storage, cluster, "kubeconfig", &old).await;
        assert!(reseal(&database.storage, cluster, &context, [&old, &new]).await);
        let (found, secret) = database.storage.secret(cluster, "kubeconfig").await.unwrap().unwrap();
        assert_eq!(found, context);
        assert!(secret == new);
    }
}

#[tokio::test]
async fn what_was_written_or_deleted_meanwhile_is_left_alone() {
    for database in databases().await {
        let cluster = SecretOwner::Cluster(database.cluster("one").await);
        let (old, written, late) = (sealed("old", 1), sealed("written", 2), sealed("late", 3));
        let context = put(&database.storage, cluster, "kubeconfig", &old).await;
        put(&database.storage, cluster, "kubeconfig", &written).await;
        assert!(!reseal(&database.storage, cluster, &context, [&old, &late]).await);
        let (_, secret) = database.storage.secret(cluster, "kubeconfig").await.unwrap().unwrap();
        assert!(secret == written);
        let mut unit = database.begin().await;
        unit.delete_secret(cluster, "kubeconfig").await.unwrap();
        unit.commit().await.unwrap();
        assert!(!reseal(&database.storage, cluster, &context, [&old, &late]).await);
        assert!(database.storage.secret(cluster, "kubeconfig").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_credential_that_its_host_has_taken_stays_taken() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let (taken, other) =
            (database.configuration(cluster, "taken").await, database.configuration(cluster, "other").await);
        for id in [taken, other] {
            let owner = SecretOwner::Configuration(id);
            put(&database.storage, owner, "httpsUser", &sealed("old", 1)).await;
            put(&database.storage, owner, "httpsKey", &sealed("old", 2)).await;
        }
        let access = database.storage.repository_access(taken).await.unwrap().unwrap();
        database.accept("taken", &access.identity).await;
        database.accept("other", "of a credential that it had before").await;
        for id in [taken, other] {
            let owner = SecretOwner::Configuration(id);
            for field in ["httpsUser", "httpsKey"] {
                let (context, before) = database.storage.secret(owner, field).await.unwrap().unwrap();
                let after = sealed("new", before.fingerprint[0] + 10);
                assert!(reseal(&database.storage, owner, &context, [&before, &after]).await);
            }
        }
        let now = database.storage.repository_access(taken).await.unwrap().unwrap();
        assert_ne!(now.identity, access.identity);
        assert!(now.accepted);
        assert!(!database.storage.repository_access(other).await.unwrap().unwrap().accepted);
    }
}
