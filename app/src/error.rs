//! What a server function answers when it did not do it: carried over the wire, shown as a sentence.

use catalogue::{Locale, service_error_sentence, text};
use domain::service::ServiceError;
use domain::violation::Violations;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::wire::Wire;

/// The error of every server function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WireError {
    /// The use case refused.
    Service(ServiceError),
    /// The server did not answer.
    Unreachable,
    /// Page and server do not understand each other, for instance after an update of the server.
    Malformed,
}

impl WireError {
    /// What happened and what to do next.
    pub fn sentence(&self, locale: Locale) -> String {
        match self {
            Self::Service(service) => service_error_sentence(locale, service),
            Self::Unreachable => text::error_unreachable(locale).to_owned(),
            Self::Malformed => text::error_malformed(locale).to_owned(),
        }
    }

    /// The faults of the input, when that is what was wrong.
    pub fn violations(&self) -> Option<&Violations> {
        match self {
            Self::Service(ServiceError::Invalid { violations }) => Some(violations),
            _ => None,
        }
    }

    /// Whether somebody has to sign in first.
    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Service(ServiceError::Unauthenticated))
    }

    /// Whether the thing asked for is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Service(ServiceError::NotFound))
    }
}

impl From<ServiceError> for WireError {
    fn from(service: ServiceError) -> Self {
        Self::Service(service)
    }
}

impl FromServerFnError for WireError {
    type Encoder = Wire;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => {
                #[cfg(feature = "ssr")]
                crate::context::set_status(axum::http::StatusCode::BAD_REQUEST);
                Self::Malformed
            }
            _ => Self::Malformed,
        }
    }
}
