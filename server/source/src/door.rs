//! What one call of git needs to get in at its host: the pass for the relay, variables, settings, and a private folder
//! with what must be in a file. All of it goes with the value, after the call.

mod https;
mod ssh;

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use child::callback::{self, Route};
use child::{Launcher, Network, Private, Program, write_private};
use domain::reason::Reason;
use domain::repository::Transport;
use engine::port::source::{Access, SourceError};
use outbound::{Pass, Policy, Relay};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::failure;

pub(crate) use self::ssh::{OFFER_CONFIG, OFFERED};

/// Makes doors.
#[derive(Debug)]
pub(crate) struct Doors {
    private: Private,
    /// What git is led to its hosts by.
    relay: Relay,
    /// Our own binary.
    executable: PathBuf,
    /// Where ssh is, if it is installed.
    ssh: Option<Program>,
}

/// The way in at one host with one credential.
#[derive(Debug)]
pub(crate) struct Door {
    /// Holds for this host alone.
    pub(crate) pass: Pass,

    /// Settings for `-c`; nothing secret among them.
    pub(crate) configuration: Vec<String>,
    /// Variables; nothing secret among them.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// A credential is shown: being refused says something about it.
    pub(crate) shows_credential: bool,
    folder: TempDir,
}

impl Doors {
    /// Finds ssh and makes the private folder.
    pub(crate) fn new(mirrors: &Path, launcher: &Launcher, relay: Relay) -> io::Result<Self> {
        Ok(Self {
            private: Private::new(mirrors)?,
            relay,
            executable: launcher.executable().to_path_buf(),
            ssh: Program::find("ssh").ok(),
        })
    }

    /// Prepares the way in, as far as the policy allows it.
    pub(crate) fn open(
        &self,
        address: &Address,
        access: &Access,
        policy: &Policy,
    ) -> Result<Door, SourceError> {
        let pass = self.relay.pass(policy, vec![address.destination.clone()]);
        let mut door = Door {
            pass: pass.map_err(|error| failure::internal(&error))?,
            configuration: Vec::new(),
            environment: Vec::new(),
            shows_credential: false,
            folder: self.private.for_call().map_err(|error| failure::internal(&error))?,
        };
        let opened = match address.transport {
            Transport::Https | Transport::Http => https::furnish(&mut door, address, access),
            Transport::Ssh => {
                let Some(program) = &self.ssh else {
                    let detail = "ssh is not installed on the server: install OpenSSH's client".to_owned();
                    return Err(SourceError { reason: Reason::RepositoryUnreachable, detail: Some(detail) });
                };
                self.ssh(&mut door, program, address, access)
            }
            Transport::Git => self.git(&mut door, address),
        };
        opened.map_err(|error| failure::internal(&error))?;
        Ok(door)
    }

    /// Where ssh is.
    pub(crate) fn ssh_program(&self) -> Option<&Program> {
        self.ssh.as_ref()
    }

    /// `git://` has no credential and no encryption.
    fn git(&self, door: &mut Door, address: &Address) -> io::Result<()> {
        let relay = self.route(door, address)?;
        door.environment.push(("GIT_PROXY_COMMAND", relay.into()));
        Ok(())
    }

    /// The link by which a program that speaks no HTTP is led through the relay.
    fn route(&self, door: &Door, address: &Address) -> io::Result<PathBuf> {
        let route = Route {
            relay: door.pass.relay_address(),
            target: address.destination.authority(),
            authorization: door.pass.authorization().expose_secret().to_owned(),
        };
        write_private(&door.folder().join(callback::ROUTE), Zeroizing::new(route.to_text()).as_bytes())?;
        self.link(door.folder(), callback::RELAY)
    }

    fn link(&self, folder: &Path, name: &str) -> io::Result<PathBuf> {
        let link = folder.join(name);
        symlink(&self.executable, &link)?;
        Ok(link)
    }
}

impl Door {
    /// The relay, and nothing else.
    pub(crate) fn network(&self) -> Network {
        Network::Port(self.pass.relay_address().port())
    }

    /// The private folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}
