//! What a stretch of work cost: time, requests, processors.

use std::fmt;
use std::time::{Duration, Instant};

use testbed::{AuditMark, Cluster, Counters, Portal};

/// The user agent of our requests begins so.
const OURS: &str = "fairlead";

/// Begins to count.
pub(super) struct Meter {
    began: Instant,
    server: Counters,
    cpu_seconds: f64,
    mark: AuditMark,
}

/// What was counted.
pub(super) struct Cost {
    pub(super) time: Duration,
    /// The API server, all its clients.
    pub(super) server: Counters,
    /// Requests of the portal.
    pub(super) ours: usize,
    /// Those of them that name an object that comes from Git, dry-runs included.
    pub(super) for_objects: usize,
    /// The portal and its programs.
    pub(super) cpu_seconds: f64,
}

impl Meter {
    pub(super) async fn start(cluster: &Cluster, portal: &Portal) -> anyhow::Result<Self> {
        let mark = cluster.audit_mark().await?;
        let server = cluster.counters().await?;
        Ok(Self { server, mark, cpu_seconds: portal.usage()?.cpu_seconds, began: Instant::now() })
    }

    /// `managed` says whether a resource, in the plural, and a name are of an object that comes from Git.
    pub(super) async fn stop(
        self,
        cluster: &Cluster,
        portal: &Portal,
        managed: impl Fn(&str, &str) -> bool,
    ) -> anyhow::Result<Cost> {
        let time = self.began.elapsed();
        let cpu_seconds = portal.usage()?.cpu_seconds - self.cpu_seconds;
        let server = cluster.counters().await?.since(&self.server);
        let asked = cluster.audit(self.mark).await?;
        let ours = || asked.iter().filter(|event| event.user_agent.starts_with(OURS));
        let for_objects =
            ours().filter(|event| managed(&event.resource, event.name.as_deref().unwrap_or_default()));
        Ok(Cost { time, server, ours: ours().count(), for_objects: for_objects.count(), cpu_seconds })
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, server, ours, for_objects, cpu_seconds } = self;
        write!(
            formatter,
            "{:6.1} s, CPU: ours {cpu_seconds:.1} s, API server {:.1} s; requests: all {}, ours {ours}, naming an object {for_objects}",
            time.as_secs_f32(),
            server.cpu_seconds,
            server.all(),
        )
    }
}
