//! Use cases on embedding: which origins may show the portal in a frame, and how somebody comes to be signed in there.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{NewSession, ServiceError, Visit};
use crate::access::Actor;
use crate::clock::Moment;
use crate::embed::ParentOrigin;
use crate::id::SubscriptionId;

/// Seconds until a one-time code is worth nothing.
pub const EMBED_CODE_SECONDS: i64 = 60;
/// More parents than anybody's dashboards, per subscription.
pub const EMBED_PARENTS_MAX: u32 = 50;

/// An origin whose pages may show the portal in a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedParentRow {
    pub origin: ParentOrigin,
    pub created_at: Moment,
    pub created_by: String,
}

/// What a person is asked before a page of another origin shows the portal in their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedGrantView {
    pub parent: ParentOrigin,
    /// The subscriptions that allow this parent and of which the actor sees something, by name.
    pub subscriptions: Vec<String>,
}

/// A one-time code, that opens a session in a frame of its parent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedCode {
    /// 256 random bits, as text.
    pub code: String,
    pub expires_at: Moment,
}

/// For what a program asks for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedCodeDraft {
    pub subscription: SubscriptionId,
    pub resource_group: String,
    /// Narrows it to a cluster of the group; empty for all of the group.
    pub cluster: String,
    /// A word of [`crate::access::Role`]; empty for Reader.
    pub role: String,
    /// The origin that will show the frame.
    pub parent: String,
}

/// A request that comes from inside a frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Embedded {
    /// With rights as [`crate::embed::embedded`] narrows them.
    pub actor: Actor,
    pub parent: ParentOrigin,
    /// The session goes on under this secret.
    pub renewed: Option<NewSession>,
}

/// Use cases on embedding.
#[async_trait]
pub trait EmbedService: Send + Sync {
    /// The origins that a subscription's owners allow, by name; for those who see all of it.
    async fn parents(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
    ) -> Result<Vec<EmbedParentRow>, ServiceError>;
    /// Allows another one; for owners of the subscription.
    async fn allow_parent(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        origin: &str,
    ) -> Result<(), ServiceError>;
    /// Takes one back: its frames show nothing more of the subscription from their next request on.
    async fn disallow_parent(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        origin: &str,
    ) -> Result<(), ServiceError>;
    /// What a person is asked; `NotFound` when nothing that the actor sees allows the parent.
    async fn grant_view(&self, actor: &Actor, parent: &str) -> Result<EmbedGrantView, ServiceError>;
    /// A code for a frame of this parent, granted in the session of this secret: the one in the frame ends with it at the
    /// latest. Only who knows the text whose SHA-256 is `challenge` (in base64url) can use it.
    async fn grant(
        &self,
        actor: &Actor,
        secret: &str,
        parent: &str,
        challenge: &str,
        role: &str,
    ) -> Result<EmbedCode, ServiceError>;
    /// A code for a dashboard's server, bound to a place.
    async fn issue(&self, actor: &Actor, draft: &EmbedCodeDraft) -> Result<EmbedCode, ServiceError>;
    /// Turns a code into a session, once. `verifier` is the text of [`Self::grant`]'s challenge, and empty for a code of
    /// [`Self::issue`].
    async fn enter(&self, code: &str, verifier: &str, visit: &Visit) -> Result<NewSession, ServiceError>;
    /// Who a secret of a session in a frame belongs to; `None` when it is over, or its parent is allowed nowhere any more.
    /// For streams that look again: the session keeps its secret.
    async fn embedded(&self, secret: &str) -> Result<Option<Embedded>, ServiceError>;
    /// The same for a request, whose answer can bring a new secret: there is one when its owner's rights changed.
    async fn enter_embedded(&self, secret: &str) -> Result<Option<Embedded>, ServiceError>;
    /// The origin, when some subscription allows it.
    async fn listed(&self, parent: &str) -> Result<Option<ParentOrigin>, ServiceError>;
}
