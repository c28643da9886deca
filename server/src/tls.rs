//! TLS of our own: a listener whose connections have shaken hands, with a certificate that may be replaced while it
//! listens.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::serving::Protocol;

/// HTTP/2, as handshakes name it.
const HTTP2: &[u8] = b"h2";
/// A browser that has not shaken hands by then is none.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Handshakes under way at once; the next ones wait to be accepted.
const HANDSHAKES: usize = 256;
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// A failed accept concerns one connection, or says that there are no files left: then a moment helps.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Certificate chain and key of the portal, in PEM files.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The portal's own certificate first, then those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is shown to browsers at present.
#[derive(Debug)]
struct Current {
    files: CertificateFiles,
    key: RwLock<Arc<CertifiedKey>>,
}

impl CertificateFiles {
    fn read(&self) -> anyhow::Result<Arc<CertifiedKey>> {
        let named = |path: &Path| format!("the file {}", path.display());
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| format!("{} holds no certificates in PEM form", named(&self.certificate)))?;
        anyhow::ensure!(!chain.is_empty(), "{} holds no certificate", named(&self.certificate));
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .with_context(|| format!("{} holds no private key in PEM form", named(&self.key)))?;
        let key = CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider());
        key.map(Arc::new).context("`tls_certificate` and `tls_key` do not belong together")
    }

    /// When either was written last; `None` while one is missing.
    fn written(&self) -> Option<(SystemTime, SystemTime)> {
        let written = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        Some((written(&self.certificate)?, written(&self.key)?))
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Hands out connections that have shaken hands.
#[derive(Debug)]
pub struct TlsListener {
    address: SocketAddr,
    connections: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Begins to accept; ends with `stop`. Fails when the files are no certificate with its key.
    pub fn start(
        listener: TcpListener,
        files: CertificateFiles,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let key = RwLock::new(files.read()?);
        let current = Arc::new(Current { files, key });
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as _);
        config.alpn_protocols = vec![HTTP2.to_vec(), b"http/1.1".to_vec()];
        let address = listener.local_addr()?;
        let (ready, connections) = mpsc::channel(1);
        tokio::spawn(follow(current, stop.clone()));
        tokio::spawn(stop.run_until_cancelled_owned(accept(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            ready,
        )));
        Ok(Self { address, connections })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.connections.recv().await {
            Some(connection) => connection,
            // Accepting has ended with the server, which takes nothing more from here.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// What both sides agreed to speak.
pub fn agreed(stream: &TlsStream<TcpStream>) -> Protocol {
    match stream.get_ref().1.alpn_protocol() {
        Some(HTTP2) => Protocol::Http2,
        _ => Protocol::Http1,
    }
}

/// Each handshake on its own: a slow one keeps nobody waiting.
async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    while let Ok(turn) = Arc::clone(&handshakes).acquire_owned().await {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await;
            drop(turn);
            // Whoever spoke something else has hung up or will.
            if let Ok(Ok(stream)) = shaken {
                let _ = ready.send((stream, peer)).await;
            }
        });
    }
}

/// Takes over files that were replaced. Ones that do not fit yet, because the second is still to come, are tried again
/// at the next look; what was there before goes on being shown.
async fn follow(current: Arc<Current>, stop: CancellationToken) {
    let mut taken = current.files.written();
    let mut told = taken;
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        let written = current.files.written();
        if written.is_none() || written == taken {
            continue;
        }
        match current.files.read() {
            Ok(key) => {
                *current.key.write().unwrap_or_else(PoisonError::into_inner) = key;
                taken = written;
                tracing::info!("the replaced certificate is shown from now on");
            }
            Err(error) if told != written => {
                told = written;
                tracing::warn!("the certificate before is shown further: {error:#}");
            }
            Err(_) => {}
        }
    }
}
