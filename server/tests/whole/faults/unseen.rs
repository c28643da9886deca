//! Objects that were made a moment ago and that their watch has not seen yet.

use testbed::{Cluster, FaultProxy, GitServer, Rule};

use super::{Subject, portal, watches};
use crate::scene::eventually;

#[tokio::test]
async fn what_its_watch_has_not_seen_is_not_forgotten_when_it_leaves_git() {
    let (cluster, git) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
    let proxy = FaultProxy::in_front_of(cluster).unwrap();
    let (_portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&proxy.kubeconfig(), "default", "Unseen").await.unwrap();
    let subject = Subject::new(git, "unseen").await;
    subject.commit(&["kept"]).await;
    let silent = proxy.add(Rule::hang().when(watches).path_contains("/configmaps?"));
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    eventually("a watch waits to be told", || async { proxy.hits(silent) > 0 }).await;

    subject.commit(&["kept", "extra"]).await;
    browser.sync(&id).await.unwrap();
    assert!(cluster.object(&subject.path("extra")).await.unwrap().is_some());
    subject.commit(&["kept"]).await;
    let view = browser.sync(&id).await.unwrap();
    assert!(cluster.object(&subject.path("extra")).await.unwrap().is_none(), "{}", view.summary());
}
