//! Reaching a cluster, or being told why not.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use cluster::{Connection, ConnectionVersion, Connections, Look};
use domain::cluster::{ClusterUid, Connectivity};
use domain::configuration::OperatorScope;
use domain::outbound::Narrowing;
use domain::reason::{ConnectionReason, Reason};
use engine::port::cluster::{Cluster as _, Observation};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::Api;
use serde_json::json;
use std::sync::Arc;
use testbed::{Authority, Credential, Kubeconfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{
    administrator, config_map, config_maps, connection, credential, named, policy, relay, testbed, uid,
};

fn stand(look: &Look) -> (Connectivity, ConnectionReason) {
    (look.status.connectivity, look.status.reason.clone())
}

#[tokio::test]
async fn a_look_tells_which_cluster_it_is_and_what_it_is_made_of() {
    let connection = administrator().await;
    let look = connection.look().await;
    assert_eq!(stand(&look), (Connectivity::Connected, ConnectionReason::Connected));
    let namespaces = Api::<Namespace>::all(testbed().await.client().expect("a client"));
    let uid = namespaces.get("kube-system").await.expect("kube-system").metadata.uid.expect("a UID");
    assert_eq!(look.uid.map(|uid| uid.0), Some(uid.clone()));
    assert_eq!(connection.identify(true).await.expect("an identity").0, uid);
    assert!(look.status.facts.is_some_and(|facts| facts.node_count >= 1));
}

#[tokio::test]
async fn there_is_one_connection_for_each_cluster_and_credential() {
    let credential = credential(&testbed().await.kubeconfig());
    let connections = Connections::new(policy(), relay());
    let cluster = "01980000-0000-7000-8000-000000000001".parse().expect("an id");
    let uid = uid().await;
    let version = |credential| ConnectionVersion { credential, outbound: 0, cluster: uid.clone() };
    let everywhere = Narrowing::default();
    let connect = |number| {
        connections.connect(cluster, version(number), &credential, &everywhere).expect("a connection")
    };
    let second = connect(2);
    assert!(Arc::ptr_eq(&second, &connect(2)));
    let older = connect(1);
    assert!(!Arc::ptr_eq(&second, &older), "an older credential is used by whoever asked with it");
    assert!(
        connections.get(cluster, &version(2)).is_some_and(|kept| Arc::ptr_eq(&kept, &second)),
        "and is not kept"
    );
    let third = connect(3);
    assert!(!Arc::ptr_eq(&second, &third) && connections.get(cluster, &version(2)).is_none());
    let replaced = ConnectionVersion { cluster: ClusterUid("another".to_owned()), ..version(3) };
    let replaced = connections.connect(cluster, replaced, &credential, &everywhere).expect("a connection");
    assert!(!Arc::ptr_eq(&third, &replaced), "what is known of a cluster is not taken for another's");
    connections.close(cluster);
    assert!(connections.get(cluster, &version(3)).is_none());
}

// S-E5
#[tokio::test]
async fn another_list_of_the_subscription_ends_the_watches_and_holds_for_what_is_asked_from_then_on() {
    let credential = credential(&testbed().await.kubeconfig());
    let connections = Connections::new(policy(), relay());
    let cluster = "01980000-0000-7000-8000-000000000002".parse().expect("an id");
    let uid = uid().await;
    let connect = |outbound, entries: &[&str]| {
        let version = ConnectionVersion { credential: 1, outbound, cluster: uid.clone() };
        let list = Narrowing::parse(entries).expect("a list");
        connections.connect(cluster, version, &credential, &list).expect("a connection")
    };
    let before = connect(0, &[]);
    let kinds = BTreeSet::from([config_maps()]);
    let observer = before.observer();
    observer.watch(&kinds).await;
    let key = config_map("default", "nothing-of-this-name", &json!({})).key;
    assert_eq!(observer.observation(&key), Observation::Absent);

    let after = connect(1, &["127.0.0.2", "*.example.com"]);
    assert!(!Arc::ptr_eq(&before, &after));
    assert_eq!(observer.observation(&key), Observation::Unwatched, "also for those who still have it");
    observer.watch(&kinds).await;
    assert_eq!(observer.observation(&key), Observation::Unwatched, "and it does not begin again");
    let error = after.identify(true).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ClusterAddressNotListed);
    let look = after.look().await;
    assert_eq!(stand(&look), (Connectivity::Offline, ConnectionReason::AddressNotListed));
    assert!(look.status.detail.expect("words").contains("an owner of the subscription can add it"));
    assert!(connect(2, &["127.0.0.0/8"]).identify(true).await.is_ok());
}

