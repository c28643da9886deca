//! Helm charts and where they come from: repositories over HTTP and registries, filled by the real helm.
//!
//! A chart is a set of files ([`ChartFiles`]). `helm package` makes an archive of them, `helm repo index` describes the
//! archives of a repository, and `helm push` brings them to a registry.

mod files;
mod helm;
mod registry;
mod repository;
mod server;

pub use self::files::ChartFiles;
pub use self::helm::helm;
pub use self::registry::{ChartRegistry, ChartRegistryOptions, RegistryAccess};
pub use self::repository::{ChartRepository, ChartRepositoryOptions};
pub use self::server::{ChartAnswer, ChartsRequest};
