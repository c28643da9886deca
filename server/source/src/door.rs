//! What one call of git needs to get in at its host: variables, settings, and a private folder with what must be in
//! a file. All of it goes with the value, after the call.

mod https;
mod ssh;

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use child::callback::{self, Route};
use child::{Launcher, Program};
use domain::reason::Reason;
use domain::repository::Transport;
use engine::port::source::{Access, SourceError};
use tempfile::TempDir;

use crate::address::Address;
use crate::failure;
use crate::private::{Private, write};

pub(crate) use self::ssh::{OFFER_CONFIG, OFFERED};

/// Makes doors.
#[derive(Debug)]
pub(crate) struct Doors {
    private: Private,
    /// Our own binary.
    executable: PathBuf,
    /// Where ssh is, if it is installed.
    ssh: Option<Program>,
}

/// The way in at one host with one credential.
#[derive(Debug, Default)]
pub(crate) struct Door {
    /// Settings for `-c`; nothing secret among them.
    pub(crate) configuration: Vec<String>,
    /// Variables; nothing secret among them.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// A credential is shown: being refused says something about it.
    pub(crate) shows_credential: bool,
    folder: Option<TempDir>,
}

impl Doors {
    /// Finds ssh and makes the private folder.
    pub(crate) fn new(mirrors: &Path, launcher: &Launcher) -> io::Result<Self> {
        Ok(Self {
            private: Private::new(mirrors)?,
            executable: launcher.executable().to_path_buf(),
            ssh: Program::find("ssh").ok(),
        })
    }

    /// Prepares the way in.
    pub(crate) fn open(&self, address: &Address, access: &Access) -> Result<Door, SourceError> {
        let opened = match address.transport {
            Transport::Https | Transport::Http => self.https(address, access),
            Transport::Ssh => {
                let Some(program) = &self.ssh else {
                    let detail = "ssh is not installed on the server: install OpenSSH's client".to_owned();
                    return Err(SourceError { reason: Reason::RepositoryUnreachable, detail: Some(detail) });
                };
                self.ssh(program, address, access)
            }
            Transport::Git => self.relayed(address),
        };
        opened.map_err(|error| failure::internal(&error))
    }

    /// Where ssh is.
    pub(crate) fn ssh_program(&self) -> Option<&Program> {
        self.ssh.as_ref()
    }

    /// `git://` has no credential and no encryption; it goes through the relay so that it gets to the checked address.
    fn relayed(&self, address: &Address) -> io::Result<Door> {
        let folder = self.private.for_call()?;
        let relay = self.route(folder.path(), &address.route)?;
        Ok(Door {
            environment: vec![("GIT_PROXY_COMMAND", relay.into())],
            folder: Some(folder),
            ..Door::default()
        })
    }

    /// The link by which a program has us connect.
    fn route(&self, folder: &Path, route: &Route) -> io::Result<PathBuf> {
        write(&folder.join(callback::ROUTE), route.to_text().as_bytes())?;
        self.link(folder, callback::RELAY)
    }

    fn link(&self, folder: &Path, name: &str) -> io::Result<PathBuf> {
        let link = folder.join(name);
        symlink(&self.executable, &link)?;
        Ok(link)
    }
}

impl Door {
    /// The private folder, where there is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }
}
