//! The cluster answers wrongly, or the server dies while it deletes: what must never be deleted, and that in the end
//! everything is as Git says.

mod groups;
mod unseen;

use std::time::Duration;

use http::{Method, StatusCode};
use testbed::{
    AuditEvent, Browser, Cluster, ConfigurationFields, ConfigurationView, FaultProxy, GitServer, Portal,
    PortalOptions, Repository, Rule,
};

use crate::scene::{Stage, eventually};

/// Requests of a sync that a fault meets, one after the other.
const FAULTS: usize = 10;
/// What the sweep is meant to stand: far more requests than a sync has, with every sort of fault.
const FAULTS_STATED: usize = 500;

/// Requests of a sync that deletes something, at most.
const REQUESTS: usize = 7;

/// How long a day-old wish is given to do harm: longer than the server waits between two looks for work.
const DAY_AFTER: Duration = Duration::from_secs(5);

fn n_faults() -> usize {
    testbed::count(FAULTS, FAULTS_STATED)
}

/// A configuration that collects garbage, on a portal of the test's own.
struct Subject {
    name: String,
    repository: Repository,
    fields: ConfigurationFields,
}

impl Subject {
    async fn new(git: &GitServer, prefix: &str) -> Self {
        let repository = git.repository("manifests").await.unwrap();
        let fields = ConfigurationFields::named_apart(prefix, repository.url()).unwrap();
        let fields = fields.with("sync_garbage_collection", "true");
        Self { name: fields.value("name").to_owned(), repository, fields }
    }

    fn map(&self, name: &str) -> String {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}-{name}\n", self.name)
    }

    async fn commit(&self, names: &[&str]) -> String {
        let mut change = self.repository.change().remove_all();
        for name in names {
            change = change.write(&format!("{name}.yaml"), self.map(name));
        }
        change.commit("Change").await.unwrap()
    }

    fn path(&self, name: &str) -> String {
        format!("/api/v1/namespaces/default/configmaps/{}-{name}", self.name)
    }

    /// Names of what was deleted of it.
    fn deleted(&self, events: &[AuditEvent]) -> Vec<String> {
        let ours = |event: &&AuditEvent| {
            event.verb.starts_with("delete")
                && event.resource == "configmaps"
                && event.name.as_deref().is_some_and(|name| name.starts_with(&self.name))
        };
        events.iter().filter(ours).filter_map(|event| event.name.clone()).collect()
    }
}

async fn portal() -> (Portal, Browser) {
    let environment = vec![("FAIRLEAD_CLUSTER_INTERVAL_SECONDS".to_owned(), "1".to_owned())];
    let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    (portal, browser)
}

async fn ended(browser: &Browser, id: &str, before: i64) -> ConfigurationView {
    browser.until(id, "a sync has ended", |view| view.is_quiet() && view.last_sync() > before).await.unwrap()
}

