use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use domain::change::{Action, Change};
use domain::configuration::OperatorScope;
use domain::prune::PruneObject;
use domain::reason::ObjectReason;
use insta::assert_snapshot;

use super::*;
use crate::builtin::builtin_kinds;
use crate::marks;
use crate::port::cluster::{Kinds, Marked};
use crate::port::source::Tree;
use crate::resolve::resolve;
use crate::testing::MemoryTree;

const SET: &str = "set";

fn policy() -> ScopePolicy {
    ScopePolicy {
        scope: OperatorScope::Cluster,
        operator_namespace: "ops".to_owned(),
        operator_instance: "operator".to_owned(),
        default_namespace: None,
        allowed_namespaces: BTreeSet::new(),
        set_name: SET.to_owned(),
    }
}

fn proof_by(files: &[(&str, &str)], kinds: Kinds) -> Result<Proof, Doubt> {
    let tree = MemoryTree::new(files);
    let load = tree.load().expect("a load");
    let kinds = Arc::new(kinds);
    let resolved = resolve(&load, &kinds, &policy()).expect("an unambiguous load");
    let head = tree.revision().clone();
    Proof::of(&Reading {
        head: &head,
        tree: &tree,
        load: &load,
        resolved: &resolved,
        kinds: &kinds,
        set_name: SET,
    })
}

fn proof(files: &[(&str, &str)]) -> Proof {
    proof_by(files, builtin_kinds()).expect("a proof")
}

fn map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: a}}\n")
}

fn left(group: &str, kind: &str, name: &str) -> Leftover {
    let kinds = builtin_kinds();
    let served = kinds.served.get(&(group.to_owned(), kind.to_owned())).expect("a kind")[0].clone();
    let key = ObjectKey {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: served.namespaced.then(|| "a".to_owned()),
        name: name.to_owned(),
    };
    let mark = Some(marks::gc_mark(SET, &key.flux_id()));
    let entry = InventoryEntry {
        uid: format!("uid-{name}"),
        kind: served,
        manifest_hash: String::new(),
        own_fields: String::new(),
        checksum: String::new(),
        place: String::new(),
        mark,
        key,
    };
    Leftover { entry, left_behind: false }
}

fn maps(count: usize) -> Vec<Leftover> {
    (0..count).map(|number| left("", "ConfigMap", &format!("m{number:02}"))).collect()
}

fn asked(leftover: &[Leftover], n_inventory: usize) -> Question<'_> {
    Question { mode: Mode::On, leftover, n_inventory, rewritten: false, earlier: &[] }
}

/// What a proposal says, to be checked by eye.
fn shown(proposal: &Proposal) -> String {
    let mut text = String::new();
    for leftover in &proposal.delete {
        writeln!(text, "delete {}", leftover.entry.key).expect("a text");
    }
    for list in &proposal.lists {
        writeln!(text, "{:?} {:?}", list.cause, list.guards).expect("a text");
        for object in &list.objects {
            writeln!(text, "  {}", object.object).expect("a text");
        }
    }
    text
}

#[test]
fn what_left_git_goes_and_what_is_in_git_stays_whatever_its_group() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: a}\n";
    let proof = proof(&[("a.yaml", &map("kept")), ("b.yaml", ingress)]);
    let mut moved = left("networking.k8s.io", "Ingress", "web");
    moved.entry.key.group = "extensions".to_owned();
    let leftover = [left("", "ConfigMap", "gone"), left("", "ConfigMap", "kept"), moved];
    assert_snapshot!(shown(&propose(&proof, &asked(&leftover, 5))), @"delete ConfigMap a/gone");
}

#[test]
fn without_the_flag_nothing_goes_and_the_dry_run_only_tells() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let leftover = maps(2);
    let off = Question { mode: Mode::Off, ..asked(&leftover, 3) };
    assert_eq!(propose(&proof, &off), Proposal::default());
    let dry = Question { mode: Mode::Dry, ..asked(&leftover, 3) };
    assert_snapshot!(shown(&propose(&proof, &dry)), @r"
    Dry []
      ConfigMap a/m00
      ConfigMap a/m01
    ");
}

#[test]
fn more_than_ten_objects_and_more_than_three_tenths_wait() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    // (leaving, of how many, waits)
    for (leaving, total, waits) in
        [(10, 10, false), (11, 36, true), (11, 37, false), (12, 40, false), (13, 40, true), (1, 1, false)]
    {
        let leftover = maps(leaving);
        let proposal = propose(&proof, &asked(&leftover, total));
        assert_eq!(proposal.delete.is_empty(), waits, "{leaving} of {total}");
        assert_eq!(!proposal.lists.is_empty(), waits, "{leaving} of {total}");
    }
}