// S-C4, S-E1
#[tokio::test]
async fn an_address_outside_the_policy_gets_no_connection() {
    let credential = credential(&testbed().await.kubeconfig());
    let connection =
        Connection::open(&credential, &outbound::Policy::default(), &relay(), None).expect("a connection");
    let error = connection.identify(true).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ClusterAddressRefused);
    let look = connection.look().await;
    assert_eq!(stand(&look), (Connectivity::Offline, ConnectionReason::AddressRefused));
    assert!(look.status.detail.expect("words").contains("FAIRLEAD_OUTBOUND_ALLOW"));
}

// S-C4, S-E1
#[tokio::test]
async fn a_name_that_leads_to_a_refused_address_gets_no_connection() {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let relay = relay();
    let asked = async |policy: &outbound::Policy, name: &str| {
        let connection = Connection::open(&by_name(name, port), policy, &relay, None).expect("a connection");
        let error = connection.identify(true).await.expect_err("refused");
        assert_eq!(error.reason, Reason::ClusterAddressRefused, "{name}");
        let look = connection.look().await;
        assert_eq!(stand(&look), (Connectivity::Offline, ConnectionReason::AddressRefused), "{name}");
    };
    // The machine's own resolver knows these.
    for name in ["localhost", "0", "127.1", "2130706433", "[::ffff:127.0.0.1]"] {
        asked(&outbound::Policy::default(), name).await;
    }
    for address in ["127.0.0.1", "127.8.8.8", "0.0.0.0", "[::ffff:127.0.0.1]", "169.254.169.254"] {
        let address: SocketAddr = format!("{address}:{port}").parse().expect("an address");
        // As many questions as identity and look ask.
        asked(&outbound::Policy::default().answering(&[address; 8]), "cluster.example.com").await;
    }
    let elsewhere = outbound::Policy::allowing(&["127.0.0.2"]).expect("an entry");
    let address: SocketAddr = format!("127.0.0.1:{port}").parse().expect("an address");
    asked(&elsewhere.answering(&[address; 8]), "cluster.example.com").await;
    nobody_came(&listener).await;
}

// S-C4, S-E1
#[tokio::test]
async fn a_name_that_changes_its_mind_is_asked_once_for_each_connection() {
    let authority = Authority::new("rebinding").expect("an authority");
    let allowed = answering(&authority, "rebinding.test", closing("u-1")).await;
    let refused = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let policy = outbound::Policy::allowing(&[allowed.to_string()]).expect("an entry");
    // A second question within the first connection would get the other answer.
    let policy = policy.answering(&[allowed, refused.local_addr().expect("an address")]);
    let kubeconfig = Kubeconfig {
        server: "https://rebinding.test:6443".to_owned(),
        certificate_authority: authority.certificate().to_owned(),
        context: "default".to_owned(),
        credential: Credential::Token("abc".to_owned()),
    };
    let connection =
        Connection::open(&credential(&kubeconfig.to_yaml()), &policy, &relay(), None).expect("a connection");
    assert_eq!(connection.identify(true).await.expect("an identity").0, "u-1");
    // That connection was closed: another one is made, and the name now leads elsewhere.
    let error = connection.identify(true).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ClusterAddressRefused);
    nobody_came(&refused).await;
}

// D23
#[tokio::test]
async fn where_no_connection_outlives_its_answer_each_is_preceded_by_one_that_says_which_cluster_it_is() {
    let authority = Authority::new("closing").expect("an authority");
    let address = answering(&authority, "closing.test", closing("u-1")).await;
    let kubeconfig = Kubeconfig {
        server: "https://closing.test:6443".to_owned(),
        certificate_authority: authority.certificate().to_owned(),
        context: "default".to_owned(),
        credential: Credential::Token("abc".to_owned()),
    };
    let policy = policy().answering(&[address; 16]);
    let connection =
        Connection::open(&credential(&kubeconfig.to_yaml()), &policy, &relay(), None).expect("a connection");
    let look = async |uid: &str| {
        let mut operator = named("closing", OperatorScope::Cluster).await;
        operator.cluster = ClusterUid(uid.to_owned());
        let key = config_map("default", "a", &json!({})).key;
        connection.operator(&operator).look(&key, &config_maps()).await
    };
    assert_eq!(look("u-1").await.expect("an answer").expect("an object").uid, "u-1");
    let error = look("u-2").await.expect_err("refused");
    assert!(error.detail.contains("another cluster answers"), "{}", error.detail);
}

