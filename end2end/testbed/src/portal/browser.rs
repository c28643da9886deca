//! What a browser without script sends: pages, form posts, cookies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use reqwest::redirect;
use serde_json::Value;

use crate::TestbedError;

/// The hidden field of every form that names its server function.
const FORM: &str = "_form";

/// Longer than the server lets any request run.
const TIMEOUT: Duration = Duration::from_secs(90);

/// How much of an unwished answer an error shows.
const ANSWER_CHARACTERS: usize = 2000;

/// One browser with its cookies. It follows no redirect by itself.
#[derive(Debug)]
pub struct Browser {
    client: reqwest::Client,
    url: String,
    /// `/embed` inside a frame of another origin's page, else nothing.
    folder: &'static str,
    cookies: Mutex<BTreeMap<String, String>>,
    /// The server's, for errors.
    pub(super) log: PathBuf,
}

/// What the portal answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Browser {
    pub(crate) fn new(url: String, log: PathBuf) -> Result<Self, TestbedError> {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            // A kept connection would belong to the runtime of the test that opened it.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .timeout(TIMEOUT)
            .build()
            .map_err(|source| TestbedError::Http {
                action: "make a client of".into(),
                url: url.clone(),
                source,
            })?;
        Ok(Self { client, url, folder: "", cookies: Mutex::default(), log })
    }

    /// The portal's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same browser with the same cookies, inside a frame of another origin's page.
    #[must_use]
    pub fn in_frame(&self) -> Self {
        Self { folder: "/embed", ..self.copy() }
    }

    /// Another browser, with the cookies that this one has now.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            client: self.client.clone(),
            url: self.url.clone(),
            folder: self.folder,
            cookies: Mutex::new(self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            log: self.log.clone(),
        }
    }

    /// The value of the request header `Cookie`.
    pub fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Loads a page.
    pub async fn get(&self, path: &str) -> Result<Answer, TestbedError> {
        let request = self.client.get(self.address(path)).header(header::ACCEPT, "text/html");
        self.send("load", path, request).await
    }

    /// Loads a file as a browser does, and gives how many bytes came and how they were compressed.
    pub async fn transfer(&self, path: &str) -> Result<(usize, Option<String>), TestbedError> {
        let url = format!("{}{path}", self.url);
        let failed = |source| TestbedError::Http { action: "load".to_owned(), url: url.clone(), source };
        let request = self.client.get(&url).header(header::ACCEPT_ENCODING, "gzip, deflate, br, zstd");
        let response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
        let encoding = response.headers().get(header::CONTENT_ENCODING);
        let encoding = encoding.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok((response.bytes().await.map_err(failed)?.len(), encoding))
    }

    /// Posts a form of a page.
    pub async fn post(
        &self,
        path: &str,
        form: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, TestbedError> {
        let fields: Vec<(&str, &str)> = std::iter::once((FORM, form)).chain(fields.iter().copied()).collect();
        let request = self
            .client
            .post(self.address(path))
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, &self.url)
            .header("sec-fetch-site", "same-origin")
            .form(&fields);
        self.send("post a form to", path, request).await
    }

    /// Posts a form that is hoped to be taken, and gives where the portal leads to next.
    pub async fn submit(
        &self,
        path: &str,
        form: &str,
        fields: &[(&str, &str)],
    ) -> Result<String, TestbedError> {
        let answer = self.post(path, form, fields).await?;
        match (answer.status, answer.location()) {
            (303, Some(location)) => Ok(location.to_owned()),
            _ => Err(answer.unwished(form)),
        }
    }

    /// Calls a server function as a script does. A refusal is the JSON that the script would get.
    pub async fn call(&self, function: &str, arguments: &[(&str, &str)]) -> Result<Answer, TestbedError> {
        let path = format!("/api/portal/{function}");
        let request = self
            .client
            .post(self.address(&path))
            .header(header::ACCEPT, "application/json")
            .header(header::ORIGIN, &self.url)
            .header("sec-fetch-site", "same-origin")
            .form(arguments);
        self.send("call", &path, request).await
    }

    /// Reads something by a server function.
    pub async fn read(&self, function: &str, arguments: &[(&str, &str)]) -> Result<Value, TestbedError> {
        let answer = self.call(function, arguments).await?;
        if answer.status != StatusCode::OK.as_u16() {
            return Err(answer.unwished(function));
        }
        serde_json::from_str(&answer.body).map_err(|_| answer.unwished(function))
    }

    /// Asks for what a script hears, and hangs up after the head of the answer: it may be one that does not end.
    pub async fn head(&self, path: &str) -> Result<Answer, TestbedError> {
        let request = self.client.get(self.address(path)).header(header::ACCEPT, "text/event-stream");
        let response = self.exchange("open", path, request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: String::new() })
    }

    fn address(&self, path: &str) -> String {
        format!("{}{}{path}", self.url, self.folder)
    }

    async fn send(
        &self,
        action: &str,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Answer, TestbedError> {
        let response = self.exchange(action, path, request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.map_err(|source| self.failed(action, path, source))?;
        Ok(Answer { status, headers, body })
    }

    /// Sends a request with the cookies, and takes those of its answer.
    async fn exchange(
        &self,
        action: &str,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, TestbedError> {
        let cookies = self.cookies();
        let request = if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies) };
        let response = request.send().await.map_err(|source| self.failed(action, path, source))?;
        self.keep(response.headers());
        Ok(response)
    }

    fn failed(&self, action: &str, path: &str, source: reqwest::Error) -> TestbedError {
        TestbedError::Http { action: action.to_owned(), url: format!("{}{path}", self.url), source }
    }

    /// Takes the cookies of an answer; the server takes one back by an age of zero.
    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, rest)) = cookie.split_once('=') else { continue };
            let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The sentences on the page: its text without tags, in one line.
    pub fn text(&self) -> String {
        let body = self.body.split("<body").nth(1).unwrap_or(&self.body);
        let mut text = String::with_capacity(body.len());
        let mut rest = body;
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            let hidden = ["script", "style", "template"].iter().find(|name| after.starts_with(**name));
            let end = hidden.map_or(">".to_owned(), |name| format!("</{name}>"));
            text.push(' ');
            rest = after.split_once(&end).map_or("", |(_, rest)| rest);
        }
        let text =
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'");
        text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// As an error: this is not the answer that was hoped for.
    pub fn unwished(&self, action: &str) -> TestbedError {
        let is_page = self.header("content-type").is_some_and(|kind| kind.contains("html"));
        let answer = if is_page { self.text() } else { self.body.clone() };
        TestbedError::Portal {
            action: action.to_owned(),
            status: self.status,
            answer: answer.chars().take(ANSWER_CHARACTERS).collect(),
        }
    }
}
