//! Fresh databases to test on, and rows to begin with. PostgreSQL joins as a second entry of [`databases`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::access::{Place, Visible};
use domain::clock::{Clock, Timestamp};
use domain::cluster::{ClusterStatus, ClusterType, ClusterUid, Connectivity, Preflight};
use domain::configuration::{ConfigurationDraft, ConfigurationSpec};
use domain::event::StatusEvent;
use domain::id::{ClusterId, ConfigurationId, ResourceGroupId, SubscriptionId, UserId};
use domain::name::{ClusterName, ResourceGroupName};
use domain::page::PageQuery;
use domain::reason::{ConnectionReason, Reason};
use domain::status::{Compliance, ConfigurationStatus, MessageLevel};
use sqlx::{Connection, SqliteConnection};
use storage::{
    AuditFilter, ConfigurationFilter, ConfigurationPage, Lease, NewCluster, RunRecord, Storage, UnitOfWork,
};
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;
use uuid::Uuid;

/// A clock that stands still until it is moved.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A database with a clock.
pub(crate) struct Database {
    pub(crate) storage: Storage,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) path: PathBuf,
    /// Removed at the end of the test.
    folder: TempDir,
}

/// The whole audit, from an entry on.
pub(crate) fn all_entries(before: Option<i64>) -> AuditFilter {
    AuditFilter {
        visible: EVERYTHING,
        user: Some(somebody()),
        text: String::new(),
        refused: false,
        from: None,
        until: None,
        before,
    }
}

/// One fresh database of each kind.
pub(crate) async fn databases() -> Vec<Database> {
    vec![sqlite().await]
}

async fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fairlead.db");
    let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000_000)));
    let storage = Storage::open(path.to_str().unwrap(), clock.clone()).await.unwrap();
    Database { storage, clock, path, folder }
}

pub(crate) const EVERYTHING: Visible = Visible::Everything;

/// How long a lease of these tests holds, in milliseconds.
pub(crate) const TTL: i64 = 60_000;

impl Database {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, milliseconds: i64) {
        self.clock.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// The same database after a restart of the process.
    pub(crate) async fn restart(self) -> Self {
        let Self { storage, clock, path, folder } = self;
        storage.close().await;
        drop(storage);
        let storage = Storage::open(path.to_str().unwrap(), clock.clone()).await.unwrap();
        Self { storage, clock, path, folder }
    }

    /// Changes rows behind storage's back.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        let mut connection = SqliteConnection::connect(self.path.to_str().unwrap()).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// As if the host of a configuration's repository had taken this credential.
    pub(crate) async fn accept(&self, configuration: &str, identity: &str) {
        let mut connection = SqliteConnection::connect(self.path.to_str().unwrap()).await.unwrap();
        sqlx::query(
            "UPDATE configuration_status SET accepted_credential = $1 \
             WHERE configuration_id = (SELECT id FROM configurations WHERE name = $2)",
        )
        .bind(identity)
        .bind(configuration)
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) async fn begin(&self) -> UnitOfWork {
        self.storage.begin().await.unwrap()
    }

    pub(crate) async fn user(&self, name: &str) -> UserId {
        let mut unit = self.begin().await;
        let id = unit.create_user(name, false).await.unwrap();
        unit.commit().await.unwrap();
        id
    }

    pub(crate) async fn group(&self, subscription: u128, name: &str) -> (SubscriptionId, ResourceGroupId) {
        let id = SubscriptionId(Uuid::from_u128(subscription));
        let mut unit = self.begin().await;
        if self.storage.subscription_name(id).await.unwrap().is_none() {
            unit.create_subscription(id, &format!("Subscription {subscription}")).await.unwrap();
        }
        let name = ResourceGroupName::parse(name).unwrap();
        let group = unit.create_resource_group(id, &name).await.unwrap();
        unit.commit().await.unwrap();
        (id, group)
    }

    pub(crate) async fn cluster_in(&self, group: ResourceGroupId, name: &str) -> ClusterId {
        let mut unit = self.begin().await;
        let id = unit.create_cluster(&new_cluster(group, name)).await.unwrap();
        unit.commit().await.unwrap();
        id
    }

    /// A cluster in a group of its own.
    pub(crate) async fn cluster(&self, name: &str) -> ClusterId {
        let (_, group) = self.group(1, &format!("group-of-{name}")).await;
        self.cluster_in(group, name).await
    }

    pub(crate) async fn configuration(&self, cluster: ClusterId, name: &str) -> ConfigurationId {
        let mut unit = self.begin().await;
        let id = unit.create_configuration(cluster, &spec(name), somebody()).await.unwrap().unwrap();
        unit.commit().await.unwrap();
        id
    }

    /// A configuration on a cluster of its own, and its lease.
    pub(crate) async fn running(&self, name: &str) -> (ConfigurationId, Lease) {
        let cluster = self.cluster(&format!("cluster-of-{name}")).await;
        let id = self.configuration(cluster, name).await;
        (id, self.lease(id).await)
    }

