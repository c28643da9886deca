//! A proxy that makes faults, in front of an API server or of any other HTTP server.
//!
//! Without rules it passes everything through, watches too. It ends TLS, so client certificates do not get through:
//! whoever goes through it signs in with a bearer token.

mod forward;
mod rule;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::body::Body;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::forward::{Upstream, slow, truncated};
use self::rule::{Action, Active};
use crate::authority::Authority;
use crate::serve::Server;
use crate::{Cluster, Credential, Kubeconfig, TestbedError};

pub use self::rule::Rule;

/// A proxy may run for days under `testbed up`; a test looks at far fewer.
const REQUEST_LOG_LIMIT: usize = 100_000;

/// Names a rule, to ask for it or to take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId(u64);

/// A request that came to the proxy.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxiedRequest {
    /// Counted from 1 since the start of the proxy.
    pub number: u64,
    /// The HTTP method.
    #[serde(serialize_with = "method")]
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// The program that called.
    pub user_agent: String,
    /// As whom the caller acted, where it impersonated.
    pub impersonated_user: Option<String>,
    /// The status the caller got; none while it waits, or when it never got one.
    pub status: Option<u16>,
}

/// A running proxy; it stops and cuts its connections when dropped.
#[derive(Debug)]
pub struct FaultProxy {
    url: String,
    authority: Option<Authority>,
    administrator_token: Option<String>,
    state: Arc<State>,
    /// Where connections that are opened now lead to.
    upstream: Arc<RwLock<Arc<Upstream>>>,
    server: Server,
}

#[derive(Debug, Default)]
struct State {
    ledger: Mutex<Ledger>,
    refuses: AtomicBool,
    /// Changes when all connections are to be cut.
    cuts: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Ledger {
    rules: Vec<Active>,
    last_rule: u64,
    requests: VecDeque<ProxiedRequest>,
    last_request: u64,
}

impl FaultProxy {
    /// A proxy in front of an API server, with a certificate of the cluster's own authority.
    pub fn in_front_of(cluster: &Cluster) -> Result<Self, TestbedError> {
        let authority = cluster.authority().clone();
        let mut proxy = Self::start(cluster.url(), Some(cluster.ca_pem()), Some(authority))?;
        proxy.administrator_token = Some(cluster.administrator_token().to_owned());
        Ok(proxy)
    }

    /// A proxy in front of any server, for instance `GitServer::url()`. Where that speaks TLS, `ca_pem` is what it is
    /// trusted by, and the proxy speaks TLS with an authority of its own.
    pub fn to(url: &str, ca_pem: Option<&str>) -> Result<Self, TestbedError> {
        let authority = match ca_pem {
            Some(_) => Some(Authority::new("fairlead testbed fault proxy")?),
            None => None,
        };
        Self::start(url, ca_pem, authority)
    }

    fn start(url: &str, ca_pem: Option<&str>, authority: Option<Authority>) -> Result<Self, TestbedError> {
        let tls = authority.as_ref().map(Authority::server_config).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let upstream = Arc::new(RwLock::new(Arc::new(Upstream::new(url, ca_pem)?)));
        let state = Arc::new(State::default());
        let (shared, present) = (Arc::clone(&state), Arc::clone(&upstream));
        let server = Server::start("the fault proxy", tls, move |cut| {
            let upstream = Arc::clone(&present.read().unwrap_or_else(PoisonError::into_inner));
            let state = Arc::clone(&shared);
            state.watch_over(cut.clone());
            move |request| {
                let (state, upstream, cut) = (Arc::clone(&state), Arc::clone(&upstream), cut.clone());
                async move { Ok::<_, Infallible>(answer(&state, &upstream, &cut, request).await) }
            }
        })?;
        Ok(Self {
            url: format!("{scheme}://{}", server.address()),
            authority,
            administrator_token: None,
            state,
            upstream,
            server,
        })
    }

    /// From now on the address is another API server's, where whoever comes is the administrator; connections to the one
    /// before are cut.
    pub fn lead_to(&self, cluster: &Cluster) -> Result<(), TestbedError> {
        let upstream = Upstream::new(cluster.url(), Some(cluster.ca_pem()))?;
        let upstream = upstream.with_bearer(cluster.administrator_token())?;
        *self.upstream.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(upstream);
        self.cut_all();
        Ok(())
    }

    /// Where it listens, as an address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// What a client has to trust, PEM, where the proxy speaks TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(Authority::certificate)
    }

    /// A kubeconfig of the administrator through the proxy; its context is called `default`.
    pub fn kubeconfig(&self) -> String {
        self.kubeconfig_for_token(self.administrator_token.as_deref().unwrap_or_default())
    }

