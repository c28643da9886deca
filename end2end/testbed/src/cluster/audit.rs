//! What the API server was asked, read from its audit log.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Cluster;
use crate::{TestbedError, background, random};

/// A place in the audit log: everything after it was asked later. The default one is the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditMark(u64);

/// One request that was answered; of a watch, that it was opened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Who called.
    pub user: String,
    /// As whom, where the caller impersonated.
    pub impersonated_user: Option<String>,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, or the HTTP method in
    /// lower case where no object was meant.
    pub verb: String,
    /// The API group, empty for the core group.
    pub group: String,
    /// The plural, for instance `deployments`; empty where no object was meant.
    pub resource: String,
    /// For instance `status`.
    pub subresource: Option<String>,
    /// The namespace of the object.
    pub namespace: Option<String>,
    /// The name of the object, where the request named one.
    pub name: Option<String>,
    /// Path and query, for instance with `dryRun=All` and `fieldManager=…`.
    pub request_uri: String,
    /// The program that called.
    pub user_agent: String,
    /// The status of the answer.
    pub code: u16,
    /// What was sent, except for secrets and for the control plane's own requests.
    pub request_object: Option<Value>,
}

impl AuditEvent {
    /// Whether the request could change something.
    pub fn is_write(&self) -> bool {
        matches!(self.verb.as_str(), "create" | "update" | "patch" | "delete" | "deletecollection")
            && !self.is_dry_run()
            && !self.is_review()
    }

    /// Whether the request only asked what a write would do.
    pub fn is_dry_run(&self) -> bool {
        self.request_uri.contains("dryRun=All")
    }

    /// Reviews are created, but nothing is stored.
    fn is_review(&self) -> bool {
        matches!(self.group.as_str(), "authorization.k8s.io" | "authentication.k8s.io")
    }
}

/// A request may be answered a moment before its line is written; this bounds the wait for lines that never come,
/// such as that of a request which still runs.
const SETTLE_LIMIT: Duration = Duration::from_secs(3);

/// Where the requests may begin that are answered just before a mark is set.
const LOOK_BACK_BYTES: u64 = 256 * 1024;

/// Between two looks at the log.
const POLL: Duration = Duration::from_millis(20);

impl Cluster {
    /// The present end of the audit log.
    pub async fn audit_mark(&self) -> Result<AuditMark, TestbedError> {
        let log = &self.description.audit_log;
        let length = std::fs::metadata(log).map_err(TestbedError::file("read", log))?.len();
        Ok(self.fence(AuditMark(length.saturating_sub(LOOK_BACK_BYTES))).await?.end)
    }

    /// Everything asked since a mark and answered by now, in the order of the answers.
    pub async fn audit(&self, since: AuditMark) -> Result<Vec<AuditEvent>, TestbedError> {
        Ok(self.fence(since).await?.events)
    }

    /// As [`Cluster::audit`], with the mark from which to go on.
    pub async fn audit_and_mark(
        &self,
        since: AuditMark,
    ) -> Result<(Vec<AuditEvent>, AuditMark), TestbedError> {
        let fence = self.fence(since).await?;
        Ok((fence.events, fence.end))
    }

    /// Sends a request that can be recognised and reads the log until it has that request and the answer to each
    /// one that came before it.
    async fn fence(&self, since: AuditMark) -> Result<Reading, TestbedError> {
        let description = std::sync::Arc::clone(&self.description);
        let fence = format!("/version?fence={}", random::token()?);
        background::run(async move {
            let client = description.client()?;
            let request = http::Request::get(&fence)
                .body(Vec::new())
                .map_err(|error| TestbedError::Url { url: fence.clone(), reason: error.to_string() })?;
            client.request_text(request).await.map_err(TestbedError::kubernetes("ask for the version"))?;
            let started = Instant::now();
            loop {
                let reading = read(&description.audit_log, since, &fence)?;
                if reading.complete || started.elapsed() > SETTLE_LIMIT {
                    return Ok(reading);
                }
                tokio::time::sleep(POLL).await;
            }
        })
        .await
    }
}

struct Reading {
    events: Vec<AuditEvent>,
    end: AuditMark,
    complete: bool,
}

/// A line of the log, as far as it is used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(rename = "auditID")]
    audit_id: String,
    stage: String,
    #[serde(rename = "requestURI")]
    request_uri: String,
    verb: String,
    user: LineUser,
    impersonated_user: Option<LineUser>,
    #[serde(default)]
    user_agent: String,
    object_ref: Option<LineObject>,
    response_status: Option<LineStatus>,
    request_object: Option<Value>,
}

#[derive(Deserialize)]
struct LineUser {
    #[serde(default)]
    username: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct LineObject {
    api_group: String,
    resource: String,
    subresource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct LineStatus {
    #[serde(default)]
    code: u16,
}

fn read(log: &Path, since: AuditMark, fence: &str) -> Result<Reading, TestbedError> {
    let (text, end) = read_lines(log, since).map_err(TestbedError::file("read", log))?;
    let mut open = HashSet::new();
    let mut fenced = false;
    let mut events = Vec::new();
    for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
        match line.stage.as_str() {
            // What is asked after our own request is of no concern to the caller's wait.
            "RequestReceived" if !fenced => {
                open.insert(line.audit_id);
            }
            "RequestReceived" => {}
            stage => {
                open.remove(&line.audit_id);
                fenced |= line.request_uri == fence;
                // The start of a watch stands for the watch, its end does not count again.
                let refused = line.response_status.as_ref().is_some_and(|status| status.code >= 400);
                let counts = refused || (stage == "ResponseStarted") == (line.verb == "watch");
                if counts && !line.request_uri.starts_with("/version?fence=") {
                    events.push(line.into());
                }
            }
        }
    }
    Ok(Reading { events, end, complete: fenced && open.is_empty() })
}

/// Whole lines only: the last one may still be being written.
fn read_lines(log: &Path, since: AuditMark) -> std::io::Result<(String, AuditMark)> {
    let mut file = std::fs::File::open(log)?;
    file.seek(SeekFrom::Start(since.0))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    bytes.truncate(whole);
    let end = AuditMark(since.0 + whole as u64);
    Ok((String::from_utf8_lossy(&bytes).into_owned(), end))
}

impl From<Line> for AuditEvent {
    fn from(line: Line) -> Self {
        let Line { audit_id: _, stage: _, request_uri, verb, user, impersonated_user, user_agent, .. } = line;
        let LineObject { api_group, resource, subresource, namespace, name } =
            line.object_ref.unwrap_or_default();
        Self {
            user: user.username,
            impersonated_user: impersonated_user.map(|user| user.username),
            verb,
            group: api_group,
            resource,
            subresource,
            namespace,
            name,
            request_uri,
            user_agent,
            code: line.response_status.map(|status| status.code).unwrap_or_default(),
            request_object: line.request_object,
        }
    }
}
