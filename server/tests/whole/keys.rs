//! Keys and backups: nothing that is sealed is lost, and nothing of it is shown.
//!
//! - `rotation` a new key beside a server that works, and one that was killed
//! - `halves` backup and restore, from one Installed to the next; `places` where the ring may come from instead of a file

pub(crate) mod halves;
mod places;
mod rotation;

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::clock::SystemClock;
use storage::Storage;
use tempfile::TempDir;
use testbed::{ConfigurationFields, ConfigurationView, Repository};

use crate::scene::Stage;

/// What opens the repository: not guessed, and found in no file by chance.
const TOKEN: &str = "canary-token-9f31c7d2b8e64a05";

/// A configuration of a private repository: without its sealed token there is no sync.
struct Private {
    id: String,
    fields: ConfigurationFields,
    repository: Repository,
    app: String,
}

impl Private {
    /// Installed with the value `one`.
    async fn installed(stage: &Stage, prefix: &str) -> Self {
        let repository = stage.git.repository("manifests").await.unwrap();
        repository.require_basic_auth("ada", TOKEN).unwrap();
        let fields = ConfigurationFields::named_apart(prefix, repository.url()).unwrap();
        let fields = fields.with("https_user", "ada").with("https_key", TOKEN);
        let app = format!("{}-app", fields.value("name"));
        let mut private = Self { id: String::new(), fields, repository, app };
        private.commit("one").await;
        private.id = stage.browser.add_configuration(&stage.cluster_id, &private.fields).await.unwrap();
        stage.browser.until_installed(&private.id).await.unwrap();
        assert_eq!(private.value(stage).await.as_deref(), Some("one"));
        private
    }

    async fn commit(&self, value: &str) -> String {
        let app = &self.app;
        let namespace = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {app}\n");
        let settings = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: {app}\ndata:\n  key: {value}\n"
        );
        let files = [("namespace.yaml", namespace.as_str()), ("settings.yaml", settings.as_str())];
        self.repository.commit(&files, "Change the value").await.unwrap()
    }

    async fn value(&self, stage: &Stage) -> Option<String> {
        let path = format!("/api/v1/namespaces/{}/configmaps/settings", self.app);
        let object = stage.cluster.object(&path).await.unwrap()?;
        object["data"]["key"].as_str().map(str::to_owned)
    }
}

/// Installed, at this commit.
fn settled(view: &ConfigurationView, commit: &str) -> bool {
    view.is_quiet() && view.compliance() == "Installed" && view.revision() == commit
}

/// The database of a data folder, beside the server.
async fn storage(data: &Path) -> Storage {
    Storage::open_beside(&Storage::location_in(data), Arc::new(SystemClock)).await.unwrap()
}

/// How many secrets each key seals.
async fn by_key(data: &Path) -> BTreeMap<String, u64> {
    let storage = storage(data).await;
    let by_key = storage.begin().await.unwrap().secrets_by_key().await.unwrap();
    storage.close().await;
    by_key
}

/// The ids in a ring, the active one first.
fn ids(ring: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(ring).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by_key(|line| !line.ends_with(":active"));
    lines.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

/// A folder with a passphrase in a private file, for what a test writes beside the portal.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write("passphrase", "a passphrase that is long enough\n");
        desk.write("wrong", "a passphrase that is another one\n");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path as an argument.
    fn at(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, content: &str) {
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.path(name));
        std::io::Write::write_all(&mut file.unwrap(), content.as_bytes()).unwrap();
    }
}
