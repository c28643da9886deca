//! The audit.

use domain::access::{Actor, Place, Via, Visible};
use storage::{AuditCheck, AuditEntry, AuditFilter, AuditOutcome, FieldChange};

use crate::databases::{all_entries, databases, somebody};

#[tokio::test]
async fn entries_come_back_newest_first_and_page_by_page() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "group").await;
        let actor = ada(false);
        let entry = AuditEntry {
            place: Some(Place::ResourceGroup(subscription, group)),
            via: Via { request_id: Some("r1".to_owned()), ..Via::default() },
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
        let newest = database.storage.audit_entries(&all_entries(None), 1).await.unwrap();
        assert_eq!(newest.iter().map(|record| &record.entry).collect::<Vec<_>>(), [&refused]);
        let older = database.storage.audit_entries(&all_entries(Some(newest[0].seq)), 10).await.unwrap();
        assert_eq!(older.iter().map(|record| &record.entry).collect::<Vec<_>>(), [&entry]);
        assert_eq!(older[0].at, database.now());
    }
}

#[tokio::test]
async fn entries_are_seen_by_those_who_see_their_place_and_by_whoever_did_it() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "group").await;
        let (other, _) = database.group(2, "other").await;
        let doer = database.user("doer").await;
        let actor = Actor { user: doer, ..ada(false) };
        let entry = |action: &str, place| AuditEntry {
            place,
            ..AuditEntry::done(&actor, action, "thing", "1".to_owned(), "50%_off")
        };
        let mut unit = database.begin().await;
        unit.audit(&entry("in.group", Some(Place::ResourceGroup(subscription, group)))).await.unwrap();
        unit.audit(&entry("in.other", Some(Place::Subscription(other)))).await.unwrap();
        unit.audit(&entry("nowhere", None)).await.unwrap();
        unit.commit().await.unwrap();
        let seen = async |visible, user, text: &str| {
            let filter =
                AuditFilter { visible, user: Some(user), text: text.to_owned(), ..all_entries(None) };
            let entries = database.storage.audit_entries(&filter, 10).await.unwrap();
            entries.into_iter().map(|record| record.entry.action).collect::<Vec<_>>()
        };
        let places = |place| Visible::Places(vec![place]);
        assert_eq!(seen(places(Place::Subscription(subscription)), somebody(), "").await, ["in.group"]);
        assert_eq!(
            seen(places(Place::ResourceGroup(subscription, group)), somebody(), "").await,
            ["in.group"]
        );
        assert_eq!(seen(Visible::Places(vec![]), somebody(), "").await, [""; 0]);
        assert_eq!(seen(Visible::Places(vec![]), doer, "").await, ["nowhere", "in.other", "in.group"]);
        let narrowed = AuditFilter { visible: Visible::Places(vec![]), user: None, ..all_entries(None) };
        assert!(database.storage.audit_entries(&narrowed, 10).await.unwrap().is_empty());
        assert_eq!(seen(Visible::Everything, somebody(), "OTHER").await, ["in.other"]);
        assert_eq!(seen(Visible::Everything, somebody(), "50%_").await.len(), 3);
        assert_eq!(seen(Visible::Everything, somebody(), "50_").await, [""; 0]);
    }
}

#[tokio::test]
async fn a_row_that_is_changed_removed_or_cut_off_shows() {
    for database in databases().await {
        for number in 1..=4 {
            // Every second one was made in a frame.
            let parent = (number % 2 == 0).then(|| "https://dashboard.example.com".to_owned());
            let entry = AuditEntry {
                via: Via { parent, ..Via::default() },
                ..AuditEntry::done(&ada(true), "a", "b", number.to_string(), "c")
            };
            let mut unit = database.begin().await;
            unit.audit(&entry).await.unwrap();
            unit.commit().await.unwrap();
        }
        let end = database.storage.audit_end().await.unwrap();
        assert_eq!(end.seq, 4);
        let whole = AuditCheck::Whole { end: end.clone() };
        assert_eq!(database.storage.check_audit(Some(&end)).await.unwrap(), whole);

        database.tamper("UPDATE audit SET target_name = 'another' WHERE seq = 3").await;
        assert_eq!(database.storage.check_audit(None).await.unwrap(), AuditCheck::Broken { seq: 3 });
        database.tamper("UPDATE audit SET target_name = 'c' WHERE seq = 3").await;
        database.tamper("UPDATE audit SET parent = NULL WHERE seq = 2").await;
        assert_eq!(database.storage.check_audit(None).await.unwrap(), AuditCheck::Broken { seq: 2 });
        database.tamper("UPDATE audit SET parent = 'https://dashboard.example.com' WHERE seq <= 2").await;
        assert_eq!(database.storage.check_audit(None).await.unwrap(), AuditCheck::Broken { seq: 1 });
        database.tamper("UPDATE audit SET parent = NULL WHERE seq = 1").await;
        assert_eq!(database.storage.check_audit(None).await.unwrap(), whole);
        database.tamper("DELETE FROM audit WHERE seq = 4").await;
        let cut = database.storage.audit_end().await.unwrap();
        assert_eq!(database.storage.check_audit(None).await.unwrap(), AuditCheck::Whole { end: cut.clone() });
        assert_eq!(database.storage.check_audit(Some(&end)).await.unwrap(), AuditCheck::Cut { end: cut });
        database.tamper("DELETE FROM audit WHERE seq = 2").await;
        assert_eq!(database.storage.check_audit(None).await.unwrap(), AuditCheck::Broken { seq: 3 });
    }
}

fn ada(administrator: bool) -> Actor {
    Actor {
        user: somebody(),
        name: "ada".to_owned(),
        administrator,
        grants: Vec::new(),
        limit: None,
        via: Via::default(),
    }
}

#[tokio::test]
async fn an_entry_happens_only_together_with_what_it_tells() {
    for database in databases().await {
        let actor = ada(true);
        let mut unit = database.begin().await;
        unit.audit(&AuditEntry::done(&actor, "a", "b", "c".to_owned(), "d")).await.unwrap();
        drop(unit);
        assert_eq!(database.storage.audit_entries(&all_entries(None), 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn entries_are_found_by_their_outcome_and_time() {
    for database in databases().await {
        let mut times = Vec::new();
        for (action, outcome) in
            [("first", AuditOutcome::Done), ("second", AuditOutcome::Refused), ("third", AuditOutcome::Done)]
        {
            let done = AuditEntry::done(&ada(false), action, "thing", "1".to_owned(), "x");
            let mut unit = database.begin().await;
            times.push(database.now());
            unit.audit(&AuditEntry { outcome, ..done }).await.unwrap();
            unit.commit().await.unwrap();
            database.pass(1000);
        }
        let found = async |filter: AuditFilter| {
            let entries = database.storage.audit_entries(&filter, 10).await.unwrap();
            entries.into_iter().map(|record| record.entry.action).collect::<Vec<_>>()
        };
        let all = || all_entries(None);
        assert_eq!(found(AuditFilter { refused: true, ..all() }).await, ["second"]);
        assert_eq!(found(AuditFilter { from: Some(times[1]), ..all() }).await, ["third", "second"]);
        assert_eq!(found(AuditFilter { until: Some(times[1]), ..all() }).await, ["first"]);
        let day = AuditFilter { from: Some(times[1]), until: Some(times[2]), ..all() };
        assert_eq!(found(day.clone()).await, ["second"]);
        assert_eq!(found(AuditFilter { refused: true, until: Some(times[1]), ..all() }).await, [""; 0]);
    }
}
