use std::ffi::OsString;

use landlock::{ABI, Access, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr};

/// The first version of Landlock that knows of TCP (Linux 6.7); later ones say no more about it.
pub(crate) const TCP: ABI = ABI::V4;

/// The order by which the supervisor learns of it.
pub(crate) const ORDER: &str = "--tcp";

/// What `ORDER` says when no port is left.
pub(crate) const NO_PORT: &str = "none";

/// Where a program and all it starts may go by TCP.
///
/// The kernel holds it by Landlock, by the port alone and whatever the address. Where it has no such rules
/// ([`crate::holds_network`]) the program starts all the same. UDP, and with it questions to name servers, other
/// protocols and sockets that are files are not covered, and a program that runs apart without
/// [`crate::Isolation::network`] has no network to begin with. Programs so held gain no privilege from the owner of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Wherever the machine may.
    #[default]
    Machine,
    /// To this port alone, and none is listened on.
    Port(u16),
    /// Nowhere, and no port is listened on.
    Nowhere,
}

impl Network {
    /// The order to the supervisor.
    pub(crate) fn argument(self) -> Option<OsString> {
        match self {
            Self::Machine => None,
            Self::Port(port) => Some(format!("{ORDER}={port}").into()),
            Self::Nowhere => Some(format!("{ORDER}={NO_PORT}").into()),
        }
    }
}

/// Whether this kernel holds programs to their [`Network`]; if not, why. Changes nothing for whoever asks.
pub fn holds_network() -> Result<(), String> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessNet::from_all(TCP))
        .and_then(Ruleset::create)
        .map(|_| ())
        .map_err(|error| format!("the kernel has no Landlock rules for TCP: {error}"))
}
