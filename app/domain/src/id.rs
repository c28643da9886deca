//! Identities that never change: `UUIDv7`, made on the server, only parsed here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// An ARM subscription: the outermost tenant. Chosen by whoever makes it, so that scripts can keep theirs.
    SubscriptionId
);
id!(
    /// A resource group: a team's space inside a subscription.
    ResourceGroupId
);
id!(
    /// A connected cluster's entry. What the cluster itself is, is told by [`crate::cluster::ClusterUid`].
    ClusterId
);
id!(
    /// One configuration (ARM `sourceControlConfiguration`).
    ConfigurationId
);
id!(
    /// A person who signs in, or a service account.
    UserId
);
id!(
    /// One role somebody has at one place.
    RoleAssignmentId
);
id!(
    /// One session, as its owner sees it; says nothing about its secret.
    SessionId
);
id!(
    /// One stored secret of one owner.
    SecretId
);
id!(
    /// One personal bearer token; says nothing about the token itself.
    TokenId
);
id!(
    /// One recorded sync: what it planned and what came of it.
    ChangeSetId
);
id!(
    /// A kubeconfig that was pasted and waits, encrypted, for its connection to be completed.
    ClusterDraftId
);
id!(
    /// One operator that has to go.
    RetirementId
);
id!(
    /// One installation of Fairlead: made with its database, written into the operator's Lease as holder.
    InstallationId
);
