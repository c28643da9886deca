//! Webhooks as people see them. What comes in by them is no use case of anybody here.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

/// What the path of a webhook begins with; the rest is its own address.
pub const WEBHOOKS_FOLDER: &str = "/webhooks/";

/// A configuration's webhook. Its secret is never told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// Where the Git host sends to: a path of the portal, until [`WebhookView::at`] makes it a whole address.
    pub address: String,
    /// When its secret was made.
    pub made_at: Moment,
    /// The last one with the right secret; a few seconds may be missing.
    pub taken_at: Option<Moment>,
    /// The last one without it; a few seconds may be missing.
    pub refused_at: Option<Moment>,
}

/// A webhook that was made just now, with its secret: the only answer that has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewWebhook {
    /// As in [`WebhookView`].
    pub address: String,
    /// 43 characters for 256 random bits.
    pub secret: String,
}

impl WebhookView {
    /// With the portal's own address in front, for instance `https://fairlead.example.com`.
    #[must_use]
    pub fn at(self, portal: &str) -> Self {
        Self { address: format!("{portal}{}", self.address), ..self }
    }
}

impl NewWebhook {
    /// As [`WebhookView::at`].
    #[must_use]
    pub fn at(self, portal: &str) -> Self {
        Self { address: format!("{portal}{}", self.address), ..self }
    }
}
