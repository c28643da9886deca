//! Another cluster comes to the address while somebody works.

use domain::cluster::ClusterUid;
use domain::configuration::OperatorScope;
use domain::id::InstallationId;
use domain::reason::{ObjectReason, Reason};
use engine::port::cluster::{Cluster as _, Fence, Operator};
use serde_json::json;
use testbed::{Cluster, FaultProxy};

use crate::support::{config_map, connection, operator, provisioned, testbed, unique};

/// D23
#[tokio::test]
async fn a_cluster_that_came_to_the_address_of_another_one_is_sent_nothing_but_the_question_which_one_it_is()
{
    let other = Cluster::start().await.expect("another control plane");
    let proxy = FaultProxy::in_front_of(testbed().await).expect("a proxy");
    let (_direct, ours) = provisioned("swap").await;
    let namespace = unique("swap").await;
    // A copy of the one, with an operator of the same name that may do everything.
    let there = connection(&other.kubeconfig());
    let theirs = Operator { cluster: there.identify(true).await.expect("a UID"), ..ours.clone() };
    there.provision(&theirs).await.expect("provisioned");
    let made = json!({ "metadata": { "name": namespace } });
    other.ask(http::Method::POST, "/api/v1/namespaces", Some(&made)).await.expect("made");
    let connection = connection(&proxy.kubeconfig());
    let client = connection.operator(&ours);
    let map = |name: &str| config_map(&namespace, name, &json!({}));
    client.apply(&map("before")).await.expect("applied");
    let mark = other.audit_mark().await.expect("a mark");

    proxy.lead_to(&other).expect("led elsewhere");
    proxy.cut_all();
    let error = client.apply(&map("after")).await.expect_err("refused");
    assert_eq!(error.reason, ObjectReason::Unavailable);
    assert!(error.detail.contains("another cluster answers"), "{}", error.detail);
    // What watches see of the copy may look as if nothing were to be made; this one is nowhere.
    let unmade = operator("swap", OperatorScope::Cluster).await;
    let errors = [
        client.kinds(true).await.map(drop),
        connection.provision(&unmade).await.map(drop),
        connection.begin_term(&ours, &fence(), None, "one").await,
        connection.define_helm_releases(&ours).await,
        connection.retire(&ours, true).await.map(drop),
    ];
    for error in errors {
        assert_eq!(error.expect_err("refused").reason, Reason::ClusterReplaced);
    }
    let events = other.audit(mark).await.expect("events");
    let asked = events.iter().filter(|event| event.user_agent.starts_with("fairlead/"));
    let asked: Vec<_> = asked.map(|event| format!("{} {}", event.verb, event.resource)).collect();
    assert!(!asked.is_empty() && asked.iter().all(|asked| is_reading(asked)), "{asked:?}");

    proxy.lead_to(testbed().await).expect("led back");
    proxy.cut_all();
    client.apply(&map("after")).await.expect("applied");
}

/// The question, and the watches of the kubeconfig's user.
fn is_reading(asked: &str) -> bool {
    ["get", "list", "watch"].iter().any(|verb| asked.starts_with(verb))
}

fn fence() -> Fence {
    let installation: InstallationId = "01980000-0000-7000-8000-000000000001".parse().expect("an id");
    Fence { installation, terms: vec!["one".to_owned()] }
}

#[tokio::test]
async fn an_operator_of_a_cluster_that_was_never_there_is_not_made() {
    let operator = operator("never", OperatorScope::Cluster).await;
    let never = ClusterUid("00000000-0000-4000-8000-000000000000".to_owned());
    let elsewhere = Operator { cluster: never, ..operator };
    let connection = connection(&testbed().await.kubeconfig());
    let error = connection.provision(&elsewhere).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ClusterReplaced);
}
