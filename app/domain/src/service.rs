//! The use cases the pages and the REST API call, and what they give back.
//!
//! The traits are implemented by the server's `service` crate and handed to the pages as context; a page sees
//! nothing else of the server.

mod accounts;
mod clusters;
mod configurations;
mod error;

pub use accounts::{AccountService, Identity, NewSession};
pub use clusters::{
    ClusterDetail, ClusterList, ClusterRow, ClusterService, ConnectDraft, ConnectView, ContextView,
    PlaceChoice, RefusedField, RetirementRow,
};
pub use configurations::{
    ChangeSetView, ComplianceCounts, ConfigurationDetail, ConfigurationList, ConfigurationRow,
    ConfigurationService, ConfigurationState, DeletionPreview, HistoryRow, ResourceRow,
};
pub use error::{Conflict, ServiceError};
