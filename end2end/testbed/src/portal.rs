//! The portal itself: the real program `fairlead`, in a throw-away data folder, on a port of its own.
//!
//! `program` says where the program is and with which environment it runs, `browser` sends what a browser without
//! script sends, `acts` are the things people do, `view` reads what the portal says about a configuration, `live` hears
//! its stream, `usage` counts what it costs.

mod acts;
mod browser;
mod fields;
mod live;
mod program;
mod usage;
mod view;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use self::browser::{Answer, Browser};
pub use self::fields::ConfigurationFields;
pub use self::live::LiveStream;
pub use self::program::PortalOptions;
pub use self::usage::Usage;
pub use self::view::ConfigurationView;

use self::program::Program;
use crate::folder::Folder;
use crate::part::{Part, tail};
use crate::{TestbedError, background, port, progress, random};

/// Signs in to every portal that is started here.
pub const ADMINISTRATOR: &str = "admin";

/// Half a second is usual; a machine that compiles at the same time needs longer.
const READY_LIMIT: Duration = Duration::from_mins(1);

/// What the server gives running syncs is 20 seconds.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A running portal. The one who started it ends it by dropping it.
#[derive(Debug)]
pub struct Portal {
    address: SocketAddr,
    password: String,
    program: Program,
    /// Dropped in this order: the program, then its folder.
    part: Mutex<Option<Part>>,
    _folder: Folder,
}

impl Portal {
    /// Starts one with an administrator who has a password.
    pub async fn start() -> Result<Self, TestbedError> {
        Self::start_with(PortalOptions::default()).await
    }

    /// Starts one that differs from the ordinary one.
    pub async fn start_with(options: PortalOptions) -> Result<Self, TestbedError> {
        let began = Instant::now();
        progress::say("starting the portal");
        let portal = Self::without_data(&options, &random::token()?)?;
        let create = ["user", "create", ADMINISTRATOR, "--administrator", "--password-stdin"];
        portal.command(&create, &portal.password).await?;
        portal.start_again().await?;
        progress::say(format_args!(
            "portal ready at {} after {:.1} s",
            portal.url(),
            began.elapsed().as_secs_f32()
        ));
        Ok(portal)
    }

    /// One that has no data and does not run, for whoever brings the data of another one, in which [`ADMINISTRATOR`] has
    /// this password: by [`Self::command`] or into the folder [`Self::data`], which is not made yet. Then
    /// [`Self::start_again`].
    pub fn without_data(options: &PortalOptions, password: &str) -> Result<Self, TestbedError> {
        background::handle()?; // the client needs what this installs
        let folder = Folder::new("portal")?;
        let address = match options.listen {
            Some(address) => address,
            None => SocketAddr::from((Ipv4Addr::LOCALHOST, port::free()?)),
        };
        let program = Program::find(folder.path(), address, options)?;
        Ok(Self { address, password: password.to_owned(), program, part: Mutex::default(), _folder: folder })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The password of [`ADMINISTRATOR`].
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Database, keys and mirrors.
    pub fn data(&self) -> &Path {
        self.program.data()
    }

    /// Everything the server has written so far, over all its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// What the server has used since its last start.
    pub fn usage(&self) -> Result<Usage, TestbedError> {
        Usage::of(self.process()?)
    }

    /// The id of the server's process, for whoever looks at it from outside.
    pub fn process(&self) -> Result<u32, TestbedError> {
        let part = self.part();
        part.as_ref().ok_or(TestbedError::NotRunning { part: "the portal" })?.process("fairlead")
    }

    /// Runs `fairlead` with these arguments on the same data, and gives what it printed.
    pub async fn command(&self, arguments: &[&str], input: &str) -> Result<String, TestbedError> {
        self.program.run(arguments, input).await
    }

    /// A browser in which nobody has signed in.
    pub fn visitor(&self) -> Result<Browser, TestbedError> {
        Browser::new(self.url(), self.log_file())
    }

    /// A browser in which nobody has signed in, and which comes by another address that leads here.
    pub fn visitor_by(&self, url: &str) -> Result<Browser, TestbedError> {
        Browser::new(url.to_owned(), self.log_file())
    }

    /// A browser in which the administrator has signed in.
    pub async fn sign_in(&self) -> Result<Browser, TestbedError> {
        let browser = self.visitor()?;
        browser.sign_in(ADMINISTRATOR, &self.password).await?;
        Ok(browser)
    }

    /// Asks the server to stop, and waits until it has.
    pub async fn stop(&mut self) -> Result<(), TestbedError> {
        let Some(mut part) = self.part().take() else { return Ok(()) };
        part.signal("TERM");
        if part.ended(STOP_LIMIT).await {
            return Ok(());
        }
        Err(TestbedError::InVain {
            wanted: "the server stopped".to_owned(),
            waited: STOP_LIMIT,
            seen: "it still runs".to_owned(),
            tail: log_tail(&self.log_file()),
        })
    }

    /// Takes the server away as `kill -9` does.
    pub fn kill(&self) {
        *self.part() = None;
    }

    /// Waits until the server has ended by itself.
    pub async fn ended(&mut self, limit: Duration) -> Result<(), TestbedError> {
        let part = self.part().take();
        if let Some(mut part) = part
            && !part.ended(limit).await
        {
            *self.part() = Some(part);
            return Err(TestbedError::InVain {
                wanted: "the server ended by itself".to_owned(),
                waited: limit,
                seen: "it still runs".to_owned(),
                tail: log_tail(&self.log_file()),
            });
        }
        Ok(())
    }

    /// Starts the server on the same data and the same port, and waits until it answers.
    pub async fn start_again(&self) -> Result<(), TestbedError> {
        self.kill();
        let mut part = Part::start(&self.program.serve())?;
        let visitor = self.visitor()?;
        let ready = async || visitor.get("/readyz").await.is_ok_and(|answer| answer.status == 200);
        part.wait_until(READY_LIMIT, ready).await?;
        *self.part() = Some(part);
        Ok(())
    }

    /// From the next start on the server runs with this variable, or without it.
    pub fn set(&mut self, variable: &str, value: Option<&str>) {
        self.program.set(variable, value);
    }

    fn part(&self) -> MutexGuard<'_, Option<Part>> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_file(&self) -> PathBuf {
        self.program.log().to_path_buf()
    }
}

/// The end of the server's log, for errors.
fn log_tail(log: &Path) -> String {
    tail(log).unwrap_or_else(|error| format!("(no log: {error})"))
}
