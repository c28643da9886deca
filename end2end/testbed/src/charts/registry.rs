//! A registry for charts: the reference implementation of the distribution specification, with its content in memory.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::process::Command;

use super::{ChartFiles, helm};
use crate::authority::Authority;
use crate::folder::{Folder, write_private};
use crate::part::{Part, PartCommand};
use crate::{TestbedError, background, cache, port};

/// Builds the program unless it is there.
const BUILD_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/chart-registry/build.sh");

const READY_LIMIT: Duration = Duration::from_secs(30);

/// Who may push and pull.
#[derive(Debug, Clone, Default)]
pub enum RegistryAccess {
    /// Everybody.
    #[default]
    Anyone,
    /// Whoever shows name and password to the registry itself.
    Basic(String, String),
    /// Whoever got a token for name and password, from a server at another address.
    Token(String, String),
}

/// What is different from a registry that everybody may use over plain HTTP.
#[derive(Debug, Clone, Default)]
pub struct ChartRegistryOptions {
    /// TLS with a certificate of an authority of its own.
    pub tls: bool,
    /// Who may push and pull.
    pub access: RegistryAccess,
}

/// A running registry. The one who started it ends it by dropping it.
#[derive(Debug)]
pub struct ChartRegistry {
    host: String,
    authority: Option<Authority>,
    log: PathBuf,
    // Dropped in this order: the program, then its folder.
    _part: Part,
    folder: Folder,
}

impl ChartRegistry {
    /// Starts an empty one that everybody may use over plain HTTP.
    pub async fn start() -> Result<Self, TestbedError> {
        Self::start_with(ChartRegistryOptions::default()).await
    }

    /// Starts an empty one with TLS or with credentials.
    pub async fn start_with(options: ChartRegistryOptions) -> Result<Self, TestbedError> {
        let program = program().await?;
        let ChartRegistryOptions { tls, access } = options;
        let folder = Folder::new("chart-registry")?;
        let host = format!("127.0.0.1:{}", port::free()?);
        let mut settings = json!({ "address": host });
        let authority = if tls { Some(Authority::new("fairlead testbed registry")?) } else { None };
        if let Some(authority) = &authority {
            let identity = authority.server(&["127.0.0.1", "localhost"])?;
            settings["certificate"] = json!(folder.write("server.pem", &identity.certificate)?);
            settings["key"] = json!(folder.write("server.key", &identity.key)?);
            folder.write("authority.pem", authority.certificate())?;
        }
        let credential = match &access {
            RegistryAccess::Anyone => None,
            RegistryAccess::Basic(name, password) => Some(("basic", name, password)),
            RegistryAccess::Token(name, password) => Some(("token", name, password)),
        };
        if let Some((access, name, password)) = credential {
            settings["access"] = json!(access);
            settings["name"] = json!(name);
            settings["password"] = json!(password);
            settings["tokenAddress"] = json!(format!("127.0.0.1:{}", port::free()?));
            // As `helm registry login` would write it.
            let word = STANDARD.encode(format!("{name}:{password}"));
            let login = json!({ "auths": { host.as_str(): { "auth": word } } });
            folder.write("login.json", &login.to_string())?;
        }
        let settings = folder.write("settings.json", &settings.to_string())?;
        let log = folder.path().join("chart-registry.log");
        let command = PartCommand {
            name: "chart registry".into(),
            program,
            arguments: vec![settings.into()],
            environment: Vec::new(),
            log: log.clone(),
        };
        let address = host.clone();
        let part = background::run(async move {
            let mut part = Part::start(&command)?;
            let listens = async || tokio::net::TcpStream::connect(&address).await.is_ok();
            part.wait_until(READY_LIMIT, listens).await?;
            Ok(part)
        });
        Ok(Self { host, authority, log, _part: part.await?, folder })
    }

    /// `127.0.0.1:port`
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `oci://127.0.0.1:port/PATH`, where charts of this path lie.
    pub fn url(&self, path: &str) -> String {
        format!("oci://{}/{path}", self.host)
    }

    /// What a client has to trust, PEM, where the registry speaks TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::certificate)
    }

    /// What makes helm find its way in: the file of its logins (where there is a credential) and how TLS goes.
    pub fn helm_arguments(&self) -> Vec<String> {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let tls = match self.authority {
            Some(_) => vec!["--ca-file".to_owned(), file("authority.pem")],
            None => vec!["--plain-http".to_owned()],
        };
        [tls, vec!["--registry-config".to_owned(), file("login.json")]].concat()
    }

    /// Packages a chart and pushes it below a path.
    pub async fn push(&self, path: &str, chart: &ChartFiles) -> Result<(), TestbedError> {
        let archive = chart.package(self.folder.path()).await?;
        let archive = archive.display().to_string();
        let url = self.url(path);
        let options = self.helm_arguments();
        let mut arguments = vec!["push", &archive, &url];
        arguments.extend(options.iter().map(String::as_str));
        helm::run(self.folder.path(), &arguments).await
    }

    /// How many requests whose line has this in it were answered, such as `GET /v2/team/web/blobs/`.
    pub fn requests(&self, part: &str) -> Result<usize, TestbedError> {
        let log = std::fs::read_to_string(&self.log).map_err(TestbedError::file("read", &self.log))?;
        Ok(log.lines().filter(|line| line.contains(part)).count())
    }

    /// A file of helm's logins with another password, for what is to be refused.
    pub fn wrong_login(&self) -> Result<PathBuf, TestbedError> {
        let login = json!({ "auths": { self.host.as_str(): { "auth": STANDARD.encode("nobody:wrong") } } });
        let path = self.folder.path().join("wrong-login.json");
        write_private(&path, &login.to_string())?;
        Ok(path)
    }
}

async fn program() -> Result<PathBuf, TestbedError> {
    let script = PathBuf::from(BUILD_SCRIPT);
    let status = Command::new(&script)
        .status()
        .await
        .map_err(|source| TestbedError::Spawn { program: script.clone(), source })?;
    let folder = cache::folder().join("chart-registry");
    let program = folder.join("chart-registry");
    if status.success() && cache::is_program(Path::new(&program)) {
        return Ok(program);
    }
    Err(TestbedError::Program { program: "chart-registry".into(), cache: folder, script, status })
}
