//! Where a program may connect to, on kernels that hold it to that.

use std::net::{Ipv4Addr, TcpListener};

use child::{Command, Isolation, Network, Program, holds_network};

use super::isolation::isolation;
use crate::{launcher, shell};

/// Whether there is something to see; where there is not, says why.
fn is_held() -> bool {
    let held = holds_network();
    if let Err(reason) = &held {
        eprintln!("left out: {reason}");
    }
    held.is_ok()
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// A shell that connects by itself, and again in a process of its own.
fn connecting(port: u16) -> Command {
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
    let both = format!("({connect}); first=$?; bash -c '{connect}' || exit 1; exit $first");
    launcher().command(&Program::find("bash").expect("bash")).args(["-c", &both])
}

/// How many connections came.
fn connections(listener: &TcpListener) -> usize {
    std::iter::from_fn(|| listener.accept().ok()).count()
}

#[tokio::test]
async fn s_e4_a_program_and_what_it_starts_connect_to_the_port_that_is_named_and_to_no_other() {
    if !is_held() {
        return;
    }
    let ((relay, port), (other, elsewhere)) = (listener(), listener());
    for (network, target, reached) in [
        (Network::Port(port), port, true),
        (Network::Port(port), elsewhere, false),
        (Network::Nowhere, elsewhere, false),
        (Network::Machine, elsewhere, true),
    ] {
        let output = connecting(target).network(network).run().await.unwrap();
        assert_eq!(output.status.success(), reached, "{network:?} to {target}");
        let expected = if reached { 2 } else { 0 };
        assert_eq!(connections(&relay) + connections(&other), expected, "{network:?} to {target}");
    }
}

#[tokio::test]
async fn s_e4_a_program_that_runs_apart_and_keeps_the_network_is_held_too() {
    if !is_held() {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let ((relay, port), (other, elsewhere)) = (listener(), listener());
    for (target, expected) in [(port, 2), (elsewhere, 0)] {
        let apart = Isolation { network: true, ..isolation(work.path()) };
        let output = connecting(target).network(Network::Port(port)).isolated(apart).run().await.unwrap();
        assert_eq!(output.status.success(), expected > 0, "{}", crate::text(&output.stderr));
        assert_eq!(connections(&relay) + connections(&other), expected, "to {target}");
    }
}

#[tokio::test]
async fn s_e4_a_program_that_may_connect_to_a_port_listens_on_none() {
    if !is_held() {
        return;
    }
    let free = listener().1.to_string();
    let git = Program::find("git").expect("git");
    let daemon = ["daemon", "--listen=127.0.0.1", &format!("--port={free}")];
    let output = launcher()
        .command(&git)
        .args(daemon)
        .network(Network::Port(free.parse().unwrap()))
        .run()
        .await
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("unable to allocate any listen sockets"), "{words}");
}

#[tokio::test]
async fn a_program_that_is_held_runs_under_its_limits_as_any_other() {
    let output = shell("ulimit -c; echo done").network(Network::Nowhere).run().await.unwrap();
    assert_eq!(crate::text(&output.stdout), "0\ndone");
}
