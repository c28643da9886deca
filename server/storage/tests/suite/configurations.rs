//! Configurations: making, listing, changing, deleting.

use domain::access::{Place, Visible};
use domain::id::ConfigurationId;
use domain::page::{PAGE_SIZE, PageQuery};
use domain::reason::Reason;
use domain::service::ComplianceCounts;
use domain::status::{Compliance, MessageLevel};
use storage::{ConfigurationFilter, NamedConfiguration, StorageError, Taken};
use uuid::Uuid;

use crate::databases::{
    EVERYTHING, at, databases, failed, installed, names, new_cluster, somebody, spec, spec_with, told,
};

#[tokio::test]
async fn a_new_configuration_is_pending_and_due_at_once() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut events = database.storage.signals().events();
        let id = database.configuration(cluster, "cluster-config").await;
        assert_eq!(told(&mut events), [(id, 1)]);
        assert_eq!(database.due().await, [id]);
        let record = database.storage.configuration(id).await.unwrap().unwrap();
        assert_eq!(record.spec, spec("cluster-config"));
        assert_eq!((record.generation, record.observed_generation, record.spec_version), (1, 0, 1));
        assert_eq!(record.summary.state.compliance, Compliance::Pending);
        assert_eq!(record.summary.cluster_name, "one");
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_unit_that_was_not_committed() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut events = database.storage.signals().events();
        let mut unit = database.begin().await;
        unit.create_configuration(cluster, &spec("gone"), somebody()).await.unwrap().unwrap();
        drop(unit);
        assert_eq!(names(&database.list().await), [""; 0]);
        assert_eq!(told(&mut events), []);
    }
}

#[tokio::test]
async fn a_configuration_of_a_cluster_that_is_gone_is_not_made() {
    for database in databases().await {
        let mut unit = database.begin().await;
        let cluster = domain::id::ClusterId(Uuid::from_u128(5));
        assert_eq!(unit.create_configuration(cluster, &spec("a"), somebody()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_name_is_taken_on_its_own_cluster_only() {
    for database in databases().await {
        let (one, two) = (database.cluster("one").await, database.cluster("two").await);
        database.configuration(one, "config").await;
        database.configuration(two, "config").await;
        let other_operator = spec_with("config", |draft| draft.operator_namespace = "elsewhere".to_owned());
        let mut unit = database.begin().await;
        let error = unit.create_configuration(one, &other_operator, somebody()).await.unwrap_err();
        assert!(matches!(error, StorageError::Taken(Taken::ConfigurationName)), "{error}");
    }
}

#[tokio::test]
async fn a_taken_operator_is_named_even_when_the_cluster_is_connected_twice() {
    for database in databases().await {
        let (_, one) = database.group(1, "one").await;
        let (_, two) = database.group(1, "two").await;
        let first = database.cluster_in(one, "same").await;
        let again = database.cluster_in(two, "same").await;
        let holder = database.configuration(first, "holder").await;
        let spec = spec_with("other", |draft| {
            draft.operator_namespace = "holder".to_owned();
            draft.operator_instance_name = "holder".to_owned();
        });
        for cluster in [first, again] {
            let mut unit = database.begin().await;
            let error = unit.create_configuration(cluster, &spec, somebody()).await.unwrap_err();
            let StorageError::Taken(taken) = error else { panic!("{error}") };
            assert_eq!(taken, Taken::Operator { configuration: holder, name: "holder".to_owned() });
        }
    }
}

#[tokio::test]
async fn the_list_shows_failed_first_then_pending_then_names() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        for (name, record) in [
            ("d-installed", Some(installed(database.now()))),
            ("a-installed", Some(installed(database.now()))),
            ("z-failed", Some(failed(database.now()))),
            ("m-pending", None),
        ] {
            let id = database.configuration(cluster, name).await;
            if let Some(record) = record {
                let lease = database.lease(id).await;
                database.storage.record(&lease, &record).await.unwrap();
            }
        }
        let list = database.list().await;
        assert_eq!(names(&list), ["z-failed", "m-pending", "a-installed", "d-installed"]);
        assert_eq!(list.counts, ComplianceCounts { installed: 2, pending: 1, failed: 1 });
        assert_eq!(list.page.total, 4);
    }
}

#[tokio::test]
async fn a_text_finds_names_and_urls_in_any_case_and_takes_wildcards_literally() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        database.configuration(cluster, "team-a").await;
        database.configuration(cluster, "team-b").await;
        let mut unit = database.begin().await;
        let odd = spec_with("odd", |draft| draft.repository_url = "https://git.example.com/A_B".to_owned());
        unit.create_configuration(cluster, &odd, somebody()).await.unwrap();
        unit.commit().await.unwrap();
        for (text, expected) in [
            ("TEAM", vec!["team-a", "team-b"]),
            ("git.example.com/team-b", vec!["team-b"]),
            ("a_b", vec!["odd"]),
            ("%", vec![]),
            ("'", vec![]),
        ] {
            let list = database.list_with(EVERYTHING, None, text).await;
            assert_eq!(names(&list), expected, "{text}");
            assert_eq!(list.page.total as usize, expected.len(), "{text}");
            assert_eq!(list.counts.pending, 3, "the counts speak of everything");
        }
    }
}

