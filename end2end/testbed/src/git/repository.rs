//! One bare repository on a running server.

use std::path::{Path, PathBuf};

use super::requests::{self, RequestCounts};
use super::{Change, run, sample};
use crate::TestbedError;
use crate::folder::write_private;

/// The branch that HEAD names and that commits go to unless told otherwise.
pub const DEFAULT_BRANCH: &str = "main";

/// `user:password`, when the repository asks for them.
pub(super) const CREDENTIALS_FILE: &str = "testbed-credentials";

/// A status that is answered in place of the repository.
pub(super) const ANSWER_FILE: &str = "testbed-answer";

/// Anonymous push too, so that a person can try a push by hand. No maintenance in the background: it would outlive
/// the test.
const CONFIGURATION: &str = "
[http]
\treceivepack = true
[receive]
\tdenyDeleteCurrent = ignore
\tdenyNonFastForwards = false
\tautogc = false
[gc]
\tauto = 0
[uploadpack]
\tallowFilter = true
";

/// A repository that a server gives out. It goes with the server.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    name: String,
    url: String,
}

impl Repository {
    /// Makes an empty bare repository `<root>/<name>.git`, given out as `<base>/<name>.git`.
    pub(super) async fn create(root: &Path, base: &str, name: &str) -> Result<Self, TestbedError> {
        let repository = Self::at(root, base, name)?;
        let folder = &repository.folder;
        if folder.exists() {
            return Err(TestbedError::RepositoryExists { name: name.to_owned() });
        }
        std::fs::create_dir_all(folder).map_err(TestbedError::file("make", folder))?;
        let branch = format!("--initial-branch={DEFAULT_BRANCH}");
        run(folder, &["init", "--quiet", "--bare", "--template=", &branch, "."], b"").await?;
        let path = folder.join("config");
        let configuration = std::fs::read_to_string(&path).map_err(TestbedError::file("read", &path))?;
        write_private(&path, &(configuration + CONFIGURATION))?;
        Ok(repository)
    }

    /// A repository that may be there already.
    pub(super) fn at(root: &Path, base: &str, name: &str) -> Result<Self, TestbedError> {
        if !is_name(name) {
            return Err(TestbedError::RepositoryName { name: name.to_owned() });
        }
        Ok(Self {
            folder: root.join(format!("{name}.git")),
            name: name.to_owned(),
            url: format!("{base}/{name}.git"),
        })
    }

    /// The address to clone from, without credentials.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The path below the server's address, without `.git`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the bare repository is on disk, to damage it or to look into it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is still there.
    pub fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// Writes files on the default branch in one commit and returns its id.
    pub async fn commit(&self, files: &[(&str, &str)], message: &str) -> Result<String, TestbedError> {
        let change = files.iter().fold(self.change(), |change, (path, content)| change.write(path, *content));
        change.commit(message).await
    }

    /// A commit with everything that a commit can hold.
    pub fn change(&self) -> Change<'_> {
        Change::new(self)
    }

    /// Commits the sample: namespaces, a ConfigMap and an application.
    pub async fn commit_sample(&self) -> Result<String, TestbedError> {
        self.commit(&sample::files(), "Add the namespaces, the endpoints of team-a and the demo application")
            .await
    }

    /// The commit a branch, tag or other revision means.
    pub async fn revision(&self, revision: &str) -> Result<String, TestbedError> {
        let commit = format!("{revision}^{{commit}}");
        run(&self.folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], b"")
            .await
            .map_err(|_| TestbedError::NoRevision {
                repository: self.name.clone(),
                revision: revision.to_owned(),
            })
    }

    /// The text of a file at a revision.
    pub async fn read(&self, revision: &str, path: &str) -> Result<String, TestbedError> {
        run(&self.folder, &["cat-file", "blob", &format!("{revision}:{path}")], b"").await
    }

    /// Makes a branch, or moves it with all force.
    pub async fn create_branch(&self, name: &str, revision: &str) -> Result<String, TestbedError> {
        let commit = self.revision(revision).await?;
        run(&self.folder, &["update-ref", &format!("refs/heads/{name}"), &commit], b"").await?;
        Ok(commit)
    }

    /// Removes a branch, also the default one.
    pub async fn delete_branch(&self, name: &str) -> Result<(), TestbedError> {
        self.revision(&format!("refs/heads/{name}")).await?;
        run(&self.folder, &["update-ref", "-d", &format!("refs/heads/{name}")], b"").await?;
        Ok(())
    }

    /// Makes a tag, or moves it.
    pub async fn tag(&self, name: &str, revision: &str) -> Result<String, TestbedError> {
        let commit = self.revision(revision).await?;
        run(&self.folder, &["update-ref", &format!("refs/tags/{name}"), &commit], b"").await?;
        Ok(commit)
    }

    /// Removes the repository; the server answers 404 for it from now on.
    pub fn delete(&self) -> Result<(), TestbedError> {
        std::fs::remove_dir_all(&self.folder).map_err(TestbedError::file("remove", &self.folder))
    }

    /// From now on the HTTP server asks for these credentials here. A second call revokes the former ones.
    pub fn require_basic_auth(&self, user: &str, password: &str) -> Result<(), TestbedError> {
        write_private(&self.folder.join(CREDENTIALS_FILE), &format!("{user}:{password}"))
    }

    /// From now on the HTTP server asks for no credentials of this repository's own.
    pub fn allow_anonymous(&self) -> Result<(), TestbedError> {
        remove_if_there(&self.folder.join(CREDENTIALS_FILE))
    }

    /// From now on the HTTP server answers with this status and an HTML page, as a broken proxy or a sign-in wall does.
    pub fn answer_with(&self, status: http::StatusCode) -> Result<(), TestbedError> {
        write_private(&self.folder.join(ANSWER_FILE), status.as_str())
    }

    /// Takes back [`Repository::answer_with`].
    pub fn answer_normally(&self) -> Result<(), TestbedError> {
        remove_if_there(&self.folder.join(ANSWER_FILE))
    }

    /// Whether the HTTP server takes what clients push.
    pub async fn allow_pushes(&self, allow: bool) -> Result<(), TestbedError> {
        run(&self.folder, &["config", "http.receivepack", if allow { "true" } else { "false" }], b"").await?;
        Ok(())
    }

    /// What a tag is: `(kind of object, text of the object)`.
    pub async fn tag_object(&self, name: &str) -> Result<(String, String), TestbedError> {
        let name = format!("refs/tags/{name}");
        let kind = run(&self.folder, &["cat-file", "-t", &name], b"").await?;
        Ok((kind, run(&self.folder, &["cat-file", "-p", &name], b"").await?))
    }

    /// What clients asked for over HTTP so far.
    pub fn requests(&self) -> Result<RequestCounts, TestbedError> {
        requests::read(&self.folder)
    }
}

fn remove_if_there(path: &Path) -> Result<(), TestbedError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(TestbedError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The name becomes a path on disk and in an address, so it may leave neither.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with(['.', '-'])
                && part
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_the_folder() {
        for name in ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.git", "-a", "a b", "a?b"] {
            assert!(!is_name(name), "{name:?} was taken");
        }
        assert!(is_name("team/app-1.x_y"));
    }
}
