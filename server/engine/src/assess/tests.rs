use domain::object::ObjectKey;

use super::*;

fn change(name: &str, action: Action, reason: Option<ObjectReason>) -> Change {
    Change {
        object: key(name),
        action,
        place: format!("{name}.yaml:1"),
        detail: reason.as_ref().map(|_| format!("the API server says no to {name}")),
        reason,
    }
}

fn key(name: &str) -> ObjectKey {
    ObjectKey {
        group: String::new(),
        kind: "Secret".to_owned(),
        namespace: Some("n".to_owned()),
        name: name.to_owned(),
    }
}

fn left_out(name: &str, reason: ObjectReason) -> LeftOut {
    LeftOut { key: key(name), place: format!("{name}.yaml:1"), reason }
}

fn of(changes: &[Change], left_out: &[LeftOut]) -> Assessment {
    assess(&outcome(changes, left_out))
}

fn outcome<'sync>(changes: &'sync [Change], left_out: &'sync [LeftOut]) -> Outcome<'sync> {
    Outcome { changes, left_out, warnings: &[], prune_waits: 0, tag_not_pushed: None }
}

#[test]
fn without_any_error_a_configuration_is_installed() {
    let changes = [
        change("a", Action::Create, None),
        change("b", Action::Configure, None),
        change("c", Action::Unchanged, None),
        change("d", Action::Skip, Some(ObjectReason::Ignored)),
    ];
    let assessment = of(&changes, &[]);
    assert_eq!(
        assessment,
        Assessment {
            compliance: Compliance::Installed,
            level: MessageLevel::Information,
            reason: Reason::Installed,
            detail: None,
            counts: ObjectCounts {
                total: 4,
                created: 1,
                configured: 1,
                unchanged: 1,
                refused: 0,
                left_out: 1
            },
        }
    );
}

#[test]
fn one_refused_object_fails_the_configuration() {
    let changes =
        [change("a", Action::Create, None), change("b", Action::Create, Some(ObjectReason::Invalid))];
    let assessment = of(&changes, &[left_out("c", ObjectReason::UnknownKind)]);
    assert_eq!((assessment.compliance, assessment.level), (Compliance::Failed, MessageLevel::Error));
    assert_eq!(assessment.reason, Reason::ObjectsRefused { refused: 1, total: 3 });
    assert_eq!((assessment.counts.created, assessment.counts.left_out), (1, 1));
    insta::assert_snapshot!(assessment.detail.unwrap_or_default(), @r"
    b.yaml:1: Secret n/b: the API server says no to b
    c.yaml:1: Secret n/c: the cluster does not serve this kind
    ");
}

#[test]
fn an_object_of_another_configuration_is_an_error_of_its_own() {
    let reason = ObjectReason::ManagedByOther { configuration: None };
    assert_eq!(of(&[change("a", Action::Create, Some(reason))], &[]).compliance, Compliance::Failed);
}

#[test]
fn objects_left_out_are_a_warning() {
    let group = ObjectReason::GroupUnavailable { group: "example.com".to_owned() };
    let left_out = [left_out("b", ObjectReason::ClusterScoped), left_out("c", group)];
    let assessment = of(&[change("a", Action::Unchanged, None)], &left_out);
    assert_eq!((assessment.compliance, assessment.level), (Compliance::Installed, MessageLevel::Warning));
    assert_eq!(assessment.reason, Reason::ObjectsLeftOut { count: 2 });
}

#[test]
fn nothing_to_apply_is_said() {
    let assessment = of(&[], &[]);
    assert_eq!((assessment.compliance, assessment.level), (Compliance::Installed, MessageLevel::Warning));
    assert_eq!(assessment.reason, Reason::NothingToApply);
}

#[test]
fn warnings_stand_in_the_detail_and_change_nothing_else() {
    let warnings = [Warning::SubmoduleSkipped { path: "vendor".to_owned() }];
    let changes = [change("a", Action::Unchanged, None)];
    let assessment = assess(&Outcome { warnings: &warnings, ..outcome(&changes, &[]) });
    assert_eq!((assessment.level, assessment.reason), (MessageLevel::Information, Reason::Installed));
    assert_eq!(assessment.detail.as_deref(), Some("vendor: submodule, not read"));
}

#[test]
fn a_tag_that_could_not_be_pushed_is_a_warning_and_no_failure() {
    let changes = [change("a", Action::Unchanged, None)];
    let tag_not_pushed = Some(("prod", Some("the host said no")));
    let assessment = assess(&Outcome { tag_not_pushed, ..outcome(&changes, &[]) });
    assert_eq!((assessment.compliance, assessment.level), (Compliance::Installed, MessageLevel::Warning));
    assert_eq!(assessment.reason, Reason::SyncTagNotPushed { tag: "prod".to_owned() });
    assert_eq!(assessment.detail.as_deref(), Some("tag prod: the host said no"));
}

#[test]
fn a_refused_object_is_said_before_a_tag_that_could_not_be_pushed() {
    let changes = [change("a", Action::Create, Some(ObjectReason::Invalid))];
    let tag_not_pushed = Some(("prod", None));
    let assessment = assess(&Outcome { tag_not_pushed, ..outcome(&changes, &[]) });
    assert_eq!(assessment.reason, Reason::ObjectsRefused { refused: 1, total: 1 });
    assert!(assessment.detail.is_some_and(|detail| detail.ends_with("tag prod: the host did not take it")));
}

#[test]
fn a_deletion_that_waits_for_a_person_is_said_first() {
    let changes = [change("a", Action::Unchanged, None)];
    let waits = Outcome { prune_waits: 3, ..outcome(&changes, &[]) };
    let assessment = assess(&waits);
    assert_eq!((assessment.compliance, assessment.level), (Compliance::Installed, MessageLevel::Warning));
    assert_eq!(assessment.reason, Reason::PruneWaits { count: 3 });
}

#[test]
fn a_deleted_object_is_none_of_the_load_and_a_refused_deletion_fails() {
    let gone = [change("a", Action::Unchanged, None), change("b", Action::Delete, None)];
    let assessment = of(&gone, &[]);
    assert_eq!((assessment.reason, assessment.counts.total), (Reason::Installed, 1));
    let refused = [change("b", Action::Delete, Some(ObjectReason::AdmissionRefused))];
    assert_eq!(of(&refused, &[]).reason, Reason::ObjectsRefused { refused: 1, total: 1 });
}

#[test]
fn the_detail_is_bounded_in_lines_and_in_their_length() {
    let mut changes: Vec<_> = (0..9)
        .map(|number| change(&format!("s{number}"), Action::Create, Some(ObjectReason::Invalid)))
        .collect();
    changes[0].detail = Some("ü".repeat(5000));
    let detail = of(&changes, &[]).detail.unwrap_or_default();
    assert_eq!(detail.lines().count(), 6);
    assert!(detail.ends_with("and 4 more"), "{detail}");
    assert!(detail.lines().all(|line| line.chars().count() <= 301));
}