#[tokio::test]
async fn d1_d3_no_fault_of_any_request_deletes_what_is_in_git() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let (_portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Faulty").await.unwrap();
    let subject = Subject::new(git, "d1").await;
    subject.commit(&["a", "b", "c"]).await;
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    let mark = cluster.audit_mark().await.unwrap();

    let mut deletable = Vec::new();
    for number in 1..=n_faults() {
        let mut request = 1 + number % REQUESTS;
        let mut met = false;
        while !met {
            assert!(request > 0, "fault {number} met no request of a sync");
            // Every sync has something to delete, so that a fault meets looks and deletions too.
            let extra = format!("extra-{}", deletable.len());
            subject.commit(&["a", "b", "c", &extra]).await;
            browser.sync(&id).await.unwrap();
            browser.until_installed(&id).await.unwrap();
            subject.commit(&["a", "b", "c"]).await;
            deletable.push(format!("{}-{extra}", subject.name));
            // Each request meets each fault in time: their numbers have no divisor in common.
            let fault = match number % 4 {
                0 => Rule::answer(StatusCode::INTERNAL_SERVER_ERROR),
                1 => Rule::answer(StatusCode::OK),
                2 => Rule::answer(StatusCode::FORBIDDEN),
                _ => Rule::cut_afterwards(),
            };
            let unwatched = |request: &testbed::ProxiedRequest| !request.path.contains("watch=true");
            let rule = proxy.add(fault.when(unwatched).nth(request));
            let before = browser.configuration(&id).await.unwrap().last_sync();
            browser.sync_now(&id).await.unwrap();
            // A cluster that does not answer is no end of a sync: the next one is.
            let came = |view: &ConfigurationView| {
                view.is_quiet() && (proxy.hits(rule) > 0 || view.last_sync() > before)
            };
            browser.until(&id, "the fault was met, or a sync has ended", came).await.unwrap();
            met = proxy.hits(rule) > 0;
            proxy.remove(rule);
            browser.sync_now(&id).await.unwrap();
            ended(&browser, &id, before).await;
            // A sync that knows much by its watches has fewer requests: the fault meets an earlier one.
            request -= 1;
        }
    }
    let installed = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    browser.until(&id, "everything is as Git says", installed).await.unwrap();

    let deleted = subject.deleted(&cluster.audit(mark).await.unwrap());
    assert!(deleted.iter().all(|name| deletable.contains(name)), "{deleted:?} of {deletable:?}");
    for name in ["a", "b", "c"] {
        assert!(cluster.object(&subject.path(name)).await.unwrap().is_some(), "{name} is gone");
    }
    for name in &deletable {
        let path = format!("/api/v1/namespaces/default/configmaps/{name}");
        eventually(&format!("{name} is gone"), || async {
            if cluster.object(&path).await.unwrap().is_none() {
                return true;
            }
            browser.sync(&id).await.unwrap();
            false
        })
        .await;
    }
}

/// Reads of a sync that a fault meets in the second sweep, one after the other; each that is held costs a client's patience.
const READS: usize = 3;
/// What that is meant to stand.
const READS_STATED: usize = 30;

/// As an API server answers where there is nothing: well-formed, with status 200.
const NOTHING: &str = r#"{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":"1"},"items":[]}"#;

/// How long an answer is held in all rounds but the last, which goes on until the clients' own patience ends.
const HELD: Duration = Duration::from_secs(1);

fn reads(request: &testbed::ProxiedRequest) -> bool {
    request.method == Method::GET
}

/// Those of a sync: looks at the cluster are the portal's own.
fn reads_of_a_sync(request: &testbed::ProxiedRequest) -> bool {
    reads(request) && request.impersonated_user.is_some()
}

fn watches(request: &testbed::ProxiedRequest) -> bool {
    request.path.contains("watch=true")
}

#[tokio::test]
async fn d1_d3_no_answer_that_is_held_and_no_empty_list_deletes_what_is_in_git() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let (_portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Slow").await.unwrap();
    let subject = Subject::new(git, "d3").await;
    let names = ["a", "b", "c"];
    subject.commit(&names).await;
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    let mark = cluster.audit_mark().await.unwrap();

    let empty = || Rule::answer(StatusCode::OK).body("application/json", NOTHING);
    let mut rounds: Vec<Vec<Rule>> = Vec::new();
    for number in 1..=testbed::count(READS, READS_STATED) {
        rounds.push(vec![Rule::hang().when(reads_of_a_sync).nth(number)]);
        rounds.push(vec![empty().when(reads_of_a_sync).nth(number)]);
        rounds.push(vec![Rule::hang().when(watches).nth(number)]);
    }
    // Everything that watched has to list anew, and every list is empty, or comes to no end.
    let forget = || Rule::answer(StatusCode::GONE).when(watches);
    rounds.push(vec![forget(), empty().when(reads)]);
    rounds.push(vec![forget(), Rule::hang().when(reads)]);
    let (n_rounds, mut met) = (rounds.len(), 0);
    for (number, rules) in rounds.into_iter().enumerate() {
        // There is always something that may go, so that what is looked for is no matter of course.
        let extra = format!("extra-{number}");
        subject.commit(&["a", "b", "c", &extra]).await;
        browser.sync(&id).await.unwrap();
        browser.until_installed(&id).await.unwrap();
        subject.commit(&names).await;
        let rules: Vec<_> = rules.into_iter().map(|rule| proxy.add(rule)).collect();
        proxy.cut_all();
        let hits = || rules.iter().map(|rule| proxy.hits(*rule)).min().unwrap();
        for _ in 0..n_rounds {
            browser.sync_now(&id).await.unwrap();
            tokio::time::sleep(HELD).await;
            if hits() > 0 {
                break;
            }
        }
        if number + 1 == n_rounds {
            browser.until(&id, "its patience has ended", ConfigurationView::is_quiet).await.unwrap();
        }
        met += usize::from(hits() > 0);
        for rule in &rules {
            proxy.remove(*rule);
        }
        proxy.cut_all();
        eventually(&format!("{extra} is gone"), || async {
            browser.sync_now(&id).await.unwrap();
            browser.until(&id, "it is quiet", ConfigurationView::is_quiet).await.unwrap();
            cluster.object(&subject.path(&extra)).await.unwrap().is_none()
        })
        .await;
    }
    // A sync may have fewer reads than the number of the one that is to be met.
    assert!(met > n_rounds / 2, "{met} of {n_rounds} faults were met");
    let installed = |view: &ConfigurationView| view.is_quiet() && view.reason() == "installed";
    browser.until(&id, "everything is as Git says", installed).await.unwrap();
    let deleted = subject.deleted(&cluster.audit(mark).await.unwrap());
    assert!(deleted.iter().all(|name| name.contains("-extra-")), "{deleted:?}");
    for name in names {
        assert!(cluster.object(&subject.path(name)).await.unwrap().is_some(), "{name} is gone");
    }
}