#[test]
fn an_empty_load_a_rewritten_branch_and_kinds_that_hold_others_wait() {
    let one = maps(1);
    assert_snapshot!(shown(&propose(&proof(&[]), &asked(&one, 50))), @r"
    Guard [NothingLeft]
      ConfigMap a/m00
    ");
    let some = proof(&[("a.yaml", &map("kept"))]);
    let rewritten = Question { rewritten: true, ..asked(&one, 50) };
    assert_snapshot!(shown(&propose(&some, &rewritten)), @r"
    Guard [Rewritten]
      ConfigMap a/m00
    ");
    for (group, kind) in [
        ("", "Namespace"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("", "PersistentVolume"),
        ("", "PersistentVolumeClaim"),
        ("apps", "StatefulSet"),
    ] {
        let leftover = [left(group, kind, "held"), left("", "ConfigMap", "beside")];
        let proposal = propose(&some, &asked(&leftover, 50));
        assert!(proposal.delete.is_empty(), "{kind} takes its neighbours along into the list");
        assert_eq!(proposal.lists[0].guards, [PruneGuard::Holds { kind: kind.to_owned(), instances: None }]);
        assert_eq!(proposal.lists[0].objects.len(), 2);
    }
}

fn earlier(list: &PruneList, confirmed: bool) -> EarlierList {
    EarlierList { list: list.clone(), confirmed }
}

#[test]
fn what_waited_once_goes_by_a_persons_word_alone() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let many = maps(12);
    let waiting = propose(&proof, &asked(&many, 20)).lists.remove(0);

    // Fewer are left, so that the guard itself would let them go.
    let unconfirmed = [earlier(&waiting, false)];
    let fewer = Question { earlier: &unconfirmed, ..asked(&many[..3], 50) };
    let proposal = propose(&proof, &fewer);
    assert!(proposal.delete.is_empty());
    assert_eq!(proposal.lists[0].guards, waiting.guards);

    let confirmed = [earlier(&waiting, true)];
    let all = propose(&proof, &Question { earlier: &confirmed, ..asked(&many, 20) });
    assert_eq!(all.delete.len(), 12);
    assert_eq!(all.lists, std::slice::from_ref(&waiting), "kept until all of it is gone");
    let rest = propose(&proof, &Question { earlier: &confirmed, ..asked(&many[9..], 20) });
    assert_eq!(rest.delete.len(), 3, "what is left of a confirmed list is confirmed");

    let more = maps(13);
    let other = propose(&proof, &Question { earlier: &confirmed, ..asked(&more, 20) });
    assert!(other.delete.is_empty(), "one object more is another list");

    let mut replaced = many.clone();
    replaced[0].entry.uid = "another".to_owned();
    let other = propose(&proof, &Question { earlier: &confirmed, ..asked(&replaced, 20) });
    assert!(other.delete.is_empty(), "another object of the name was never confirmed");
}

#[test]
fn what_an_earlier_source_left_behind_waits_beside_what_goes() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let mut leftover = maps(2);
    leftover[1].left_behind = true;
    let proposal = propose(&proof, &asked(&leftover, 3));
    assert_snapshot!(shown(&proposal), @r"
    delete ConfigMap a/m00
    LeftBehind []
      ConfigMap a/m01
    ");
    let confirmed = [earlier(&proposal.lists[0], true)];
    let proposal = propose(&proof, &Question { earlier: &confirmed, ..asked(&leftover, 3) });
    assert_eq!(proposal.delete.len(), 2);
}

#[test]
fn a_list_without_objects_that_are_left_is_dropped() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let mut leftover = maps(2);
    for left in &mut leftover {
        left.left_behind = true;
    }
    let lists = || propose(&proof, &asked(&leftover, 3));
    let gone = |names: &[usize]| names.iter().map(|number| leftover[*number].entry.key.clone()).collect();
    assert_eq!(lists().lists_without(&gone(&[0])).len(), 1);
    assert_eq!(lists().lists_without(&gone(&[0, 1])), []);
}

#[test]
fn the_hash_names_the_objects_and_their_uids_in_any_order() {
    let object = |name: &str, uid: &str| PruneObject {
        object: left("", "ConfigMap", name).entry.key,
        uid: uid.to_owned(),
    };
    let list = [object("a", "1"), object("b", "2")];
    let turned = [object("b", "2"), object("a", "1")];
    assert_eq!(list_hash(&list), list_hash(&turned));
    assert_ne!(list_hash(&list), list_hash(&[object("a", "1"), object("b", "3")]));
    assert_ne!(list_hash(&list), list_hash(&list[..1]));
}

#[test]
fn there_is_no_proof_without_a_complete_discovery() {
    let files = [("a.yaml", "apiVersion: example.com/v1\nkind: Menu\nmetadata: {name: lunch}\n")];
    assert!(matches!(proof_by(&files, builtin_kinds()), Err(Doubt::KindUnknown { .. })));
    assert_eq!(proof_by(&[], Kinds::default()).unwrap_err(), Doubt::NoKinds);
    let mut stale = builtin_kinds();
    stale.unavailable_groups.insert("metrics.k8s.io".to_owned());
    assert!(matches!(proof_by(&[], stale), Err(Doubt::GroupsUnavailable { .. })));
    let mut fewer = builtin_kinds();
    fewer.served.remove(&("apps".to_owned(), "Deployment".to_owned()));
    let deployments = left("apps", "Deployment", "web").entry.kind;
    assert_eq!(proof_by(&[], fewer).expect("a proof").served(&deployments), None);
}

#[test]
fn there_is_no_proof_when_another_commit_was_read() {
    let tree = MemoryTree::new(&[]);
    let load = tree.load().expect("a load");
    let kinds = Arc::new(builtin_kinds());
    let resolved = resolve(&load, &kinds, &policy()).expect("a load");
    let head = domain::repository::Revision::parse(&"b".repeat(40)).expect("a commit id");
    let reading =
        Reading { head: &head, tree: &tree, load: &load, resolved: &resolved, kinds: &kinds, set_name: SET };
    assert!(matches!(Proof::of(&reading), Err(Doubt::OtherCommit { .. })));
}

#[test]
fn there_is_no_warrant_when_something_was_not_applied() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let change = |action, reason| Change {
        object: left("", "ConfigMap", "x").entry.key,
        action,
        place: String::new(),
        reason,
        detail: None,
    };
    assert!(proof.warrant(&[change(Action::Create, None)]).is_ok());
    assert!(proof.warrant(&[change(Action::Skip, Some(ObjectReason::Ignored))]).is_ok());
    for change in [
        change(Action::Configure, Some(ObjectReason::Forbidden)),
        change(Action::Skip, Some(ObjectReason::EarlierStageFailed)),
    ] {
        assert_eq!(proof.warrant(&[change]).unwrap_err(), Doubt::NotApplied { refused: 1 });
    }
}