#[tokio::test]
async fn a_list_shows_what_is_visible_and_nothing_else() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "mine").await;
        let (other_subscription, other_group) = database.group(2, "other").await;
        let mine = database.cluster_in(group, "mine").await;
        let other = database.cluster_in(other_group, "other").await;
        database.configuration(mine, "of-mine").await;
        database.configuration(other, "of-other").await;
        for (places, expected) in [
            (vec![], vec![]),
            (vec![Place::Subscription(subscription)], vec!["of-mine"]),
            (vec![at(other_subscription, other_group)], vec!["of-other"]),
            (vec![Place::Cluster(subscription, group, mine)], vec!["of-mine"]),
            (
                vec![Place::Cluster(subscription, group, mine), at(other_subscription, other_group)],
                vec!["of-mine", "of-other"],
            ),
        ] {
            let visible = Visible::Places(places);
            let list = database.list_with(visible.clone(), None, "").await;
            assert_eq!(names(&list), expected, "{visible:?}");
            assert_eq!(list.page.total as usize, expected.len(), "{visible:?}");
            assert_eq!(list.counts.pending as usize, expected.len(), "{visible:?}");
        }
        let list = database.list_with(EVERYTHING, Some(other), "").await;
        assert_eq!(names(&list), ["of-other"]);
    }
}

#[tokio::test]
async fn live_states_leave_out_what_is_gone_or_not_visible() {
    for database in databases().await {
        let (subscription, group) = database.group(1, "mine").await;
        let cluster = database.cluster_in(group, "mine").await;
        let id = database.configuration(cluster, "config").await;
        let ids = [id, ConfigurationId(Uuid::from_u128(9))];
        let states = database.storage.configuration_states(&EVERYTHING, &ids).await.unwrap();
        assert_eq!(states.iter().map(|state| state.id).collect::<Vec<_>>(), [id]);
        assert_eq!(states[0].place, Place::Cluster(subscription, group, cluster));
        let nothing = Visible::Places(Vec::new());
        assert_eq!(database.storage.configuration_states(&nothing, &ids).await.unwrap(), []);
        assert_eq!(database.storage.configuration_states(&EVERYTHING, &[]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_list_is_cut_into_pages() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        for number in 0..=PAGE_SIZE {
            database.configuration(cluster, &format!("config-{number:03}")).await;
        }
        let filter = ConfigurationFilter { visible: EVERYTHING, cluster: None };
        let second = PageQuery { page: 2, filter: String::new() };
        let list = database.storage.configurations(&filter, &second).await.unwrap();
        assert_eq!(names(&list), ["config-050"]);
        assert_eq!((list.page.total, list.page.pages()), (PAGE_SIZE + 1, 2));
    }
}

// S-F3
#[tokio::test]
async fn one_bad_row_is_shown_as_failed_and_the_others_as_they_are() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let bad = database.configuration(cluster, "bad").await;
        database.configuration(cluster, "good").await;
        for statement in [
            "UPDATE configuration_status SET counts = 'x' WHERE configuration_id = \
             (SELECT id FROM configurations WHERE name = 'bad')",
            "UPDATE configuration_status SET compliance = 'Splendid', counts = '{}' WHERE configuration_id = \
             (SELECT id FROM configurations WHERE name = 'bad')",
            "UPDATE configuration_status SET reason = '{\"code\":\"unheardOf\"}' WHERE configuration_id = \
             (SELECT id FROM configurations WHERE name = 'bad')",
        ] {
            database.tamper(statement).await;
            let list = database.list().await;
            let state = &list.page.items.iter().find(|row| row.name == "bad").unwrap().state;
            assert_eq!((state.compliance, state.level), (Compliance::Failed, MessageLevel::Error));
            assert_eq!(state.reason, Reason::Internal { id: bad.to_string() });
            assert_eq!(list.page.items.len(), 2, "{statement}");
        }
    }
}

