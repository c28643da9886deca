//! Copies of the database, taken beside whoever writes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use storage::{Snapshot, SnapshotError, Storage, check_snapshot};

use crate::databases::databases;

/// What stands in the copy, as another file.
fn kept(snapshot: &Snapshot, path: &Path) {
    let mut from = snapshot.open().unwrap();
    std::io::copy(&mut from, &mut fs::File::create(path).unwrap()).unwrap();
}

#[tokio::test]
async fn a_copy_beside_an_open_database_has_everything_that_was_committed_and_nothing_else() {
    for database in databases().await {
        let location = database.path.to_str().unwrap();
        let before = database.user("ada").await;
        let mut open = database.begin().await;
        let during = open.create_user("grace", false).await.unwrap();
        let snapshot = Snapshot::take(location).await.unwrap();
        open.commit().await.unwrap();
        let copy = database.path.with_file_name("copy.db");
        kept(&snapshot, &copy);
        drop(snapshot);
        check_snapshot(&copy).await.unwrap();
        let copy = Storage::open(copy.to_str().unwrap(), database.clock.clone()).await.unwrap();
        assert_eq!(copy.installation(), database.storage.installation());
        assert!(copy.user(before).await.unwrap().is_some());
        assert!(copy.user(during).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_copy_is_for_the_owner_alone_and_goes_with_its_value() {
    for database in databases().await {
        let location = database.path.to_str().unwrap();
        let place = database.path.with_file_name("fairlead.db.snapshot");
        fs::write(&place, "left by one that was killed").unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).unwrap();
        let snapshot = Snapshot::take(location).await.unwrap();
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
        let second = Snapshot::take(location).await.unwrap_err();
        assert!(matches!(second, SnapshotError::UnderWay { .. }), "{second}");
        drop(snapshot);
        assert!(!place.exists());
    }
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused() {
    for database in databases().await {
        let nowhere = database.path.with_file_name("nowhere.db");
        let missing = Snapshot::take(nowhere.to_str().unwrap()).await.unwrap_err();
        assert!(matches!(missing, SnapshotError::Missing { .. }), "{missing}");
        assert!(!nowhere.exists());
        let other = database.path.with_file_name("other.db");
        fs::write(&other, "this is no database, but it is long enough to look at").unwrap();
        let refused = check_snapshot(&other).await.unwrap_err();
        assert!(matches!(refused, SnapshotError::Damaged { .. }), "{refused}");
        fs::write(&other, "").unwrap();
        let refused = check_snapshot(&other).await.unwrap_err();
        assert!(matches!(refused, SnapshotError::Foreign), "{refused}");
    }
}

#[tokio::test]
async fn a_copy_of_a_newer_version_is_refused_and_the_check_leaves_no_file() {
    for database in databases().await {
        database
            .tamper(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (29990101000000, 'of tomorrow', TRUE, x'00', 0)",
            )
            .await;
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        kept(&Snapshot::take(database.path.to_str().unwrap()).await.unwrap(), &copy);
        let refused = check_snapshot(&copy).await.unwrap_err();
        assert!(matches!(refused, SnapshotError::Newer { migration: 29_990_101_000_000 }), "{refused}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
