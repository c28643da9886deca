//! The operations of the REST API, as the server hands them to the page that lists them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One operation, of the API's own document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiOperation {
    /// `GET`, `PUT`, `POST` or `DELETE`
    pub method: String,
    /// With names of its parts in braces.
    pub path: String,
    /// Its name in the document.
    pub id: String,
    /// `arm` or `portal`
    pub group: String,
    /// What it does, in English as in the document.
    pub summary: String,
}

/// All of them, in the document's order; a context of every page.
pub type ApiOperations = Arc<[ApiOperation]>;