// S-F3
#[tokio::test]
async fn an_unreadable_spec_is_told_as_such_and_can_still_be_replaced_and_deleted() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        database.tamper("UPDATE configurations SET spec = '{\"secret\":1}'").await;
        let error = database.storage.configuration(id).await.unwrap_err();
        assert!(matches!(error, StorageError::Unreadable { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(matches!(database.storage.work(id).await, Err(StorageError::Unreadable { .. })));
        let mut unit = database.begin().await;
        assert!(unit.replace_configuration(id, &spec("config"), 1, somebody()).await.unwrap());
        unit.commit().await.unwrap();
        assert!(database.storage.configuration(id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_replaced_spec_is_a_new_generation_pending_and_due() {
    for database in databases().await {
        let (id, lease) = database.running("config").await;
        database.storage.record(&lease, &failed(database.now())).await.unwrap();
        database.storage.release_lease(lease).await.unwrap();
        assert_eq!(database.due().await, []);
        let changed = spec_with("config", |draft| draft.operator_params = "--git-branch=main".to_owned());
        let mut unit = database.begin().await;
        assert!(unit.replace_configuration(id, &changed, 1, somebody()).await.unwrap());
        unit.commit().await.unwrap();
        let record = database.storage.configuration(id).await.unwrap().unwrap();
        assert_eq!((record.generation, record.spec_version), (2, 2));
        assert_eq!(record.summary.branch, "main");
        assert_eq!(record.summary.state.compliance, Compliance::Pending);
        assert_eq!(record.summary.state.revision, Some("a".repeat(40)), "what is applied stays applied");
        assert_eq!(database.due().await, [id]);
    }
}

#[tokio::test]
async fn a_spec_that_was_changed_meanwhile_is_stale() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        let mut unit = database.begin().await;
        unit.replace_configuration(id, &spec("config"), 1, somebody()).await.unwrap();
        unit.commit().await.unwrap();
        let mut unit = database.begin().await;
        let error = unit.replace_configuration(id, &spec("config"), 1, somebody()).await.unwrap_err();
        assert!(matches!(error, StorageError::Stale), "{error}");
    }
}

#[tokio::test]
async fn a_deleted_configuration_is_gone_at_once_and_its_name_is_free() {
    for database in databases().await {
        let (_, group) = database.group(1, "one").await;
        let mut unit = database.begin().await;
        let cluster = unit.create_cluster(&new_cluster(group, "one")).await.unwrap();
        unit.commit().await.unwrap();
        let id = database.configuration(cluster, "config").await;
        let mut events = database.storage.signals().events();
        let mut unit = database.begin().await;
        assert!(unit.delete_configuration(id, somebody()).await.unwrap());
        assert!(!unit.delete_configuration(id, somebody()).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(told(&mut events), [(id, 2)]);
        assert_eq!(names(&database.list().await), [""; 0]);
        assert_eq!(database.storage.configuration(id).await.unwrap(), None);
        assert_eq!(database.due().await, []);
        database.configuration(cluster, "config").await;
    }
}

#[tokio::test]
async fn a_configuration_is_found_by_name_in_any_case() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let id = database.configuration(cluster, "config").await;
        let find = |name: &'static str| database.storage.configuration_by_name(cluster, name);
        let named = NamedConfiguration { id, name: "config".to_owned(), spec_version: 1 };
        assert_eq!(find("Config").await.unwrap(), Some(named.clone()));
        database.tamper("UPDATE configurations SET spec = 'no json'").await;
        assert_eq!(find("CONFIG").await.unwrap(), Some(named), "also when its spec cannot be read");
        assert_eq!(find("other").await.unwrap(), None);
    }
}
