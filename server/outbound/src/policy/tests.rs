mod narrowing;

use super::*;

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address with port")
}

#[tokio::test]
async fn every_spelling_of_the_server_itself_is_refused_after_resolution() {
    for host in [
        "127.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "[::]",
        "[::1]",
        "::1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "169.254.169.254",
        "2852039166",
    ] {
        let refused = Policy::default().resolve(host, 443).await;
        assert!(matches!(refused, Err(OutboundError::Refused { .. })), "{host}: {refused:?}");
    }
}

#[tokio::test]
async fn the_loopback_name_with_a_final_full_stop_leads_nowhere() {
    // Some resolvers know this spelling and some do not; none of them may open the way.
    assert!(Policy::default().resolve("localhost.", 443).await.is_err());
}

#[tokio::test]
async fn what_the_administrator_allows_is_resolved() {
    let policy = Policy::allowing(&["127.0.0.0/8"]).expect("entries");
    assert_eq!(policy.resolve("127.0.0.1", 6443).await.expect("allowed"), [address("127.0.0.1:6443")]);
    assert_eq!(policy.resolve("[::ffff:127.0.0.1]", 1).await.expect("allowed"), [address("127.0.0.1:1")]);
    assert!(matches!(policy.resolve("[::1]", 6443).await, Err(OutboundError::Refused { .. })));
}

#[tokio::test]
async fn a_port_allowed_alone_leaves_the_others_refused() {
    let policy = Policy::allowing(&["127.0.0.1:6443"]).expect("entries");
    assert!(policy.resolve("127.0.0.1", 6443).await.is_ok());
    assert!(matches!(policy.resolve("127.0.0.1", 5432).await, Err(OutboundError::Refused { .. })));
}

#[tokio::test]
async fn an_address_denied_stays_denied_where_its_network_is_allowed() {
    let policy = Policy::allowing(&["127.0.0.0/8"]).expect("entries").denying(&[address("127.0.0.1:3000")]);
    assert!(matches!(policy.resolve("127.0.0.1", 3000).await, Err(OutboundError::Refused { .. })));
    assert!(matches!(policy.resolve("[::ffff:127.0.0.1]", 3000).await, Err(OutboundError::Refused { .. })));
    assert!(policy.resolve("127.0.0.1", 3001).await.is_ok());
}

#[tokio::test]
async fn the_port_of_a_server_on_all_interfaces_is_denied_on_the_loopback_interface() {
    let policy =
        Policy::allowing(&["127.0.0.0/8", "::1"]).expect("entries").denying(&[address("0.0.0.0:3000")]);
    for host in ["127.0.0.1", "127.9.9.9", "[::1]"] {
        assert!(matches!(policy.resolve(host, 3000).await, Err(OutboundError::Refused { .. })), "{host}");
        assert!(policy.resolve(host, 3001).await.is_ok(), "{host}");
    }
}

#[test]
fn a_name_with_two_answers_gives_the_allowed_one_only() {
    let found = [address("127.0.0.1:443"), address("10.1.2.3:443"), address("169.254.169.254:443")];
    assert_eq!(
        Policy::default().permitted("two.test", found).expect("one is allowed"),
        [address("10.1.2.3:443")]
    );
}

#[test]
fn denied_addresses_are_refused_with_one_text() {
    let text = |found: &str| {
        Policy::default().permitted("x.test", [address(found)]).expect_err("refused").to_string()
    };
    assert_eq!(text("127.0.0.1:1"), text("169.254.169.254:80"));
    assert_eq!(text("127.0.0.1:1"), text("[::1]:5432"));
}

#[tokio::test]
async fn a_host_that_cannot_be_a_name_is_not_looked_up() {
    for host in ["", "[]", "a\0b", &"a".repeat(300)] {
        let answer = Policy::default().resolve(host, 443).await;
        assert!(matches!(answer, Err(OutboundError::NotResolved { .. })), "{host:?}: {answer:?}");
    }
}