#[tokio::test]
async fn a_server_that_dies_while_it_deletes_ends_where_an_undisturbed_one_does() {
    let mut stage = Stage::start(&[]).await;
    for point in ["looked", "deleted", "prune"] {
        let subject = Subject::new(stage.git, point).await;
        subject.commit(&["kept", "gone"]).await;
        let id = stage.browser.add_configuration(&stage.cluster_id, &subject.fields).await.unwrap();
        stage.browser.until_installed(&id).await.unwrap();
        let commit = subject.commit(&["kept"]).await;
        stage.portal.stop().await.unwrap();
        stage.portal.set("FAIRLEAD_ABORT_AT", Some(point));
        stage.portal.start_again().await.unwrap();
        let _ = stage.browser.sync_now(&id).await;
        stage.portal.ended(Duration::from_secs(30)).await.unwrap();
        stage.portal.set("FAIRLEAD_ABORT_AT", None);
        stage.portal.start_again().await.unwrap();
        let moved = |view: &ConfigurationView| view.is_quiet() && view.revision() == commit;
        let view = stage.browser.until(&id, "the change is in place", moved).await.unwrap();
        assert_eq!((view.compliance(), view.reason()), ("Installed", "installed"), "{point}");
        assert_eq!(view.0["resources"].as_array().unwrap().len(), 1, "{point}: {}", view.summary());
        assert!(stage.cluster.object(&subject.path("gone")).await.unwrap().is_none(), "{point}");
        assert!(stage.cluster.object(&subject.path("kept")).await.unwrap().is_some(), "{point}");
    }
}

/// Of an operator: its objects from the first that goes to the last, and the namespace.
fn operator_objects(name: &str) -> [String; 4] {
    [
        format!("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/fairlead:{name}:{name}"),
        format!("/api/v1/namespaces/{name}/serviceaccounts/{name}"),
        format!("/apis/coordination.k8s.io/v1/namespaces/{name}/leases/{name}"),
        format!("/api/v1/namespaces/{name}"),
    ]
}

