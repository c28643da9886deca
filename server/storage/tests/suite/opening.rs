//! Opening a SQLite file: alone, sound, and with this version's tables.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;

use sqlx::{Connection, SqliteConnection};
use storage::{OpenError, Storage, StorageError};

use crate::databases::databases;

#[tokio::test]
async fn a_second_process_is_refused_with_a_sentence() {
    for database in databases().await {
        let location = database.path.to_str().unwrap();
        let error = Storage::open(location, database.clock.clone()).await.err().unwrap();
        assert!(matches!(error, OpenError::InUse { .. }), "{error}");
        assert!(error.to_string().contains("stop it first"), "{error}");
    }
}

#[tokio::test]
async fn a_command_may_write_beside_the_server() {
    for database in databases().await {
        let location = database.path.to_str().unwrap();
        let beside = Storage::open_beside(location, database.clock.clone()).await.unwrap();
        let mut unit = beside.begin().await.unwrap();
        unit.create_user("ada", false).await.unwrap();
        unit.commit().await.unwrap();
        assert!(database.storage.user_by_name("ada").await.unwrap().is_some());
        assert_eq!(beside.installation(), database.storage.installation());
    }
}

#[tokio::test]
async fn everything_is_there_after_a_restart_and_it_is_the_same_installation() {
    for database in databases().await {
        let installation = database.storage.installation();
        let user = database.user("ada").await;
        let database = database.restart().await;
        assert_eq!(database.storage.installation(), installation);
        assert!(database.storage.user(user).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    for database in databases().await {
        database.user("ada").await;
        for entry in fs::read_dir(database.path.parent().unwrap()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        }
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_as_it_is() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        for number in 0..50 {
            database.configuration(cluster, &format!("config-{number}")).await;
        }
        database.storage.close().await;
        let (path, clock) = (database.path.clone(), database.clock.clone());
        let location = path.to_str().unwrap();
        // the folder of the test stays, the lock goes
        let copy = path.with_file_name("copy.db");
        fs::copy(&path, &copy).unwrap();
        let mut file = OpenOptions::new().write(true).open(&copy).unwrap();
        file.seek(SeekFrom::Start(4096 * 3)).unwrap();
        file.write_all(&vec![0x5a; 4096 * 20]).unwrap();
        let error = Storage::open(copy.to_str().unwrap(), clock.clone()).await.err().unwrap();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        fs::write(&copy, b"this is no database, but it is long enough to look at").unwrap();
        let error = Storage::open(copy.to_str().unwrap(), clock).await.err().unwrap();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}: {location}");
        assert!(fs::read(&copy).unwrap().starts_with(b"this is no database"));
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    for database in databases().await {
        database
            .tamper(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (29990101000000, 'of tomorrow', TRUE, x'00', 0)",
            )
            .await;
        database.storage.close().await;
        let copy = database.path.with_file_name("copy.db");
        fs::copy(&database.path, &copy).unwrap();
        let error = Storage::open(copy.to_str().unwrap(), database.clock.clone()).await.err().unwrap();
        assert!(matches!(error, OpenError::Newer { migration: 29_990_101_000_000, .. }), "{error}");
    }
}

#[tokio::test]
async fn a_server_of_another_kind_is_refused_without_repeating_its_password() {
    for database in databases().await {
        let location = "postgres://ada:secret@db/fairlead";
        let error = Storage::open(location, database.clock.clone()).await.err().unwrap();
        assert!(matches!(error, OpenError::Unsupported { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    for database in databases().await {
        let location = database.path.with_file_name("nowhere").join("fairlead.db");
        let error = Storage::open(location.to_str().unwrap(), database.clock.clone()).await.err().unwrap();
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}

#[tokio::test]
async fn a_database_locked_by_another_program_is_busy_for_writers_and_open_for_readers() {
    for database in databases().await {
        let cluster = database.cluster("one").await;
        let mut other = SqliteConnection::connect(database.path.to_str().unwrap()).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        assert!(database.storage.cluster(cluster).await.unwrap().is_some());
        let error = database.storage.begin().await.err().unwrap();
        assert!(matches!(error, StorageError::Busy(_)), "{error}");
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
        database.configuration(cluster, "config").await;
    }
}
