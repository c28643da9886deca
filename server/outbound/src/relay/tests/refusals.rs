use super::*;
use crate::OutboundError;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn s_e1_a_refused_address_gets_no_connection_in_any_spelling() {
    let host = Host::echoing("").await;
    let port = host.address.port();
    let relay = relay();
    for name in ["127.0.0.1", "0", "0x7f.1", "::", "::ffff:127.0.0.1", "localhost", "2130706433"] {
        for (scheme, tunnel) in [("https", true), ("ssh", true), ("git", true), ("http", false)] {
            let destination = Destination { scheme, host: name.to_owned(), port };
            let authority = destination.authority();
            let pass = relay.pass(&Policy::default(), vec![destination]).unwrap();
            let line =
                if tunnel { format!("CONNECT {authority}") } else { format!("GET http://{authority}/x") };
            let (answer, _) = ask_with(&pass, &line).await;
            assert_eq!(status(&answer), 403, "{line}: {answer}");
            assert!(matches!(pass.take_refusal(), Some(OutboundError::Refused { .. })), "{line}");
        }
    }
    assert!(host.heads().is_empty());
}

#[tokio::test]
async fn s_e1_a_name_that_changes_its_mind_is_asked_once_for_each_connection() {
    let (allowed, refused) = (Host::echoing(OK).await, Host::echoing(OK).await);
    let relay = relay();
    for (scheme, line) in
        [("https", "CONNECT rebinding.test:4711"), ("http", "GET http://rebinding.test:4711/")]
    {
        let policy = Policy::allowing(&[allowed.address.to_string()]).unwrap();
        // A second question within the first connection would get the other answer.
        let policy = policy.answering(&[allowed.address, refused.address]);
        let destination = Destination { scheme, host: "rebinding.test".to_owned(), port: 4711 };
        let pass = relay.pass(&policy, vec![destination]).unwrap();
        assert_eq!(status(&ask_with(&pass, line).await.0), 200);
        assert_eq!(status(&ask_with(&pass, line).await.0), 403);
    }
    assert!(refused.heads().is_empty());
    assert_eq!(allowed.heads().len(), 2);
}

#[tokio::test]
async fn s_e2_what_is_behind_a_refused_address_cannot_be_told() {
    let open = Host::echoing("SSH-2.0-x\r\n").await;
    let relay = relay();
    let mut answers = Vec::new();
    for port in [open.address.port(), closed_port()] {
        let destination = Destination { scheme: "https", host: "127.0.0.1".to_owned(), port };
        let authority = destination.authority();
        let pass = relay.pass(&Policy::default(), vec![destination]).unwrap();
        let (answer, mut stream) = connect(&pass, &authority).await;
        drop(stream.shutdown().await);
        answers.push((answer + &rest(&mut stream).await, pass.take_refusal().unwrap().to_string()));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(open.heads().is_empty());
}

#[tokio::test]
async fn s_e2_a_program_is_told_the_same_whatever_kept_it_from_being_connected() {
    let relay = relay();
    let closed = Destination { scheme: "https", host: "127.0.0.1".to_owned(), port: closed_port() };
    let missing = Destination { scheme: "https", host: "fairlead.invalid".to_owned(), port: 443 };
    let mut answers = Vec::new();
    for destination in [closed, missing] {
        let pass = relay.pass(&loopback(), vec![destination.clone()]).unwrap();
        let (answer, mut stream) = connect(&pass, &destination.authority()).await;
        drop(stream.shutdown().await);
        answers.push(answer + &rest(&mut stream).await);
        // Our own side knows better.
        let refusal = pass.take_refusal().unwrap();
        assert!(refusal.to_string().contains(&destination.host), "{refusal}");
        assert!(!refusal.to_string().to_lowercase().contains("refused"), "{refusal}");
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(status(&answers[0]), 502);
}

#[tokio::test]
async fn a_refusal_is_forgotten_once_a_connection_is_made() {
    let host = Host::echoing("").await;
    let relay = relay();
    let closed = Destination { scheme: "https", host: "127.0.0.1".to_owned(), port: closed_port() };
    let pass = relay.pass(&loopback(), vec![closed.clone(), host.to("https")]).unwrap();
    connect(&pass, &closed.authority()).await;
    connect(&pass, &host.address.to_string()).await;
    assert!(pass.take_refusal().is_none());
}

#[tokio::test]
async fn the_relay_itself_is_no_destination_whatever_is_allowed() {
    let relay = relay();
    let itself = Destination { scheme: "https", host: "127.0.0.1".to_owned(), port: relay.address().port() };
    let pass = relay.pass(&loopback(), vec![itself.clone()]).unwrap();
    assert_eq!(status(&connect(&pass, &itself.authority()).await.0), 403);
}
