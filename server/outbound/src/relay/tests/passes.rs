use super::*;

#[tokio::test]
async fn a_tunnel_carries_both_ways_until_both_ends_have_said_all() {
    let host = Host::echoing("hello ").await;
    let relay = relay();
    let pass = relay.pass(&loopback(), vec![host.to("https")]).unwrap();
    let (answer, mut stream) = connect(&pass, &host.address.to_string()).await;
    assert_eq!(status(&answer), 200, "{answer}");
    stream.write_all(b"one\r\n\r\ntwo three").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, "hello two three");
    assert_eq!(host.heads(), ["one\r\n\r\n"]);
    assert!(pass.take_refusal().is_none());
}

#[tokio::test]
async fn without_a_pass_that_holds_nothing_is_connected() {
    let host = Host::echoing("").await;
    let relay = relay();
    let revoked = relay.pass(&loopback(), vec![host.to("https")]).unwrap();
    let shown = revoked.authorization().expose_secret().to_owned();
    let other = super::relay().pass(&loopback(), vec![host.to("https")]).unwrap();
    drop(revoked);
    let line = format!("CONNECT {}", host.address);
    for authorization in [
        shown.as_str(),
        other.authorization().expose_secret(),
        "",
        "Basic",
        "Basic !",
        "Basic cmVsYXk6",
        "Bearer x",
    ] {
        let (answer, _) = ask(relay.address(), &line, authorization).await;
        assert_eq!(status(&answer), 407, "{authorization}: {answer}");
    }
    assert!(host.heads().is_empty());
}

#[tokio::test]
async fn a_pass_leads_to_its_own_destinations_and_in_their_form() {
    let (first, second, third) = (Host::echoing("").await, Host::echoing("").await, Host::echoing("").await);
    let relay = relay();
    let pass = relay.pass(&loopback(), vec![first.to("https"), second.to("ssh")]).unwrap();
    let _other = relay.pass(&loopback(), vec![third.to("https")]).unwrap();
    for host in [&first, &second] {
        assert_eq!(status(&connect(&pass, &host.address.to_string()).await.0), 200);
    }
    assert_eq!(status(&connect(&pass, &third.address.to_string()).await.0), 403);
    assert_eq!(status(&ask_with(&pass, &format!("GET http://{}/", third.address)).await.0), 403);
    assert!(third.heads().is_empty());
    let plain = relay.pass(&loopback(), vec![third.to("http")]).unwrap();
    assert_eq!(status(&connect(&plain, &third.address.to_string()).await.0), 403);
    assert!(third.heads().is_empty());
}

#[tokio::test]
async fn a_revoked_pass_closes_what_is_open_by_it() {
    let host = Host::echoing("hello").await;
    let relay = relay();
    let pass = relay.pass(&loopback(), vec![host.to("https"), host.to("http")]).unwrap();
    let kept = relay.pass(&loopback(), vec![host.to("https")]).unwrap();
    let (_, mut stream) = connect(&pass, &host.address.to_string()).await;
    let (_, mut other) = connect(&kept, &host.address.to_string()).await;
    drop(pass);
    assert_eq!(rest(&mut stream).await, "");
    other.write_all(b"x\r\n\r\n").await.unwrap();
    let mut greeting = [0; 5];
    other.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hello");
}

#[tokio::test]
async fn a_tunnel_ends_when_its_host_breaks_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        // What was not read makes this a reset.
    });
    let destination = Destination { scheme: "https", host: "127.0.0.1".to_owned(), port: address.port() };
    let pass = relay().pass(&loopback(), vec![destination]).unwrap();
    let (_, mut stream) = connect(&pass, &address.to_string()).await;
    stream.write_all(b"x").await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_connection_beyond_the_places_waits_until_one_is_free() {
    let host = Host::echoing("").await;
    let relay = Relay::within(Proxies::default(), Bounds { connections: 1, ..Bounds::default() }).unwrap();
    let pass = relay.pass(&loopback(), vec![host.to("https")]).unwrap();
    let (answer, first) = connect(&pass, &host.address.to_string()).await;
    assert_eq!(status(&answer), 200);
    let authority = host.address.to_string();
    let mut second = std::pin::pin!(connect(&pass, &authority));
    tokio::select! {
        _ = &mut second => panic!("there was no place"),
        () = tokio::time::sleep(Duration::from_millis(100)) => {}
    }
    drop(first);
    assert_eq!(status(&second.await.0), 200);
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_said_is_closed() {
    let host = Host::echoing("").await;
    let short = Duration::from_millis(20);
    let relay = Relay::within(Proxies::default(), Bounds { idle: short, ..Bounds::default() }).unwrap();
    let pass = relay.pass(&loopback(), vec![host.to("https")]).unwrap();
    let (answer, mut stream) = connect(&pass, &host.address.to_string()).await;
    assert_eq!(status(&answer), 200);
    assert_eq!(rest(&mut stream).await, "");
    let relay = Relay::within(Proxies::default(), Bounds { head: short, ..Bounds::default() }).unwrap();
    let mut silent = TcpStream::connect(relay.address()).await.unwrap();
    rest(&mut silent).await;
}
