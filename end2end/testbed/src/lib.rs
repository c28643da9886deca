//! Real parts for tests, stories and the demo: a Kubernetes control plane, Git servers over HTTP and SSH, chart
//! repositories and registries, OpenID Connect providers, and a proxy that makes faults. Everything listens on the loopback interface, on free ports.
//!
//! ```no_run
//! # async fn example() -> Result<(), testbed::TestbedError> {
//! let cluster = testbed::Cluster::shared().await?;
//! let repository = testbed::GitServer::shared().await?.repository("team/app").await?;
//! let commit = repository.commit(&[("app.yaml", "kind: …")], "Add the application").await?;
//! let kubeconfig = cluster.kubeconfig();
//! # Ok(())
//! # }
//! ```
//!
//! - [`Cluster`] and [`GitServer`] have `shared()`: the one of `testbed run`, else one per process. A test takes
//!   a namespace and a repository of its own in it. `start()` gives one for a test alone.
//! - [`Portal`] is the server under test or on show, the program as people start it; [`Browser`] does in it what people
//!   do, by its forms.
//! - A part lives as long as its value. Programs are killed and folders removed also when the process panics or is
//!   killed (`part` and `folder` say how).
//! - To add a part: a module with a type whose value holds a [`part::Part`](part) and a folder, a `start()` that polls
//!   until the part answers, a test in `tests/`, and a line in `commands/up.rs` when people want it by hand.

mod authority;
mod background;
mod cache;
mod charts;
mod cluster;
mod control;
mod environment;
mod error;
mod fault_proxy;
mod folder;
mod git;
mod identity_provider;
mod part;
mod port;
mod portal;
mod progress;
mod random;
mod serve;
mod soak;

pub use self::authority::{Authority, Identity};
pub use self::charts::{
    ChartAnswer, ChartFiles, ChartRegistry, ChartRegistryOptions, ChartRepository, ChartRepositoryOptions,
    ChartsRequest, RegistryAccess, helm,
};
pub use self::cluster::{
    AuditEvent, AuditMark, CLUSTER_VARIABLE, Cluster, ClusterOptions, Counters, Credential, Kubeconfig,
    kubectl,
};
pub use self::control::CONTROL_VARIABLE;
pub use self::environment::{Environment, KUBECONFIG_VARIABLE};
pub use self::error::TestbedError;
pub use self::fault_proxy::{FaultProxy, ProxiedRequest, Rule, RuleId};
pub use self::git::{
    Change, DEFAULT_BRANCH, GIT_ROOT_VARIABLE, GIT_URL_VARIABLE, GitServer, GitServerOptions, Repository,
    RequestCounts, SshGitServer,
};
pub use self::identity_provider::{Account, IdentityProvider};
pub use self::portal::{
    ADMINISTRATOR, Answer, Browser, ConfigurationFields, ConfigurationView, LiveStream, Portal,
    PortalOptions, Usage,
};
pub use self::soak::{SOAK_VARIABLE, count};
