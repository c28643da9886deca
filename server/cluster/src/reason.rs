//! From a failed request to the one sentence that people read.

use domain::cluster::Connectivity;
use domain::reason::{ConnectionReason, Reason};
use engine::port::cluster::ClusterError;
use http::StatusCode;

use crate::call::{CallError, Fault, bounded};
use crate::transport::Unproven;

impl CallError {
    /// In words for the detail beside a reason.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Unreached(fault) => fault.detail(),
            Self::Unauthenticated { message, .. } | Self::Unreadable(message) => bounded(message),
            Self::Refused(refusal) => bounded(&refusal.message),
        }
    }

    /// Whether the API server said that the user may not.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN)
    }

    /// Whether the API server answered with this status.
    pub(crate) fn has_status(&self, status: StatusCode) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == status)
    }

    /// What it says of the connection.
    pub(crate) fn connection(&self) -> (Connectivity, ConnectionReason) {
        match self {
            Self::Unreached(fault) => match fault {
                Fault::AddressRefused(_) => (Connectivity::Offline, ConnectionReason::AddressRefused),
                Fault::AddressNotListed(_) => (Connectivity::Offline, ConnectionReason::AddressNotListed),
                Fault::CertificateRefused(_) => (Connectivity::Offline, ConnectionReason::CertificateRefused),
                Fault::CredentialRefused => (Connectivity::Expired, ConnectionReason::CredentialRefused),
                Fault::CredentialExpired => (Connectivity::Expired, ConnectionReason::CredentialExpired),
                Fault::Unproven(_)
                | Fault::Unreachable(_)
                | Fault::TimedOut
                | Fault::Dropped
                | Fault::Other(_) => (Connectivity::Offline, ConnectionReason::Unreachable),
            },
            Self::Unauthenticated { expired: true, .. } => {
                (Connectivity::Expired, ConnectionReason::CredentialExpired)
            }
            Self::Unauthenticated { .. } => (Connectivity::Expired, ConnectionReason::CredentialRefused),
            Self::Refused(refusal) if refusal.status.is_server_error() => {
                (Connectivity::Offline, ConnectionReason::Failed)
            }
            Self::Refused(_) => (Connectivity::Connected, ConnectionReason::Failed),
            Self::Unreadable(_) => (Connectivity::Offline, ConnectionReason::Failed),
        }
    }

    /// What it says of a sync: the connection's fault where it is one, else `forbidden` or `otherwise`.
    pub(crate) fn into_cluster_error(self, forbidden: Reason, otherwise: Reason) -> ClusterError {
        let detail = Some(self.detail());
        if let Self::Unreached(Fault::Unproven(why)) = &self {
            return ClusterError { reason: of_unproven(why), detail };
        }
        let reason = match self.connection().1 {
            ConnectionReason::AddressRefused => Reason::ClusterAddressRefused,
            ConnectionReason::AddressNotListed => Reason::ClusterAddressNotListed,
            ConnectionReason::CredentialRefused => Reason::ClusterCredentialRefused,
            ConnectionReason::CredentialExpired => Reason::ClusterCredentialExpired,
            ConnectionReason::Unreachable | ConnectionReason::CertificateRefused => {
                Reason::ClusterUnreachable
            }
            _ if self.is_forbidden() => forbidden,
            _ => match self {
                Self::Refused(refusal) if is_passing(refusal.status) => Reason::ClusterUnreachable,
                _ => otherwise,
            },
        };
        ClusterError { reason, detail }
    }
}

/// Which cluster it is, is asked as the kubeconfig's user, whoever the request is for.
fn of_unproven(why: &Unproven) -> Reason {
    match why {
        Unproven::Another { .. } => Reason::ClusterReplaced,
        Unproven::Refused { status: StatusCode::FORBIDDEN, .. } => Reason::ProvisionDenied,
        Unproven::Refused { .. } | Unproven::Silent => Reason::ClusterUnreachable,
    }
}

/// Answers that say "not now".
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}
