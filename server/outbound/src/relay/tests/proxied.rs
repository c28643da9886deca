use domain::outbound::Narrowing;

use super::*;

const CONNECTED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

fn behind(host: &Host) -> Relay {
    let url = format!("http://{}", host.address);
    Relay::start(Proxies::new(&url, &url, &url, "localhost").unwrap()).unwrap()
}

fn destination(scheme: &'static str, host: &str) -> Vec<Destination> {
    vec![Destination { scheme, host: host.to_owned(), port: 4711 }]
}

#[tokio::test]
async fn a_tunnel_is_asked_of_the_proxy_which_alone_knows_the_name() {
    let proxy = Host::echoing(CONNECTED).await;
    let relay = behind(&proxy);
    for scheme in ["https", "ssh"] {
        let pass = relay.pass(&Policy::default(), destination(scheme, "fairlead.invalid")).unwrap();
        let (answer, mut stream) = connect(&pass, "fairlead.invalid:4711").await;
        assert_eq!(status(&answer), 200, "{answer}");
        stream.write_all(b"through").await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(rest(&mut stream).await, "through");
    }
    for head in proxy.heads() {
        assert!(head.starts_with("CONNECT fairlead.invalid:4711 HTTP/1.1\r\n"), "{head}");
        assert!(!head.to_lowercase().contains("authorization"), "{head}");
    }
}

#[tokio::test]
async fn a_plain_request_is_handed_to_the_proxy_by_its_url() {
    let proxy = Host::echoing("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let pass = behind(&proxy).pass(&Policy::default(), destination("http", "fairlead.invalid")).unwrap();
    let (answer, _) = ask_with(&pass, "GET http://fairlead.invalid:4711/x?y").await;
    assert_eq!(status(&answer), 200, "{answer}");
    let head = proxy.heads().remove(0);
    assert!(head.starts_with("GET http://fairlead.invalid:4711/x?y HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("authorization"), "{head}");
}

#[tokio::test]
async fn s_e1_a_refused_address_is_refused_behind_a_proxy_too() {
    let proxy = Host::echoing(CONNECTED).await;
    let relay = behind(&proxy);
    for (scheme, line) in [("https", "CONNECT 127.0.0.1:4711"), ("http", "GET http://127.0.0.1:4711/")] {
        let pass = relay.pass(&Policy::default(), destination(scheme, "127.0.0.1")).unwrap();
        assert_eq!(status(&ask_with(&pass, line).await.0), 403);
    }
    assert!(proxy.heads().is_empty());
}

#[tokio::test]
async fn s_e5_a_name_that_the_proxy_alone_knows_is_allowed_by_a_list_that_has_the_name() {
    let proxy = Host::echoing(CONNECTED).await;
    let relay = behind(&proxy);
    for (entries, expected) in [
        (&["fairlead.invalid"][..], 200),
        (&["*.invalid", "10.0.0.0/8"], 200),
        (&["other.invalid"], 403),
        // No address is known that could be in it.
        (&["0.0.0.0/0", "::/0"], 403),
    ] {
        let policy = Policy::default().narrowed(&Narrowing::parse(entries).unwrap());
        let pass = relay.pass(&policy, destination("https", "fairlead.invalid")).unwrap();
        let (answer, _) = connect(&pass, "fairlead.invalid:4711").await;
        assert_eq!(status(&answer), expected, "{entries:?}");
        assert_eq!(pass.take_refusal().is_some(), expected != 200, "{entries:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_not_there_is_named() {
    for answer in
        ["HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n"]
    {
        let proxy = Host::echoing(answer).await;
        let pass = behind(&proxy).pass(&Policy::default(), destination("https", "fairlead.invalid")).unwrap();
        assert_eq!(status(&connect(&pass, "fairlead.invalid:4711").await.0), 502);
        let refusal = pass.take_refusal().unwrap().to_string();
        assert!(
            refusal.contains(&proxy.address.to_string()) && refusal.contains("fairlead.invalid"),
            "{refusal}"
        );
    }
    let url = format!("http://127.0.0.1:{}", closed_port());
    let relay = Relay::start(Proxies::new("", &url, "", "").unwrap()).unwrap();
    let pass = relay.pass(&Policy::default(), destination("https", "fairlead.invalid")).unwrap();
    assert_eq!(status(&connect(&pass, "fairlead.invalid:4711").await.0), 502);
    let refusal = pass.take_refusal().unwrap().to_string();
    assert_eq!(refusal, format!("the proxy {url} does not answer; it is one of the server's settings"));
}

#[tokio::test]
async fn a_host_that_needs_no_proxy_is_connected_to_directly() {
    let (proxy, host) = (Host::echoing(CONNECTED).await, Host::echoing("").await);
    let to = Destination { scheme: "https", host: "localhost".to_owned(), port: host.address.port() };
    let authority = to.authority();
    let pass = behind(&proxy).pass(&loopback(), vec![to]).unwrap();
    assert_eq!(status(&connect(&pass, &authority).await.0), 200);
    assert!(proxy.heads().is_empty());
}
