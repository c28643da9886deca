//! Groups of the API that do not answer, or answer with nothing.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use testbed::{Authority, Cluster, ClusterOptions, GitServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Subject, portal};
use crate::scene::eventually;

/// Starts of a server until a group that answers again is known again: each takes a second or two.
const RESTARTS: usize = 30;

#[tokio::test]
async fn d17_an_api_group_that_does_not_answer_keeps_everything_that_left_git() {
    let cluster = Cluster::start().await.unwrap();
    let git = GitServer::shared().await.unwrap();
    let service = json!({
        "metadata": { "name": "v1.nowhere.example.com" },
        "spec": {
            "group": "nowhere.example.com", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1,
            "insecureSkipTLSVerify": true, "service": { "namespace": "default", "name": "nowhere" },
        },
    });
    let path = "/apis/apiregistration.k8s.io/v1/apiservices";
    let (status, answer) = cluster.ask(Method::POST, path, Some(&service)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    let (mut portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&cluster.kubeconfig(), "default", "Partial").await.unwrap();
    let subject = Subject::new(git, "d17").await;
    subject.commit(&["kept", "gone"]).await;
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    subject.commit(&["kept", "new"]).await;
    let view = browser.sync(&id).await.unwrap();
    assert_eq!(view.compliance(), "Installed", "{}", view.summary());
    assert!(view.detail().contains("nowhere.example.com do not answer"), "{}", view.summary());
    assert!(cluster.object(&subject.path("gone")).await.unwrap().is_some());
    assert!(cluster.object(&subject.path("new")).await.unwrap().is_some(), "the others are synced");

    let (status, answer) =
        cluster.ask(Method::DELETE, &format!("{path}/v1.nowhere.example.com"), None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    // Discovery is kept for some minutes; a server that starts anew asks at once.
    portal.stop().await.unwrap();
    portal.start_again().await.unwrap();
    eventually("it goes once everything is known again", || async {
        browser.sync(&id).await.unwrap();
        cluster.object(&subject.path("gone")).await.unwrap().is_none()
    })
    .await;
}

#[tokio::test]
async fn d17_an_object_of_a_kind_whose_group_does_not_answer_stays_though_it_left_git() {
    let cluster = Cluster::start().await.unwrap();
    goes_aside_and_comes_back(&cluster, &json!({ "namespace": "default", "name": "nowhere" })).await;
}

#[tokio::test]
async fn d17_so_does_one_whose_group_answers_with_nothing() {
    let Some(own) = own_address() else {
        eprintln!(
            "left out: this machine has no address at which an API server would ask a service of a group"
        );
        return;
    };
    let options = ClusterOptions { api_server_arguments: vec!["--enable-aggregator-routing=true".into()] };
    let cluster = Cluster::start_with(options).await.unwrap();
    let (port, asked) = says_nothing(own).await;
    let metadata = json!({ "name": "silent" });
    let ports = json!([{ "port": 443, "targetPort": port }]);
    let service = json!({ "metadata": metadata, "spec": { "ports": ports } });
    let addresses = json!([{ "addresses": [{ "ip": own }], "ports": [{ "port": port }] }]);
    let endpoints = json!({ "metadata": metadata, "subsets": addresses });
    for (kind, object) in [("services", service), ("endpoints", endpoints)] {
        let path = format!("/api/v1/namespaces/default/{kind}");
        let (status, answer) = cluster.ask(Method::POST, &path, Some(&object)).await.unwrap();
        assert_eq!(status, 201, "{answer}");
    }
    goes_aside_and_comes_back(&cluster, &json!({ "namespace": "default", "name": "silent", "port": 443 }))
        .await;
    assert!(asked.load(Ordering::SeqCst) > 0, "the API server asked it");
}

/// An address of this machine that others could come to; nothing is sent for it.
fn own_address() -> Option<IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// Answers everything with status 200 and no body. Gives its port, and how often it was asked.
async fn says_nothing(own: IpAddr) -> (u16, Arc<AtomicUsize>) {
    let identity = Authority::new("silent").unwrap().server(&["silent.default.svc"]).unwrap();
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind((own, 0)).await.unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::<AtomicUsize>::default());
    let counted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            counted.fetch_add(1, Ordering::SeqCst);
            let nothing = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(nothing.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, asked)
}

/// A group is served by somebody else for a while, and meanwhile an object of its kind leaves Git with one of another.
async fn goes_aside_and_comes_back(cluster: &Cluster, server: &Value) {
    let git = GitServer::shared().await.unwrap();
    let (mut portal, browser) = portal().await;
    let cluster_id = browser.connect_cluster(&cluster.kubeconfig(), "default", "Aside").await.unwrap();
    let subject = Subject::new(git, "d17-kind").await;
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                      metadata: {name: menus.aside.example.com}\nspec:\n  group: aside.example.com\n  \
                      scope: Namespaced\n  names: {kind: Menu, plural: menus}\n  versions:\n    - name: v1\n      \
                      served: true\n      storage: true\n      schema: {openAPIV3Schema: {type: object}}\n";
    let menu = "apiVersion: aside.example.com/v1\nkind: Menu\nmetadata: {name: lunch, namespace: default}\n";
    let change = subject.repository.change().write("definition.yaml", definition).write("menu.yaml", menu);
    let change = change.write("kept.yaml", subject.map("kept")).write("gone.yaml", subject.map("gone"));
    change.commit("Begin").await.unwrap();
    let id = browser.add_configuration(&cluster_id, &subject.fields).await.unwrap();
    browser.until_installed(&id).await.unwrap();
    let lunch = "/apis/aside.example.com/v1/namespaces/default/menus/lunch";
    let uid = cluster.object(lunch).await.unwrap().unwrap()["metadata"]["uid"].clone();
    let mark = cluster.audit_mark().await.unwrap();

    // Nobody puts that right without the label.
    let service = "/apis/apiregistration.k8s.io/v1/apiservices/v1.aside.example.com";
    let away = json!({
        "metadata": { "labels": { "kube-aggregator.kubernetes.io/automanaged": null } },
        "spec": {
            "insecureSkipTLSVerify": true, "service": server, "groupPriorityMinimum": 1000, "versionPriority": 100,
        },
    });
    let (status, answer) = cluster.ask(Method::PATCH, service, Some(&away)).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let change = subject.repository.change().remove("menu.yaml").remove("gone.yaml");
    change.write("new.yaml", subject.map("new")).commit("Remove two").await.unwrap();
    eventually("the group is served by somebody else", || async {
        cluster.ask(Method::GET, lunch, None).await.is_ok_and(|(_, object)| object["metadata"]["uid"] != uid)
    })
    .await;
    for starts_anew in [false, true] {
        if starts_anew {
            // Discovery is kept for some minutes; a server that starts anew asks at once.
            portal.stop().await.unwrap();
            portal.start_again().await.unwrap();
        }
        let view = browser.sync(&id).await.unwrap();
        assert!(cluster.object(&subject.path("new")).await.unwrap().is_some(), "{}", view.summary());
        assert!(!starts_anew || view.detail().contains("aside.example.com"), "{}", view.summary());
    }
    assert!(cluster.object(&subject.path("gone")).await.unwrap().is_some(), "nothing goes");
    // Without one that somebody else made there is the API server's own again.
    let (status, answer) = cluster.ask(Method::DELETE, service, None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    eventually("the group answers again", || async {
        cluster.ask(Method::GET, lunch, None).await.is_ok_and(|(status, _)| status == 200)
    })
    .await;
    assert_eq!(cluster.object(lunch).await.unwrap().unwrap()["metadata"]["uid"], uid, "it was never deleted");
    assert!(subject.deleted(&cluster.audit(mark).await.unwrap()).is_empty());
    let mut restarts = 0;
    while cluster.object(&subject.path("gone")).await.unwrap().is_some()
        || cluster.object(lunch).await.unwrap().is_some()
    {
        // The API server takes a moment to say that the group is fresh, and the portal keeps what it was told.
        restarts += 1;
        assert!(restarts < RESTARTS, "both go once everything is known again");
        portal.stop().await.unwrap();
        portal.start_again().await.unwrap();
        browser.sync(&id).await.unwrap();
    }
}