#[test]
fn the_live_object_decides_last() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let leftover = left("", "ConfigMap", "gone");
    let live = Marked {
        uid: "uid-gone".to_owned(),
        resource_version: "7".to_owned(),
        mark: leftover.entry.mark.clone(),
        kept: false,
        owned: false,
        terminating: false,
    };
    let judge = |live: Option<&Marked>| proof.judge(&leftover, &leftover.entry.kind, live);
    assert_eq!(judge(None), Fate::Gone);
    let Fate::Delete(victim) = judge(Some(&live)) else { panic!("it goes") };
    assert_eq!((victim.uid(), victim.resource_version()), ("uid-gone", "7"));
    let cases: BTreeMap<&str, (Marked, Fate)> = BTreeMap::from([
        ("S-M3", (Marked { uid: "another".to_owned(), ..live.clone() }, Fate::Keep(ObjectReason::Replaced))),
        ("S-M1 no mark", (Marked { mark: None, ..live.clone() }, Fate::Keep(ObjectReason::NotMarked))),
        (
            "S-M1 copied mark",
            (
                Marked { mark: Some(marks::gc_mark(SET, "a:configmap/other")), ..live.clone() },
                Fate::Keep(ObjectReason::NotMarked),
            ),
        ),
        ("annotation", (Marked { kept: true, ..live.clone() }, Fate::Keep(ObjectReason::Ignored))),
        ("owner", (Marked { owned: true, ..live.clone() }, Fate::Keep(ObjectReason::Owned))),
        ("going", (Marked { terminating: true, ..live.clone() }, Fate::Terminating)),
    ]);
    for (name, (live, fate)) in cases {
        assert_eq!(judge(Some(&live)), fate, "{name}");
    }
}

#[test]
fn an_object_of_an_earlier_source_must_have_the_mark_it_got_there() {
    let proof = proof(&[("a.yaml", &map("kept"))]);
    let mut leftover = left("", "ConfigMap", "behind");
    let earlier = marks::gc_mark("earlier set", &leftover.entry.key.flux_id());
    leftover.entry.mark = Some(earlier.clone());
    let live = |mark: &str| Marked {
        uid: "uid-behind".to_owned(),
        resource_version: "7".to_owned(),
        mark: Some(mark.to_owned()),
        kept: false,
        owned: false,
        terminating: false,
    };
    let judge = |leftover: &Leftover, mark: &str| {
        matches!(proof.judge(leftover, &leftover.entry.kind, Some(&live(mark))), Fate::Delete(_))
    };
    assert!(!judge(&leftover, &earlier), "unless it is known to be left behind");
    leftover.left_behind = true;
    assert!(judge(&leftover, &earlier));
    assert!(!judge(&leftover, &marks::gc_mark(SET, &leftover.entry.key.flux_id())));
}
