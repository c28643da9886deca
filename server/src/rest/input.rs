//! What comes with a request: its version, its page, its precondition, its body.

mod body;
mod condition;
mod names;
mod page;
mod version;

pub use inbound::body::Reader;

pub use self::body::JsonBody;
pub use self::condition::{Condition, entity_tag};
pub use self::names::{ClusterNames, ConfigurationNames, GroupName, ProviderName, SubscriptionName};
pub use self::page::Page;
pub use self::version::{ApiVersion, Clusters, Configurations, Providers, Versions};
