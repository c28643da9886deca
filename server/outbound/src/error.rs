//! Why a connection was not made.

use std::io;

/// Why a connection was not made. The texts name what the person wrote and nothing the network told, so that they
/// cannot be used to look around in the server's network.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No address of the host may be connected to.
    #[error(
        "the address of {host} is not allowed; the administrator can allow it with FAIRLEAD_OUTBOUND_ALLOW"
    )]
    Refused {
        /// As written.
        host: String,
    },
    /// The name has no address.
    #[error("the host name {host} has no address; check its spelling")]
    NotResolved {
        /// As written.
        host: String,
    },
    /// The resolver did not answer in time.
    #[error("the address of {host} could not be looked up in time; try again later")]
    ResolveTimeout {
        /// As written.
        host: String,
    },
    /// None of the addresses took the connection.
    #[error("{host} port {port} does not take connections")]
    Connect {
        /// As written.
        host: String,
        /// The port.
        port: u16,
        /// What the last address tried answered.
        #[source]
        source: io::Error,
    },
    /// None of the addresses answered in time.
    #[error("{host} port {port} did not answer in time")]
    ConnectTimeout {
        /// As written.
        host: String,
        /// The port.
        port: u16,
    },
    /// A URL without a host, or with a scheme that has no port.
    #[error("the URL names no host to connect to")]
    NoHost,
}
