//! A chart repository: archives and an index, over HTTP with or without TLS and basic auth.

use std::convert::Infallible;
use std::sync::Arc;

use super::server::{ChartAnswer, ChartsRequest, Site};
use super::{ChartFiles, helm};
use crate::authority::Authority;
use crate::folder::Folder;
use crate::serve::Server;
use crate::{TestbedError, background};

/// What describes a repository.
const INDEX: &str = "index.yaml";

/// What is different from a repository that anyone may read over plain HTTP.
#[derive(Debug, Clone, Default)]
pub struct ChartRepositoryOptions {
    /// TLS with a certificate of an authority of its own.
    pub tls: bool,
    /// User and password for everything.
    pub basic_auth: Option<(String, String)>,
}

/// A running repository. The one who started it ends it by dropping it.
#[derive(Debug)]
pub struct ChartRepository {
    url: String,
    authority: Option<Authority>,
    site: Arc<Site>,
    /// One chart comes after the other: each makes the index anew.
    turn: tokio::sync::Mutex<()>,
    // Dropped in this order: first nobody asks any more, then the folders go.
    _server: Server,
    home: Folder,
    _charts: Folder,
}

impl ChartRepository {
    /// Starts an empty one that anyone may read over plain HTTP.
    pub async fn start() -> Result<Self, TestbedError> {
        Self::start_with(ChartRepositoryOptions::default()).await
    }

    /// Starts an empty one with TLS or with credentials.
    pub async fn start_with(options: ChartRepositoryOptions) -> Result<Self, TestbedError> {
        background::handle()?; // TLS needs what this installs
        let ChartRepositoryOptions { tls, basic_auth } = options;
        let (charts, home) = (Folder::new("charts")?, Folder::new("helm")?);
        let authority = if tls { Some(Authority::new("fairlead testbed charts")?) } else { None };
        let tls = authority.as_ref().map(Authority::server_config).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let site = Arc::new(Site::new(charts.path().to_path_buf(), basic_auth));
        let served = Arc::clone(&site);
        let server = Server::start("the chart repository", tls, move |_| {
            let site = Arc::clone(&served);
            move |request| {
                let answer = site.answer(&request);
                async move { Ok::<_, Infallible>(answer) }
            }
        })?;
        let url = format!("{scheme}://{}", server.address());
        let turn = tokio::sync::Mutex::default();
        let repository = Self { url, authority, site, turn, _server: server, home, _charts: charts };
        repository.index_anew().await?;
        Ok(repository)
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a client has to trust, PEM, where the repository speaks TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::certificate)
    }

    /// Packages a chart and puts it into the index; gives the name of its archive.
    pub async fn add(&self, chart: &ChartFiles) -> Result<String, TestbedError> {
        let _turn = self.turn.lock().await;
        let archive = chart.package(&self.site.root).await?;
        self.index_anew().await?;
        Ok(archive.file_name().unwrap_or_default().to_string_lossy().into_owned())
    }

    /// The index as helm made it.
    pub fn index(&self) -> Result<String, TestbedError> {
        let path = self.site.root.join(INDEX);
        std::fs::read_to_string(&path).map_err(TestbedError::file("read", &path))
    }

    /// From now on this text is the index, whatever it is.
    pub fn serve_index(&self, text: &str) {
        self.answer(INDEX, ChartAnswer { status: 200, location: None, body: text.to_owned() });
    }

    /// From now on this is the answer to a request for a file.
    pub fn answer(&self, file: &str, answer: ChartAnswer) {
        self.site.answer_with(&format!("/{file}"), Some(answer));
    }

    /// From now on the file is given out as it is.
    pub fn answer_normally(&self, file: &str) {
        self.site.answer_with(&format!("/{file}"), None);
    }

    /// What it was asked for, oldest first.
    pub fn requests(&self) -> Vec<ChartsRequest> {
        self.site.requests()
    }

    /// How often a file was asked for, with whatever success.
    pub fn requests_for(&self, file: &str) -> usize {
        self.requests().iter().filter(|request| request.path.trim_start_matches('/') == file).count()
    }

    async fn index_anew(&self) -> Result<(), TestbedError> {
        let folder = self.site.root.display().to_string();
        helm::run(self.home.path(), &["repo", "index", &folder]).await
    }
}
