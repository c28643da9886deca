//! The HTTP server in front of the repositories.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::sync::OnceCell;

use super::repository::{ANSWER_FILE, CREDENTIALS_FILE, Repository, is_name};
use super::requests::{self, Kind};
use super::{SshGitServer, backend};
use crate::authority::Authority;
use crate::folder::Folder;
use crate::serve::{Server, shows_basic};
use crate::{TestbedError, random};

/// The address of the Git server of `testbed run` and `testbed up`.
pub const GIT_URL_VARIABLE: &str = "FAIRLEAD_TESTBED_GIT_URL";

/// The folder of its repositories.
pub const GIT_ROOT_VARIABLE: &str = "FAIRLEAD_TESTBED_GIT_ROOT";

/// What a client may send: a push of a test's repository. It is held in memory.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What is different from a server that anyone may read over plain HTTP.
#[derive(Debug, Clone, Default)]
pub struct GitServerOptions {
    /// TLS with a certificate of an authority of its own.
    pub tls: bool,
    /// User and password for every repository.
    pub basic_auth: Option<(String, String)>,
}

/// Git over smart HTTP. The one who started it stops it, and removes its repositories, by dropping it.
#[derive(Debug)]
pub struct GitServer {
    url: String,
    root: PathBuf,
    authority: Option<Authority>,
    owned: Option<Owned>,
}

/// Dropped in this order: first nobody asks any more, then the folder goes.
#[derive(Debug)]
struct Owned {
    _server: Server,
    folder: Arc<Folder>,
}

impl GitServer {
    /// Starts a server that anyone may read over plain HTTP.
    pub async fn start() -> Result<Self, TestbedError> {
        Self::start_with(GitServerOptions::default()).await
    }

    /// Starts a server with TLS or with credentials.
    pub async fn start_with(options: GitServerOptions) -> Result<Self, TestbedError> {
        // Says early, and not in the middle of a request, when git is missing.
        super::run(Path::new("/"), &["--version"], b"").await?;
        let GitServerOptions { tls, basic_auth } = options;
        let folder = Arc::new(Folder::new("git")?);
        let authority = if tls { Some(Authority::new("fairlead testbed git")?) } else { None };
        let tls = authority.as_ref().map(Authority::server_config).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let credentials = basic_auth.map(|(user, password)| format!("{user}:{password}"));
        let site = Arc::new(Site { root: folder.path().to_path_buf(), credentials });
        let server = Server::start("the git server", tls, move |_| {
            let site = Arc::clone(&site);
            move |request| {
                let site = Arc::clone(&site);
                async move { Ok::<_, Infallible>(answer(&site, request).await) }
            }
        })?;
        Ok(Self {
            url: format!("{scheme}://{}", server.address()),
            root: folder.path().to_path_buf(),
            authority,
            owned: Some(Owned { _server: server, folder }),
        })
    }

    /// The server that tests share: plain HTTP, without credentials of its own (a repository may ask for some). That
    /// of the environment (`testbed run` names it), else one that this process starts once.
    pub async fn shared() -> Result<&'static Self, TestbedError> {
        static SHARED: OnceCell<GitServer> = OnceCell::const_new();
        SHARED
            .get_or_try_init(|| async {
                match (std::env::var(GIT_URL_VARIABLE), std::env::var_os(GIT_ROOT_VARIABLE)) {
                    (Ok(url), Some(root)) => {
                        Ok(Self { url, root: root.into(), authority: None, owned: None })
                    }
                    _ => Self::start().await,
                }
            })
            .await
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of the repositories.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What a client has to trust, PEM, where the server speaks TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::certificate)
    }

    /// Makes an empty repository; a folder with a random name keeps it apart from those of other tests.
    pub async fn repository(&self, name: &str) -> Result<Repository, TestbedError> {
        self.repository_named(&format!("{}/{name}", random::suffix()?)).await
    }

    /// Makes an empty repository with exactly this name.
    pub async fn repository_named(&self, name: &str) -> Result<Repository, TestbedError> {
        Repository::create(&self.root, &self.url, name).await
    }

    /// A repository that is there already.
    pub fn existing_repository(&self, name: &str) -> Result<Option<Repository>, TestbedError> {
        Ok(Some(Repository::at(&self.root, &self.url, name)?).filter(Repository::exists))
    }

    /// An SSH server in front of the same repositories.
    pub async fn over_ssh(&self) -> Result<SshGitServer, TestbedError> {
        let folder = self.owned.as_ref().map(|owned| Arc::clone(&owned.folder));
        SshGitServer::serve(self.root.clone(), folder).await
    }
}

/// What the server gives out.
struct Site {
    root: PathBuf,
    credentials: Option<String>,
}

async fn answer(site: &Site, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Some((name, rest)) = parts.uri.path().trim_start_matches('/').split_once(".git/") else {
        return page(StatusCode::NOT_FOUND, "There is no repository here.");
    };
    let folder = site.root.join(format!("{name}.git"));
    if !is_name(name) || !folder.is_dir() {
        return page(StatusCode::NOT_FOUND, "There is no such repository.");
    }
    if let Some(status) = instead(&folder) {
        return page(status, "This page is not a repository.");
    }
    if !admits(site, &folder, &parts.headers) {
        let _ = requests::note(&folder, Kind::Refused);
        let mut response = page(StatusCode::UNAUTHORIZED, "Sign in first.");
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            header::HeaderValue::from_static("Basic realm=\"testbed\", charset=\"UTF-8\""),
        );
        return response;
    }
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return page(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
    };
    let _ = requests::note(&folder, Kind::of(rest, parts.uri.query().unwrap_or_default(), &body));
    match backend::answer(&site.root, &parts, body).await {
        Ok(response) => response,
        Err(error) => page(StatusCode::INTERNAL_SERVER_ERROR, &format!("git http-backend: {error}")),
    }
}

/// The status that a test wants in place of the repository.
fn instead(folder: &Path) -> Option<StatusCode> {
    std::fs::read_to_string(folder.join(ANSWER_FILE)).ok()?.parse().ok()
}

/// The repository's own credentials come before those of the server.
fn admits(site: &Site, folder: &Path, headers: &HeaderMap) -> bool {
    let own = std::fs::read_to_string(folder.join(CREDENTIALS_FILE)).ok();
    let wanted = own.or_else(|| site.credentials.clone());
    wanted.is_none_or(|wanted| shows_basic(headers, &wanted))
}

fn page(status: StatusCode, text: &str) -> Response<Body> {
    let mut response =
        Response::new(Body::from(format!("<!doctype html><title>{status}</title><p>{text}</p>\n")));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    response
}
