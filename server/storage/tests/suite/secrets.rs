//! Sealed secrets and the contexts they open in.

use domain::secret::{SealedSecret, SecretContext};
use storage::{SecretOwner, Storage};

use crate::databases::{databases, somebody};

fn sealed(key_id: &str) -> SealedSecret {
    SealedSecret {
        algorithm: "xchacha20poly1305".to_owned(),
        key_id: key_id.to_owned(),
        wrapped_key: vec![1, 2],
        nonce: vec![3],
        ciphertext: vec![0, 255],
        fingerprint: vec![4],
    }
}

async fn put(storage: &Storage, owner: SecretOwner, key_id: &str) -> SecretContext {
    let mut unit = storage.begin().await.unwrap();
    let context = unit.next_secret(owner, "kubeconfig").await.unwrap().unwrap();
    unit.put_secret(owner, &context, &sealed(key_id), somebody()).await.unwrap();
    unit.commit().await.unwrap();
    context
}

#[tokio::test]
async fn a_secret_comes_back_with_the_context_it_was_sealed_in() {
    for database in databases().await {
        let (_, group) = database.group(1, "group").await;
        let cluster = SecretOwner::Cluster(database.cluster_in(group, "one").await);
        let context = put(&database.storage, cluster, "k1").await;
        assert_eq!((context.tenant.clone(), context.version), (group.to_string(), 1));
        assert_eq!(context.installation, database.storage.installation());
        let (found, secret) = database.storage.secret(cluster, "kubeconfig").await.unwrap().unwrap();
        assert_eq!(found, context);
        assert!(secret == sealed("k1"));
        assert!(database.storage.secret(cluster, "other").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn each_write_is_a_new_version_in_place_of_the_last() {
    for database in databases().await {
        let cluster = SecretOwner::Cluster(database.cluster("one").await);
        let first = put(&database.storage, cluster, "k1").await;
        let second = put(&database.storage, cluster, "k2").await;
        assert_eq!(second.version, 2);
        assert_ne!(first.secret, second.secret);
        let (found, secret) = database.storage.secret(cluster, "kubeconfig").await.unwrap().unwrap();
        assert_eq!(found, second);
        assert_eq!(secret.key_id, "k2");
        assert_eq!(database.storage.key_ids_in_use().await.unwrap(), ["k2"]);
    }
}

#[tokio::test]
async fn a_row_put_back_or_moved_is_given_out_in_the_context_of_its_place() {
    for database in databases().await {
        let (_, group) = database.group(1, "group").await;
        let (_, other) = database.group(2, "other").await;
        let (one, two) = (database.cluster_in(group, "one").await, database.cluster_in(other, "two").await);
        let sealed_for = put(&database.storage, SecretOwner::Cluster(one), "k1").await;
        put(&database.storage, SecretOwner::Cluster(two), "k1").await;
        // the row of one, with all it says of itself, in the place of the row of two
        database
            .tamper(
                "DELETE FROM secrets WHERE owner_id = (SELECT id FROM clusters WHERE name = 'two'); \
                 UPDATE secrets SET owner_id = (SELECT id FROM clusters WHERE name = 'two'), version = 7;",
            )
            .await;
        let (context, _) =
            database.storage.secret(SecretOwner::Cluster(two), "kubeconfig").await.unwrap().unwrap();
        assert_eq!(context.tenant, other.to_string());
        assert_eq!(context.owner_id, two.to_string());
        assert_eq!(context.version, 1, "the owner's row tells the version");
        assert_ne!(context, sealed_for);
    }
}

#[tokio::test]
async fn secrets_go_with_their_owner() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        let user = database.user("ada").await;
        let mut unit = database.begin().await;
        let draft = unit.create_cluster_draft(user, &[], database.now()).await.unwrap();
        unit.commit().await.unwrap();
        put(&database.storage, SecretOwner::Configuration(id), "of-configuration").await;
        put(&database.storage, SecretOwner::ClusterDraft(draft), "of-draft").await;
        put(&database.storage, SecretOwner::Cluster(cluster), "of-cluster").await;
        let keys = || database.storage.key_ids_in_use();
        assert_eq!(keys().await.unwrap(), ["of-cluster", "of-configuration", "of-draft"]);
        database.storage.purge_cluster_drafts().await.unwrap();
        assert_eq!(keys().await.unwrap(), ["of-cluster", "of-configuration"]);
        let mut unit = database.begin().await;
        unit.delete_configuration(id, somebody()).await.unwrap();
        unit.delete_cluster(cluster).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(keys().await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn an_owner_that_is_gone_has_no_next_secret() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut unit = database.begin().await;
        unit.delete_cluster(cluster).await.unwrap();
        let owner = SecretOwner::Cluster(cluster);
        assert_eq!(unit.next_secret(owner, "kubeconfig").await.unwrap(), None);
    }
}
