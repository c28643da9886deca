//! What went wrong on the way to an API server, found in the chain of causes.

use std::error::Error;
use std::io;

use outbound::OutboundError;
use rustls::{AlertDescription, CertificateError};

use crate::transport::Unproven;

/// The longest message that is kept of what a server said.
const MESSAGE_MAX: usize = 4 * 1024;

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The outbound policy does not allow the address.
    AddressRefused(String),
    /// The list of the subscription does not name the address.
    AddressNotListed(String),
    /// No connection was made: no such name, nobody listens, nobody answers.
    Unreachable(String),
    /// No answer came in time.
    TimedOut,
    /// The server's certificate is not one that the kubeconfig's authority vouches for.
    CertificateRefused(String),
    /// The server refused our certificate in the handshake.
    CredentialRefused,
    /// The server refused our certificate as expired.
    CredentialExpired,
    /// The connection was closed before an answer came.
    Dropped,
    /// The connection did not prove that it leads to the cluster that is meant.
    Unproven(Unproven),
    /// Anything else.
    Other(String),
}

impl Fault {
    /// The first cause that says something.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(fault) = Self::of_one(error) {
                return fault;
            }
            cause = inner(error).or_else(|| error.source());
        }
        Self::Other(bounded(&error.to_string()))
    }

    fn of_one(error: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(error) = error.downcast_ref::<OutboundError>() {
            return Some(match error {
                OutboundError::Refused { .. } => Self::AddressRefused(error.to_string()),
                OutboundError::NotListed { .. } => Self::AddressNotListed(error.to_string()),
                _ => Self::Unreachable(error.to_string()),
            });
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(error));
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            let dropped = error.is_incomplete_message() || error.is_canceled() || error.is_closed();
            return dropped.then_some(Self::Dropped);
        }
        if let Some(error) = error.downcast_ref::<Unproven>() {
            return Some(Self::Unproven(error.clone()));
        }
        let error = error.downcast_ref::<io::Error>()?;
        let dropped = matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
        );
        (dropped && error.get_ref().is_none_or(|inner| !inner.is::<rustls::Error>())).then_some(Self::Dropped)
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(fault) => Self::CertificateRefused(sentence(fault).to_owned()),
            rustls::Error::AlertReceived(AlertDescription::CertificateExpired) => Self::CredentialExpired,
            rustls::Error::AlertReceived(
                AlertDescription::BadCertificate
                | AlertDescription::CertificateRequired
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::DecryptError,
            ) => Self::CredentialRefused,
            other => Self::Unreachable(format!("no TLS connection could be made: {other}")),
        }
    }

    /// In words for the detail beside a reason.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::AddressRefused(detail)
            | Self::AddressNotListed(detail)
            | Self::Unreachable(detail)
            | Self::CertificateRefused(detail)
            | Self::Other(detail) => detail.clone(),
            Self::Unproven(why) => why.to_string(),
            Self::TimedOut => "the server did not answer in time".to_owned(),
            Self::CredentialRefused => "the server refused the client certificate".to_owned(),
            Self::CredentialExpired => "the server says that the client certificate has expired".to_owned(),
            Self::Dropped => "the server closed the connection before it answered".to_owned(),
        }
    }
}

/// What an I/O error wraps; its `source` would skip that one.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let error = error.downcast_ref::<io::Error>()?;
    error.get_ref().map(|inner| inner as &(dyn Error + 'static))
}

fn sentence(fault: &CertificateError) -> &'static str {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another name"
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the server's certificate is not signed by the kubeconfig's authority"
        }
        CertificateError::Revoked => "the server's certificate is revoked",
        _ => "the server's certificate cannot be accepted",
    }
}

/// A message on few lines, without control characters, cut to what is worth keeping.
pub(crate) fn bounded(message: &str) -> String {
    let mut kept = String::new();
    for character in message.trim().chars() {
        let character = if character.is_control() && character != '\n' { ' ' } else { character };
        if kept.len() + character.len_utf8() > MESSAGE_MAX {
            kept.push('…');
            break;
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let kept = bounded(&"ä\r\0".repeat(4_000));
        assert!(kept.len() <= MESSAGE_MAX + '…'.len_utf8() && kept.ends_with('…'));
        assert!(!kept.contains(['\r', '\0']));
    }

    #[test]
    fn the_cause_is_found_behind_what_wraps_it() {
        let refused = OutboundError::Refused { host: "x.test".to_owned() };
        let wrapped = io::Error::other(io::Error::other(refused));
        assert!(matches!(Fault::of(&wrapped), Fault::AddressRefused(_)));
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert!(matches!(Fault::of(&io::Error::other(tls)), Fault::CertificateRefused(_)));
    }
}