    pub(crate) async fn lease(&self, id: ConfigurationId) -> Lease {
        self.storage.acquire_lease(id, "process-1", TTL).await.unwrap().unwrap()
    }

    pub(crate) async fn list(&self) -> ConfigurationPage {
        self.list_with(EVERYTHING, None, "").await
    }

    pub(crate) async fn list_with(
        &self,
        visible: Visible,
        cluster: Option<ClusterId>,
        text: &str,
    ) -> ConfigurationPage {
        let query = PageQuery { page: 1, filter: text.to_owned() };
        self.storage.configurations(&ConfigurationFilter { visible, cluster }, &query).await.unwrap()
    }

    /// The version that pages see.
    pub(crate) async fn version(&self, id: ConfigurationId) -> i64 {
        self.storage.configuration_summary(id).await.unwrap().unwrap().state.version
    }

    /// Ids due now, in the order of the queue.
    pub(crate) async fn due(&self) -> Vec<ConfigurationId> {
        self.storage.due(100).await.unwrap().into_iter().map(|due| due.id).collect()
    }

    /// Ends a run as wanted, next due in five minutes.
    pub(crate) async fn finish(&self, lease: Lease) {
        let record = installed(self.now());
        self.storage.record(&lease, &record).await.unwrap();
        self.storage.release_lease(lease).await.unwrap();
    }
}

/// Who does what nobody in particular does.
pub(crate) fn somebody() -> UserId {
    UserId(Uuid::from_u128(77))
}

pub(crate) fn uid_of(name: &str) -> ClusterUid {
    ClusterUid(format!("uid-of-{name}"))
}

pub(crate) fn connected() -> ClusterStatus {
    ClusterStatus {
        connectivity: Connectivity::Connected,
        reason: ConnectionReason::Connected,
        detail: None,
        facts: None,
    }
}

pub(crate) fn offline() -> ClusterStatus {
    ClusterStatus {
        connectivity: Connectivity::Offline,
        reason: ConnectionReason::Unreachable,
        detail: Some("connection refused".to_owned()),
        facts: None,
    }
}

pub(crate) fn new_cluster(group: ResourceGroupId, name: &str) -> NewCluster {
    NewCluster {
        resource_group: group,
        cluster_type: ClusterType::ConnectedClusters,
        name: ClusterName::parse(name).unwrap(),
        uid: uid_of(&name.to_lowercase()),
        server: "https://10.0.0.1:6443".to_owned(),
        status: connected(),
        preflight: Preflight { items: Vec::new(), uid: None, facts: None, missing_rbac: None },
        created_by: somebody(),
    }
}

/// A spec whose operator has the configuration's name.
pub(crate) fn spec(name: &str) -> ConfigurationSpec {
    spec_with(name, |_| {})
}

pub(crate) fn spec_with(name: &str, change: impl FnOnce(&mut ConfigurationDraft)) -> ConfigurationSpec {
    let mut draft = ConfigurationDraft {
        name: name.to_owned(),
        operator_namespace: name.chars().take(20).collect(),
        operator_instance_name: name.chars().take(20).collect(),
        repository_url: format!("https://git.example.com/{name}"),
        ..ConfigurationDraft::default()
    };
    change(&mut draft);
    draft.validate().unwrap()
}

/// A run that ended with everything as wanted.
pub(crate) fn installed(now: Timestamp) -> RunRecord {
    RunRecord {
        generation: 1,
        status: ConfigurationStatus {
            observed_generation: 1,
            compliance: Compliance::Installed,
            reason: Reason::Installed,
            revision: Some("a".repeat(40)),
            last_sync: Some(now),
            ..ConfigurationStatus::fresh()
        },
        tree_id: None,
        left_out: None,
        inventory: None,
        basis: None,
        proven_revision: None,
        tagged: None,
        prune_lists: None,
        releases: None,
        change_set: None,
        next_due_at: now.plus_milliseconds(300_000),
        failures: 0,
    }
}

/// A run that ended with a failure.
pub(crate) fn failed(now: Timestamp) -> RunRecord {
    let record = installed(now);
    let status = ConfigurationStatus {
        compliance: Compliance::Failed,
        level: MessageLevel::Error,
        reason: Reason::RepositoryUnreachable,
        ..record.status
    };
    RunRecord { status, failures: 1, ..record }
}

/// The configurations whose change was told, in order, with their versions.
pub(crate) fn told(events: &mut Receiver<StatusEvent>) -> Vec<(ConfigurationId, i64)> {
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let StatusEvent::Configuration { id, cluster: _, version } = event {
            told.push((id, version));
        }
    }
    told
}

pub(crate) fn names(page: &ConfigurationPage) -> Vec<&str> {
    page.page.items.iter().map(|row| row.name.as_str()).collect()
}

pub(crate) fn at(subscription: SubscriptionId, group: ResourceGroupId) -> Place {
    Place::ResourceGroup(subscription, group)
}
