use super::*;
use crate::OutboundError;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nx-from: host\r\nproxy-authenticate: Basic realm=\"y\"\r\n\
                      connection: x-private\r\nx-private: 1\r\ncontent-length: 4\r\n\r\nbody";

#[tokio::test]
async fn a_request_by_its_url_reaches_the_host_as_if_nothing_stood_between() {
    let host = Host::echoing(ANSWER).await;
    let pass = relay().pass(&loopback(), vec![host.to("http")]).unwrap();
    let mut stream = TcpStream::connect(pass.relay_address()).await.unwrap();
    let request = format!(
        "GET http://someone@{}/x.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: elsewhere\r\n\
         Authorization: Basic shown\r\nProxy-Authorization: {}\r\nProxy-Connection: Keep-Alive\r\n\
         Connection: x-mine\r\nx-mine: 1\r\n\r\n",
        host.address,
        pass.authorization().expose_secret(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = head(&mut stream).await;
    let mut body = [0; 4];
    stream.read_exact(&mut body).await.unwrap();
    assert_eq!(&body, b"body");
    assert!(answer.contains("x-from: host"), "{answer}");
    assert!(!answer.contains("proxy-authenticate") && !answer.contains("x-private"), "{answer}");
    let heard = host.heads().remove(0).to_lowercase();
    assert!(heard.starts_with("get /x.git/info/refs?service=git-upload-pack http/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("host: {}\r\n", host.address)), "{heard}");
    assert!(heard.contains("authorization: basic shown\r\n"), "{heard}");
    for word in ["proxy-", "x-mine", "someone", "elsewhere"] {
        assert!(!heard.contains(word), "{word}: {heard}");
    }
    // The connection to the relay can be used again, each time with the pass.
    stream
        .write_all(format!("GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n", host.address).as_bytes())
        .await
        .unwrap();
    assert_eq!(status(&head(&mut stream).await), 407);
}

#[tokio::test]
async fn a_host_cannot_ask_for_the_pass_or_answer_with_nonsense() {
    for greeting in [
        "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n",
        "SSH-2.0-x\r\n",
    ] {
        let host = Host::echoing(greeting).await;
        let pass = relay().pass(&loopback(), vec![host.to("http")]).unwrap();
        let (answer, _) = ask_with(&pass, &format!("GET http://{}/", host.address)).await;
        assert_eq!(status(&answer), 502, "{answer}");
        assert!(matches!(pass.take_refusal(), Some(OutboundError::Broken { .. })));
    }
}

#[tokio::test]
async fn heads_that_are_none_or_too_large_are_refused_and_the_relay_goes_on() {
    let host = Host::echoing("").await;
    let relay = relay();
    let pass = relay.pass(&loopback(), vec![host.to("https")]).unwrap();
    let shown = pass.authorization().expose_secret().to_owned();
    let many = "x: y\r\n".repeat(1000);
    let long = "y".repeat(1024 * 1024);
    for (head, expected) in [
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n".to_owned(), 400),
        ("CONNECT\r\n\r\n".to_owned(), 400),
        (format!("CONNECT 127.0.0.1 HTTP/1.1\r\nProxy-Authorization: {shown}\r\n\r\n"), 400),
        (format!("GET /x HTTP/1.1\r\nHost: {}\r\nProxy-Authorization: {shown}\r\n\r\n", host.address), 400),
        (format!("GET https://{}/ HTTP/1.1\r\nProxy-Authorization: {shown}\r\n\r\n", host.address), 400),
        (format!("CONNECT {} HTTP/1.1\r\n{many}\r\n", host.address), 431),
        (format!("CONNECT {} HTTP/1.1\r\nx: {long}\r\n\r\n", host.address), 431),
    ] {
        let mut stream = TcpStream::connect(relay.address()).await.unwrap();
        // What is too much is not read to its end.
        let _ = stream.write_all(head.as_bytes()).await;
        let answer = super::head(&mut stream).await;
        // A reset may take the answer to what was not read along.
        assert!(status(&answer) == expected || (expected == 431 && answer.is_empty()), "{answer}");
    }
    assert!(host.heads().is_empty());
    assert_eq!(status(&connect(&pass, &host.address.to_string()).await.0), 200);
}
