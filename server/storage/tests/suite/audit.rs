//! The audit.

use domain::access::{Actor, Place};
use storage::{AuditEntry, AuditOutcome, FieldChange};

use crate::databases::{databases, somebody};

#[tokio::test]
async fn entries_come_back_newest_first_and_page_by_page() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "group").await;
        let actor =
            Actor { user: somebody(), name: "ada".to_owned(), administrator: false, grants: Vec::new() };
        let entry = AuditEntry {
            place: Some(Place::ResourceGroup(subscription, group)),
            request_id: Some("r1".to_owned()),
            changes: vec![FieldChange {
                field: "repositoryUrl".to_owned(),
                before: None,
                after: Some("https://git.example.com/a".to_owned()),
            }],
            ..AuditEntry::done(&actor, "configuration.create", "configuration", "c1".to_owned(), "config")
        };
        let refused = AuditEntry { outcome: AuditOutcome::Refused, actor: None, ..entry.clone() };
        let mut unit = database.begin().await;
        unit.audit(&entry).await.unwrap();
        unit.audit(&refused).await.unwrap();
        unit.commit().await.unwrap();
        let newest = database.storage.audit_entries(None, 1).await.unwrap();
        assert_eq!(newest.iter().map(|record| &record.entry).collect::<Vec<_>>(), [&refused]);
        let older = database.storage.audit_entries(Some(newest[0].seq), 10).await.unwrap();
        assert_eq!(older.iter().map(|record| &record.entry).collect::<Vec<_>>(), [&entry]);
        assert_eq!(older[0].at, database.now());
    }
}

#[tokio::test]
async fn an_entry_happens_only_together_with_what_it_tells() {
    for database in databases().await {
        let actor = Actor { user: somebody(), name: "ada".to_owned(), administrator: true, grants: vec![] };
        let mut unit = database.begin().await;
        unit.audit(&AuditEntry::done(&actor, "a", "b", "c".to_owned(), "d")).await.unwrap();
        drop(unit);
        assert_eq!(database.storage.audit_entries(None, 10).await.unwrap(), []);
    }
}
