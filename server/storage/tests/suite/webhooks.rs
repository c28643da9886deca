//! Webhooks and what is known of them.

use domain::secret::SealedSecret;
use storage::{SecretOwner, WebhookRecord};

use crate::databases::{databases, somebody};

fn sealed() -> SealedSecret {
    SealedSecret {
        algorithm: "xchacha20poly1305".to_owned(),
        key_id: "k1".to_owned(),
        wrapped_key: vec![1],
        nonce: vec![2],
        ciphertext: vec![3],
        fingerprint: vec![4],
    }
}

#[tokio::test]
async fn a_webhook_made_anew_keeps_its_address_and_nothing_else() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let storage = &database.storage;
        assert_eq!(storage.webhook(id).await.unwrap(), None);
        let mut unit = database.begin().await;
        assert_eq!(unit.put_webhook(id, "one", somebody()).await.unwrap().as_deref(), Some("one"));
        unit.commit().await.unwrap();
        storage.webhook_taken(id).await.unwrap();
        storage.webhook_refused(id).await.unwrap();
        let now = database.now();
        let made = WebhookRecord {
            address: "one".to_owned(),
            made_at: now,
            taken_at: Some(now),
            refused_at: Some(now),
        };
        assert_eq!(storage.webhook(id).await.unwrap(), Some(made.clone()));

        let mut unit = database.begin().await;
        assert_eq!(unit.put_webhook(id, "two", somebody()).await.unwrap().as_deref(), Some("one"));
        unit.commit().await.unwrap();
        let anew = WebhookRecord { taken_at: None, refused_at: None, ..made };
        assert_eq!(storage.webhook(id).await.unwrap(), Some(anew));
        assert_eq!(storage.webhook_target("two").await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_address_leads_to_its_configuration_with_the_hint_that_waits() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        let mut unit = database.begin().await;
        unit.put_webhook(id, "one", somebody()).await.unwrap();
        unit.commit().await.unwrap();
        let target = database.storage.webhook_target("one").await.unwrap().unwrap();
        assert_eq!((target.configuration, target.suspended, target.hint_at), (id, false, None));
        let soon = database.now().plus_milliseconds(60_000);
        database.storage.hasten(&[id], soon).await.unwrap();
        let target = database.storage.webhook_target("one").await.unwrap().unwrap();
        assert_eq!(target.hint_at, Some(soon));
        database.finish(lease).await;
        assert_eq!(database.storage.webhook_target("ONE").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_webhook_goes_alone_or_with_its_configuration() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let mut unit = database.begin().await;
        unit.put_webhook(id, "one", somebody()).await.unwrap();
        assert!(unit.delete_webhook(id).await.unwrap());
        assert!(!unit.delete_webhook(id).await.unwrap());
        unit.put_webhook(id, "two", somebody()).await.unwrap();
        unit.delete_configuration(id, somebody()).await.unwrap();
        assert_eq!(unit.put_webhook(id, "three", somebody()).await.unwrap(), None);
        unit.commit().await.unwrap();
        assert_eq!(database.storage.webhook_target("two").await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_secret_of_a_webhook_is_no_credential_of_the_repository() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.finish(lease).await;
        let before = database.storage.repository_access(id).await.unwrap();
        let owner = SecretOwner::Configuration(id);
        let mut unit = database.begin().await;
        let context = unit.next_secret(owner, "webhookSecret").await.unwrap().unwrap();
        unit.put_secret(owner, &context, &sealed(), somebody()).await.unwrap();
        unit.commit().await.unwrap();
        assert!(database.storage.secret(owner, "webhookSecret").await.unwrap().is_some());
        assert_eq!(database.storage.repository_access(id).await.unwrap(), before);
    }
}
