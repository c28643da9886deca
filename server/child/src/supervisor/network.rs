//! Holds this process and all it starts to where they may connect.

use landlock::{Access, AccessNet, NetPort, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError};

use crate::network::{Network, TCP};

/// For the thread that calls it and what it starts, for good. A kernel without such rules holds nothing, which is no
/// error: the server has said so.
pub(super) fn hold(network: Network) -> Result<(), String> {
    let port = match network {
        Network::Machine => return Ok(()),
        Network::Port(port) => Some(port),
        Network::Nowhere => None,
    };
    held(port).map_err(|error| format!("cannot be held to where it may connect: {error}"))
}

fn held(port: Option<u16>) -> Result<(), RulesetError> {
    let rules = Ruleset::default().handle_access(AccessNet::from_all(TCP))?.create()?;
    let ports = port.into_iter().map(|port| Ok(NetPort::new(port, AccessNet::ConnectTcp)));
    rules.add_rules::<_, _, _, RulesetError>(ports)?.restrict_self().map(|_| ())
}
