//! The use cases the pages and the REST API call, and what they give back.
//!
//! The traits are implemented by the server's `service` crate and handed to the pages as context; a page sees
//! nothing else of the server.

mod access;
mod accounts;
mod activity;
mod clusters;
mod configurations;
mod embed;
mod error;
mod people;
mod plan;
mod providers;
mod releases;
mod resources;
mod tokens;
mod webhooks;

pub use access::{
    AccessService, AssignmentDraft, DISPLAY_NAME_MAX, GroupRef, OutboundView, PlaceAccess, PlaceDetail,
    PlaceList, PlaceStep, QuotaView, RESULTING_MAX, ResourceGroupRow, ResultingRole, RoleAssignmentRow,
    RoleSource, ServiceAccountRow, SubscriptionRow,
};
pub use accounts::{
    AccountService, Entered, FormerSession, Identity, NewSession, OwnAccount, PasswordChange, SessionList,
    SessionRow, Visit,
};
pub use activity::{
    ACTIVITY_MAX, ActivityChange, ActivityList, ActivityQuery, ActivityRow, ActivityService, EXPORT_MAX,
    OUTCOME_REFUSED,
};
pub use clusters::{
    ClusterDetail, ClusterList, ClusterRow, ClusterService, ConnectDraft, ConnectView, ContextView,
    PlaceChoice, RefusedField, RetirementRow,
};
pub use configurations::{
    ChangeSetView, ComplianceCounts, ConfigurationDetail, ConfigurationList, ConfigurationRow,
    ConfigurationService, ConfigurationState, DeletionPreview, HistoryRow, PruneListView, ResourceRow,
};
pub use embed::{
    EMBED_CODE_SECONDS, EMBED_PARENTS_MAX, EmbedCode, EmbedCodeDraft, EmbedGrantView, EmbedParentRow,
    EmbedService, Embedded,
};
pub use error::{Conflict, ServiceError};
pub use people::{NewLink, PEOPLE_MAX, PeopleService, PersonDetail, PersonList, PersonRow};
pub use plan::{FieldDifference, PlanStep, PlanView};
pub use providers::{
    Arrival, Departure, ProviderAnswer, ProviderRow, ProviderService, RefusedSignIn, SignInFault,
};
pub use releases::{
    HelmProgram, KeptRelease, OtherReleases, RELEASES_MAX, REVISIONS_MAX, ReleaseChart, ReleaseDetail,
    ReleaseHelm, ReleaseList, ReleaseRevision, ReleaseRow, ReleaseService,
};
pub use resources::{
    ClusterPath, ClusterResource, ClusterScope, ConfigurationPath, ConfigurationResource, FIRST_ERRORS,
    Precondition, Put, RESOURCES_MAX, ResourceService, Slice, Sliced, SpecTag, Standing, StandingError,
};
pub use tokens::{
    NewToken, ServiceAccountTokens, TOKEN_DAYS, TOKEN_DAYS_MAX, TOKEN_NAME_MAX, TOKEN_PREFIX, TOKENS_MAX,
    TokenDraft, TokenList, TokenRow, TokenService,
};
pub use webhooks::{NewWebhook, WEBHOOKS_FOLDER, WebhookView};