/// The answer of a cluster with this UID behind a proxy that closes the connection with it.
fn closing(uid: &str) -> String {
    let identity = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": { "name": "kube-system", "uid": uid, "resourceVersion": "1" },
    })
    .to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{identity}",
        identity.len()
    )
}

/// A cluster by a name, with a token that nobody may be shown.
fn by_name(name: &str, port: u16) -> cluster::Credential {
    let kubeconfig = Kubeconfig {
        server: format!("https://{name}:{port}"),
        certificate_authority: Authority::new("unasked").expect("an authority").certificate().to_owned(),
        context: "default".to_owned(),
        credential: Credential::Token("abc".to_owned()),
    };
    credential(&kubeconfig.to_yaml())
}

/// The only connection that is ever made there is this one.
async fn nobody_came(listener: &TcpListener) {
    let port = listener.local_addr().expect("an address").port();
    let ours = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("connected");
    let (_, first) = listener.accept().await.expect("a connection");
    assert_eq!(first, ours.local_addr().expect("an address"));
}

// S-O4
#[tokio::test]
async fn a_cluster_behind_another_certificate_is_refused() {
    let authority = Authority::new("somebody else").expect("an authority");
    let kubeconfig = Kubeconfig {
        server: testbed().await.url().to_owned(),
        certificate_authority: authority.certificate().to_owned(),
        context: "default".to_owned(),
        credential: Credential::Token("abc".to_owned()),
    };
    let look = connection(&kubeconfig.to_yaml()).look().await;
    assert_eq!(stand(&look), (Connectivity::Offline, ConnectionReason::CertificateRefused));
}

#[tokio::test]
async fn a_credential_that_nobody_knows_is_refused() {
    let token = connection(&testbed().await.kubeconfig_for_token("no-such-token"));
    assert_eq!(stand(&token.look().await), (Connectivity::Expired, ConnectionReason::CredentialRefused));
    let error = token.identify(true).await.expect_err("refused");
    assert_eq!(error.reason, Reason::ClusterCredentialRefused);

    let stranger = Authority::new("stranger").expect("an authority").client("ada", Some("system:masters"));
    let stranger = Credential::Certificate(stranger.expect("an identity"));
    let certificate = connection(&testbed().await.kubeconfig_with("default", stranger));
    assert_eq!(
        stand(&certificate.look().await),
        (Connectivity::Expired, ConnectionReason::CredentialRefused)
    );
}

#[tokio::test]
async fn a_token_that_ended_is_told_apart_from_one_that_is_wrong() {
    // {"alg": "none"} . {"exp": 1000000000}
    let ended = "eyJhbGciOiAibm9uZSJ9.eyJleHAiOiAxMDAwMDAwMDAwfQ.c2lnbmF0dXJl";
    let look = connection(&testbed().await.kubeconfig_for_token(ended)).look().await;
    assert_eq!(stand(&look), (Connectivity::Expired, ConnectionReason::CredentialExpired));
}

#[tokio::test]
async fn a_cluster_where_nobody_listens_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let kubeconfig =
        testbed().await.kubeconfig().replace(testbed().await.url(), &format!("https://127.0.0.1:{port}"));
    let connection = connection(&kubeconfig);
    assert_eq!(stand(&connection.look().await), (Connectivity::Offline, ConnectionReason::Unreachable));
    assert_eq!(connection.identify(true).await.expect_err("unreachable").reason, Reason::ClusterUnreachable);
}

// S-C4
#[tokio::test]
async fn a_redirect_is_not_followed_and_no_credential_goes_along() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let location = format!("http://{}/", elsewhere.local_addr().expect("an address"));
    let authority = Authority::new("redirecting").expect("an authority");
    let answer = format!(
        "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let server = answering(&authority, "127.0.0.1", answer).await;
    let kubeconfig = Kubeconfig {
        server: format!("https://{server}"),
        certificate_authority: authority.certificate().to_owned(),
        context: "default".to_owned(),
        credential: Credential::Token("abc".to_owned()),
    };
    let look = connection(&kubeconfig.to_yaml()).look().await;
    assert_eq!(look.status.reason, ConnectionReason::Failed);
    nobody_came(&elsewhere).await;
}

/// An "API server" that says the same to everybody, once on each connection.
async fn answering(authority: &Authority, name: &str, answer: String) -> SocketAddr {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let identity = authority.server(&[name]).expect("an identity");
    let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a configuration");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}
