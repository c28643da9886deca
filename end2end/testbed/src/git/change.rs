//! Builds one commit: files, modes, removals, on any branch and any parent.

use super::repository::{DEFAULT_BRANCH, Repository};
use super::run;
use crate::TestbedError;

/// What Git calls the kinds of entries.
const FILE: &str = "100644";
const EXECUTABLE: &str = "100755";
const SYMLINK: &str = "120000";
const SUBMODULE: &str = "160000";

/// A commit being made. Nothing happens before [`Change::commit`].
#[derive(Debug)]
pub struct Change<'a> {
    repository: &'a Repository,
    branch: String,
    parent: Parent,
    author: String,
    /// The lines of `git fast-import` for the tree.
    entries: Vec<u8>,
}

#[derive(Debug)]
enum Parent {
    /// The tip of the branch, or none when the branch is new.
    Tip,
    None,
    Revision(String),
}

impl<'a> Change<'a> {
    pub(super) fn new(repository: &'a Repository) -> Self {
        Self {
            repository,
            branch: DEFAULT_BRANCH.into(),
            parent: Parent::Tip,
            author: "Testbed <testbed@example.com>".into(),
            entries: Vec::new(),
        }
    }

    /// The branch to commit to; made when it is not there.
    #[must_use]
    pub fn branch(mut self, branch: &str) -> Self {
        branch.clone_into(&mut self.branch);
        self
    }

    /// Rewrites history: the commit follows this revision, whatever the branch says.
    #[must_use]
    pub fn onto(mut self, revision: &str) -> Self {
        self.parent = Parent::Revision(revision.to_owned());
        self
    }

    /// Begins history anew: the commit has no parent and only the files named here.
    #[must_use]
    pub fn without_history(mut self) -> Self {
        self.parent = Parent::None;
        self
    }

    /// `Name <address>` of author and committer.
    #[must_use]
    pub fn author(mut self, author: &str) -> Self {
        author.clone_into(&mut self.author);
        self
    }

    /// Writes a file.
    #[must_use]
    pub fn write(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(FILE, path, content.as_ref())
    }

    /// Writes a file that may be executed.
    #[must_use]
    pub fn write_executable(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(EXECUTABLE, path, content.as_ref())
    }

    /// Writes a symbolic link.
    #[must_use]
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(SYMLINK, path, target.as_bytes())
    }

    /// Writes an entry of a submodule.
    #[must_use]
    pub fn submodule(mut self, path: &str, commit: &str) -> Self {
        self.line(&format!("M {SUBMODULE} {commit} {}", quote(path)));
        self
    }

    /// Removes a file or a folder with everything in it.
    #[must_use]
    pub fn remove(mut self, path: &str) -> Self {
        self.line(&format!("D {}", quote(path)));
        self
    }

    /// Removes everything that is there so far.
    #[must_use]
    pub fn remove_all(mut self) -> Self {
        self.line("deleteall");
        self
    }

    /// Makes the commit, moves the branch to it and returns its id.
    pub async fn commit(self, message: &str) -> Result<String, TestbedError> {
        let Self { repository, branch, parent, author, entries } = self;
        let parent = match parent {
            Parent::None => None,
            Parent::Revision(revision) => Some(repository.revision(&revision).await?),
            Parent::Tip => repository.revision(&format!("refs/heads/{branch}")).await.ok(),
        };
        let mut stream =
            format!("commit refs/heads/{branch}\nmark :1\ncommitter {author} now\n").into_bytes();
        data(&mut stream, message.as_bytes());
        if let Some(parent) = parent {
            stream.extend(format!("from {parent}\n").into_bytes());
        }
        stream.extend(entries);
        stream.extend(b"\nget-mark :1\ndone\n");
        let arguments = ["fast-import", "--quiet", "--force", "--done", "--date-format=now"];
        run(repository.folder(), &arguments, &stream).await
    }

    fn entry(mut self, mode: &str, path: &str, content: &[u8]) -> Self {
        self.line(&format!("M {mode} inline {}", quote(path)));
        data(&mut self.entries, content);
        self
    }

    fn line(&mut self, line: &str) {
        self.entries.extend(line.as_bytes());
        self.entries.push(b'\n');
    }
}

fn data(stream: &mut Vec<u8>, content: &[u8]) {
    stream.extend(format!("data {}\n", content.len()).into_bytes());
    stream.extend(content);
    stream.push(b'\n');
}

/// A path as `git fast-import` reads it, whatever characters it has.
fn quote(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