#[tokio::test]
async fn d15_a_deletion_that_was_interrupted_for_a_day_deletes_nothing_until_a_person_asks_for_it_again() {
    let git = GitServer::shared().await.unwrap();
    let cluster = Cluster::shared().await.unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let (mut portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Tomorrow").await.unwrap();
    let subject = Subject::new(git, "d15").await;
    subject.commit(&["kept"]).await;
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();

    // It dies between the first deletion and the second.
    let second = proxy.add(Rule::hang().method(Method::DELETE).path_contains("/serviceaccounts/"));
    browser.delete_configuration(&id).await.unwrap();
    eventually("the second deletion has begun", || async { proxy.hits(second) > 0 }).await;
    portal.kill();
    proxy.clear();
    let [binding, rest @ ..] = operator_objects(&subject.name);
    assert!(cluster.object(&binding).await.unwrap().is_none(), "the first has gone");
    let mark = cluster.audit_mark().await.unwrap();
    portal.set("FAIRLEAD_CLOCK_AHEAD_SECONDS", Some("90000"));
    portal.start_again().await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let page = format!("/clusters/{cluster_id}");
    eventually("the page says that it waits for a person", || async {
        browser.get(&page).await.unwrap().text().contains("more than a day old")
    })
    .await;
    let told = browser.get(&page).await.unwrap();
    assert!(told.text().contains("Wished by admin"), "{}", told.text());
    assert!(told.text().contains("1 operator of this cluster still waits"), "{}", told.text());
    let detail = browser.read("get_cluster", &[("id", &cluster_id)]).await.unwrap();
    assert_eq!(detail["retirements"][0]["state"]["code"], "wishTooOld", "{detail}");
    let retirement = detail["retirements"][0]["id"].as_str().unwrap().to_owned();
    // Longer than between two looks for work.
    tokio::time::sleep(DAY_AFTER).await;
    let events = cluster.audit(mark).await.unwrap();
    let concerns = |event: &&AuditEvent| event.request_uri.contains(&subject.name);
    let deleted: Vec<_> =
        events.iter().filter(|event| event.verb.starts_with("delete")).filter(concerns).collect();
    assert!(deleted.is_empty(), "{deleted:#?}");
    for path in &rest {
        assert!(cluster.object(path).await.unwrap().is_some(), "{path} is gone unasked");
    }

    let renew = [("id", cluster_id.as_str()), ("retirement", &retirement)];
    browser.submit(&page, "renew_retirement", &renew).await.unwrap();
    for path in &rest {
        eventually(&format!("{path} is gone"), || async { cluster.object(path).await.unwrap().is_none() })
            .await;
    }
    eventually("the page says that it is gone", || async {
        browser.get(&page).await.unwrap().text().contains("Gone, its namespace too")
    })
    .await;
    let again = browser.call("renew_retirement", &renew).await.unwrap();
    assert_eq!(again.status, 409, "{}", again.body);
    let activity = browser.read("list_activity", &[("filter", "retirement.renew")]).await.unwrap();
    assert_eq!(activity["entries"][0]["target"], subject.name.as_str(), "{activity}");
    assert!(cluster.object(&subject.path("kept")).await.unwrap().is_some(), "what was applied stays");
}

#[tokio::test]
async fn d15_a_cluster_with_an_operator_that_waits_for_a_person_is_disconnected_and_asks_when_it_is_back() {
    let cluster = Cluster::shared().await.unwrap();
    let git = GitServer::shared().await.unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let (mut portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Left").await.unwrap();
    let subject = Subject::new(git, "d15-left").await;
    subject.commit(&["kept"]).await;
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    proxy.refuse(true);
    browser.delete_configuration(&id).await.unwrap();
    portal.stop().await.unwrap();
    portal.set("FAIRLEAD_CLOCK_AHEAD_SECONDS", Some("90000"));
    portal.start_again().await.unwrap();
    let browser = portal.sign_in().await.unwrap();
    let waits = async |cluster_id: &str| {
        let page = format!("/clusters/{cluster_id}");
        eventually("the page says that it waits for a person", || async {
            browser.get(&page).await.unwrap().text().contains("more than a day old")
        })
        .await;
    };
    waits(&cluster_id).await;
    browser.disconnect_cluster(&cluster_id).await.unwrap();

    proxy.refuse(false);
    let back = browser.connect_cluster(&proxy.kubeconfig(), "default", "Found").await.unwrap();
    waits(&back).await;
    let detail = browser.read("get_cluster", &[("id", &back)]).await.unwrap();
    let retirement = detail["retirements"][0]["id"].as_str().unwrap();
    let renew = [("id", back.as_str()), ("retirement", retirement)];
    browser.submit(&format!("/clusters/{back}"), "renew_retirement", &renew).await.unwrap();
    for path in operator_objects(&subject.name) {
        eventually(&format!("{path} is gone"), || async { cluster.object(&path).await.unwrap().is_none() })
            .await;
    }
}
