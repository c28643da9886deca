//! What the list of a subscription takes away from the server's policy.

use super::*;

fn list(entries: &[&str]) -> Narrowing {
    Narrowing::parse(entries).expect("a list")
}

/// What a policy says of a host with these addresses, in a word.
async fn said(policy: &Policy, host: &str, addresses: &[&str]) -> &'static str {
    let addresses: Vec<SocketAddr> = addresses.iter().map(|text| address(text)).collect();
    match policy.answering(&addresses).resolve(host, 443).await {
        Ok(_) => "allowed",
        Err(OutboundError::Refused { .. }) => "server",
        Err(OutboundError::NotListed { .. }) => "list",
        Err(_) => "unknown",
    }
}

#[tokio::test]
async fn s_e5_a_list_leaves_what_it_names_and_the_server_allows() {
    // (list, host, its address, who refuses it)
    for (entries, host, address, expected) in [
        (&[][..], "git.example.com", "10.1.2.3:443", "allowed"),
        (&[], "git.example.com", "127.0.0.1:443", "server"),
        (&["git.example.com"], "git.example.com", "10.1.2.3:443", "allowed"),
        (&["git.example.com"], "GIT.example.com.", "10.1.2.3:443", "allowed"),
        (&["git.example.com"], "git.example.com", "127.0.0.1:443", "server"),
        (&["git.example.com"], "other.example.com", "10.1.2.3:443", "list"),
        (&["git.example.com"], "10.1.2.3", "10.1.2.3:443", "list"),
        (&["*.example.com"], "git.example.com", "10.1.2.3:443", "allowed"),
        (&["*.example.com"], "example.com", "10.1.2.3:443", "list"),
        (&["xn--bcher-kva.example"], "bücher.example", "10.1.2.3:443", "allowed"),
        (&["10.1.0.0/16"], "any.example.com", "10.1.2.3:443", "allowed"),
        (&["10.1.0.0/16"], "any.example.com", "[::ffff:10.1.2.3]:443", "allowed"),
        (&["10.1.0.0/16"], "any.example.com", "10.2.2.3:443", "list"),
        (&["127.0.0.0/8"], "any.example.com", "127.0.0.1:443", "server"),
        (&["127.0.0.1"], "127.0.0.1", "127.0.0.1:443", "server"),
        (&["0.0.0.0/0", "::/0"], "any.example.com", "169.254.169.254:443", "server"),
        (&["git.example.com", "10.1.0.0/16"], "other.example.com", "10.1.2.3:443", "allowed"),
    ] {
        let policy = Policy::default().narrowed(&list(entries));
        assert_eq!(said(&policy, host, &[address]).await, expected, "{entries:?} {host} {address}");
    }
}

#[test]
fn s_e5_of_a_name_with_two_addresses_only_the_listed_one_is_connected_to() {
    let policy = Policy::default().narrowed(&list(&["10.1.0.0/16"]));
    let found = [address("10.2.2.3:443"), address("127.0.0.1:443"), address("10.1.2.3:443")];
    assert_eq!(policy.permitted("two.test", found).expect("one is"), [address("10.1.2.3:443")]);
}

#[tokio::test]
async fn s_e5_no_list_allows_what_the_server_refuses_or_another_list_does() {
    let server = Policy::allowing(&["127.0.0.0/8"]).expect("entries").denying(&[address("127.0.0.1:3000")]);
    let policy = server.narrowed(&list(&["127.0.0.1"]));
    assert!(matches!(policy.resolve("127.0.0.1", 3000).await, Err(OutboundError::Refused { .. })));
    assert!(policy.resolve("127.0.0.1", 3001).await.is_ok());
    assert!(matches!(policy.resolve("127.0.0.2", 3001).await, Err(OutboundError::NotListed { .. })));
    let both = policy.narrowed(&list(&["127.0.0.2"]));
    for host in ["127.0.0.1", "127.0.0.2"] {
        assert!(matches!(both.resolve(host, 3001).await, Err(OutboundError::NotListed { .. })), "{host}");
    }
    // The one it was made of is as it was.
    assert!(server.resolve("127.0.0.2", 3001).await.is_ok());
}

#[tokio::test]
async fn every_spelling_of_an_address_is_judged_as_the_address() {
    let server = Policy::allowing(&["127.0.0.0/8"]).expect("entries");
    let (here, elsewhere) = (server.narrowed(&list(&["127.0.0.1"])), server.narrowed(&list(&["127.0.0.2"])));
    for host in ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"] {
        assert!(here.resolve(host, 1).await.is_ok(), "{host}");
        assert!(matches!(elsewhere.resolve(host, 1).await, Err(OutboundError::NotListed { .. })), "{host}");
    }
}

#[tokio::test]
async fn a_name_that_no_entry_can_allow_is_not_looked_up() {
    let policy = Policy::default().narrowed(&list(&["git.example.com"]));
    let answer = policy.resolve("fairlead.invalid", 443).await;
    assert!(matches!(answer, Err(OutboundError::NotListed { .. })), "{answer:?}");
}

#[test]
fn a_refusal_says_whose_list_it_was_and_who_can_change_it() {
    let server = OutboundError::Refused { host: "h".to_owned() }.to_string();
    assert!(server.contains("by the server") && server.contains("administrator"), "{server}");
    let list = OutboundError::NotListed { host: "h".to_owned() }.to_string();
    assert!(list.contains("that the subscription allows") && list.contains("owner"), "{list}");
}