    /// A kubeconfig with another token through the proxy.
    pub fn kubeconfig_for_token(&self, token: &str) -> String {
        Kubeconfig {
            server: self.url.clone(),
            certificate_authority: self.ca_pem().unwrap_or_default().to_owned(),
            context: "default".into(),
            credential: Credential::Token(token.to_owned()),
        }
        .to_yaml()
    }

    /// Adds a rule. Rules are asked in the order in which they were added: delays add up until the first rule that
    /// does something else.
    pub fn add(&self, rule: Rule) -> RuleId {
        let mut ledger = self.state.ledger();
        ledger.last_rule += 1;
        let id = RuleId(ledger.last_rule);
        ledger.rules.push(Active::new(id, rule));
        id
    }

    /// Takes a rule back.
    pub fn remove(&self, id: RuleId) {
        self.state.ledger().rules.retain(|rule| rule.id != id);
    }

    /// Takes all rules back and accepts connections again.
    pub fn clear(&self) {
        self.state.ledger().rules.clear();
        self.refuse(false);
    }

    /// How often a rule made its fault.
    pub fn hits(&self, id: RuleId) -> usize {
        self.state.ledger().rules.iter().find(|rule| rule.id == id).map_or(0, |rule| rule.hits)
    }

    /// The requests so far, in the order in which they came; of very many, the latest.
    pub fn requests(&self) -> Vec<ProxiedRequest> {
        self.state.ledger().requests.iter().cloned().collect()
    }

    /// Forgets the requests so far; their numbers go on.
    pub fn forget_requests(&self) {
        self.state.ledger().requests.clear();
    }

    /// Cuts every connection that is open now, with the watches on it.
    pub fn cut_all(&self) {
        self.state.cuts.send_replace(());
    }

    /// While on, every new connection is closed at once, as when nobody listens.
    pub fn refuse(&self, on: bool) {
        self.state.refuses.store(on, Ordering::SeqCst);
        if on {
            self.cut_all();
        }
    }
}

async fn answer(
    state: &State,
    upstream: &Upstream,
    cut: &CancellationToken,
    request: Request<Incoming>,
) -> Response<Body> {
    let (number, actions) = state.receive(&request);
    for action in &actions {
        match action {
            Action::Delay(time) => tokio::time::sleep(*time).await,
            // Goes with its connection: an answer, however empty, could be quicker than the cut.
            Action::Hang => return std::future::pending().await,
            Action::Cut => {
                cut.cancel();
                return std::future::pending().await;
            }
            Action::CutAfterwards => {
                let _ = upstream.send(request).await;
                cut.cancel();
                return std::future::pending().await;
            }
            Action::Answer(answer) => {
                state.answered(number, answer.status);
                return answer.response();
            }
            Action::Truncate(bytes) => {
                let response = pass(state, upstream, number, request).await;
                let cut = cut.clone();
                return response.map(|body| truncated(body, *bytes, cut));
            }
            Action::Slow(bytes_per_second) => {
                let response = pass(state, upstream, number, request).await;
                return response.map(|body| slow(body, *bytes_per_second));
            }
        }
    }
    pass(state, upstream, number, request).await
}

/// The upstream's own answer, or 502 when there is none.
async fn pass(state: &State, upstream: &Upstream, number: u64, request: Request<Incoming>) -> Response<Body> {
    let response = match upstream.send(request).await {
        Ok(response) => response,
        Err(error) => {
            let mut response = Response::new(Body::from(format!("the fault proxy got no answer: {error}\n")));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    };
    state.answered(number, response.status());
    response
}

impl State {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts a new connection now, or when all are cut; ends with the connection.
    fn watch_over(&self, cut: CancellationToken) {
        if self.refuses.load(Ordering::SeqCst) {
            cut.cancel();
            return;
        }
        let mut cuts = self.cuts.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                _ = cuts.changed() => cut.cancel(),
                () = cut.cancelled() => {}
            }
        });
    }

    /// Writes a request down and says what is to happen to it.
    fn receive(&self, request: &Request<Incoming>) -> (u64, Vec<Action>) {
        let mut ledger = self.ledger();
        ledger.last_request += 1;
        let seen = ProxiedRequest {
            number: ledger.last_request,
            method: request.method().clone(),
            path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            user_agent: text(request.headers(), header::USER_AGENT.as_str()).unwrap_or_default(),
            impersonated_user: text(request.headers(), "impersonate-user"),
            status: None,
        };
        let actions = ledger.rules.iter_mut().filter_map(|rule| rule.meet(&seen)).collect();
        let number = seen.number;
        if ledger.requests.len() == REQUEST_LOG_LIMIT {
            ledger.requests.pop_front();
        }
        ledger.requests.push_back(seen);
        (number, actions)
    }

    fn answered(&self, number: u64, status: StatusCode) {
        let mut ledger = self.ledger();
        if let Some(request) = ledger.requests.iter_mut().rev().find(|request| request.number == number) {
            request.status = Some(status.as_u16());
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn method<S: serde::Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}
