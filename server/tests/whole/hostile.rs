//! What strangers may write, and what must not come of it: no command, no file of the server, nobody else's object, no
//! trouble for others. `server/tests/README.md` says which rule each test proves.

mod arguments;
mod extra_fields;
mod fields;
mod floods;
mod gates;
mod guessing;
mod impersonation;
mod index;
mod kubeconfigs;
mod links;
mod neighbours;
mod owners;
mod paths;
mod scope;
mod sealed;
mod secrets;
mod unreadable;
mod words;

use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) use self::gates::sources;
pub(crate) use self::index::root;
use crate::scene::Stage;

/// Whether these words are in the log, the database or another file of the server.
pub(crate) fn is_kept(stage: &Stage, words: &str) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    let files = std::fs::read_dir(stage.portal.data()).unwrap().map(|entry| entry.unwrap().path());
    holds(stage.portal.log().as_bytes())
        || files.filter(|path| path.is_file()).any(|path| holds(&std::fs::read(path).unwrap()))
}

/// A place where something leaves a trace when it runs; no part of its path begins with a dot, so that it may stand in
/// the name of a branch.
fn trap() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("fairlead-trap-").tempdir().unwrap()
}

/// The file in it.
fn trace(trap: &Path) -> String {
    trap.join("ran").display().to_string()
}

/// Writes to the database behind the server's back.
pub(crate) fn write(stage: &Stage, statement: &str) {
    query(stage, statement, "assert found.rowcount == 1");
}

/// The numbers of the one row that is found there.
pub(crate) fn read(stage: &Stage, statement: &str) -> Vec<i64> {
    let found = query(stage, statement, "[row] = found.fetchall(); print(list(row))");
    serde_json::from_str(&found).unwrap()
}

/// Asks with the SQLite that comes with Python.
fn query(stage: &Stage, statement: &str, then: &str) -> String {
    let files = std::fs::read_dir(stage.portal.data()).unwrap().map(|entry| entry.unwrap().path());
    let database = files
        .into_iter()
        .find(|path| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3")));
    let script = format!(
        "import sqlite3, sys\n\
         database = sqlite3.connect(sys.argv[1], timeout=30)\n\
         found = database.execute(sys.argv[2])\n\
         {then}\n\
         database.commit()\n"
    );
    let mut python = Command::new("python3");
    python.args(["-c", &script]).arg(database.unwrap()).arg(statement);
    let output = python.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
