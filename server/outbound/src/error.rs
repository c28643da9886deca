//! Why a connection was not made.

use std::io;

use http::StatusCode;

use crate::{Destination, Proxy};

/// Why a connection was not made. The texts name what the person wrote and nothing the network told, so that they
/// cannot be used to look around in the server's network.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No address of the host may be connected to.
    #[error(
        "the address of {host} is not allowed by the server; the administrator can allow it with FAIRLEAD_OUTBOUND_ALLOW"
    )]
    Refused {
        /// As written.
        host: String,
    },
    /// The list of the subscription names neither the host nor any address of it.
    #[error(
        "{host} is not on the list of hosts that the subscription allows; an owner of the subscription can add it, on \
         the subscription's page below Places"
    )]
    NotListed {
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
    /// The connection ended before an answer had come, or the answer was none.
    #[error("{host} port {port} gave no answer that can be understood")]
    Broken {
        /// As written.
        host: String,
        /// The port.
        port: u16,
    },
    /// The administrator's proxy is not there.
    #[error("the proxy {proxy} does not answer; it is one of the server's settings")]
    Proxy {
        /// As a URL.
        proxy: String,
    },
    /// The administrator's proxy does not lead there.
    #[error("the proxy {proxy} answered {status} when it was asked for {host} port {port}")]
    ProxyRefused {
        /// As a URL.
        proxy: String,
        /// Its answer.
        status: StatusCode,
        /// As written.
        host: String,
        /// The port.
        port: u16,
    },
    /// A URL without a host, or with a scheme that has no port.
    #[error("the URL names no host to connect to")]
    NoHost,
}

impl OutboundError {
    /// Whether a policy is the cause, and not the network.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::NotListed { .. })
    }

    /// What a proxy answers to being asked for a destination.
    pub(crate) fn refused_by(proxy: &Proxy, destination: &Destination, status: StatusCode) -> Self {
        let Destination { scheme: _, host, port } = destination;
        Self::ProxyRefused { proxy: proxy.url(), status, host: host.clone(), port: *port }
    }
}
