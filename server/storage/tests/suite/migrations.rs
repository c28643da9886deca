//! Each migration climbs over the rows of the versions before it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use domain::page::PageQuery;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use storage::Storage;

use crate::databases::{EVERYTHING, databases};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// Rows that a database of this version holds; each migration ships its own.
fn sample(version: i64) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/{version}.sql"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

// D11
#[tokio::test]
async fn every_migration_keeps_the_rows_of_the_versions_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fairlead.db");
    let location = path.to_str().unwrap();
    let mut connection = SqliteConnection::connect(&format!("sqlite:{location}?mode=rwc")).await.unwrap();
    for migration in MIGRATIONS.iter() {
        MIGRATIONS.run_to(migration.version, &mut connection).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sample(migration.version))).execute(&mut connection).await.unwrap();
    }
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty(), "{} rows point to nothing", broken.len());
    connection.close().await.unwrap();

    let clock = databases().await.remove(0).clock;
    let storage = Storage::open(location, Arc::clone(&clock) as _).await.unwrap();
    let clusters = storage.clusters(&EVERYTHING, &PageQuery::default()).await.unwrap();
    assert_eq!(clusters.items[0].name, "AzureArcTest1");
    assert_eq!(clusters.items[0].resource_group_display_name, "AzureArcTest");
    let filter = storage::ConfigurationFilter { visible: EVERYTHING, cluster: None };
    let list = storage.configurations(&filter, &PageQuery::default()).await.unwrap();
    let id = list.page.items[0].state.id;
    let work = storage.work(id).await.unwrap().unwrap();
    assert_eq!(work.spec.name.as_str(), "cluster-config");
    assert_eq!(storage.inventory(id).await.unwrap().len(), 1);
    assert_eq!(storage.last_change_set(id).await.unwrap().unwrap().changes.len(), 1);
    assert_eq!(storage.audit_entries(&crate::databases::all_entries(None), 10).await.unwrap().len(), 3);
    let checked = storage.check_audit(None).await.unwrap();
    assert_eq!(checked, storage::AuditCheck::Whole { end: storage.audit_end().await.unwrap() });
    assert_eq!(storage.key_ids_in_use().await.unwrap(), ["key-1"]);
}
