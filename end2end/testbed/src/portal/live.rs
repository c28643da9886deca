//! The portal's live stream, as a page in a browser hears it.

use std::time::Duration;

use http::header;
use serde_json::Value;

use super::browser::Browser;
use crate::TestbedError;

/// The stream is silent for 15 seconds at most; only a failure is waited for this long.
const SILENCE: Duration = Duration::from_mins(1);

/// An open stream.
#[derive(Debug)]
pub struct LiveStream {
    response: reqwest::Response,
    url: String,
    unread: String,
}

impl Browser {
    /// Opens the live stream, and waits until it tells.
    pub async fn live(&self) -> Result<LiveStream, TestbedError> {
        let url = format!("{}/live", self.url());
        let failed = |source| TestbedError::Http { action: "open".to_owned(), url: url.clone(), source };
        // It lives longer than any other request, so it has a client without a time limit.
        let client = reqwest::Client::builder().no_proxy().build().map_err(failed)?;
        let request = client.get(&url).header(header::COOKIE, self.cookies());
        let response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
        // A page of something else, such as the way to sign in, has no events either.
        let mut stream = LiveStream { response, url: url.clone(), unread: String::new() };
        match stream.next().await? {
            Some((event, _)) if event == "ready" => Ok(stream),
            first => Err(TestbedError::Portal {
                action: "open the live stream".to_owned(),
                status: stream.response.status().as_u16(),
                answer: format!("{first:?} instead of the event \"ready\""),
            }),
        }
    }
}

impl LiveStream {
    /// The next event with its data; none when the stream has ended.
    pub async fn next(&mut self) -> Result<Option<(String, Value)>, TestbedError> {
        loop {
            if let Some(event) = self.event() {
                return Ok(Some(event));
            }
            let Some(piece) = self.piece().await? else { return Ok(None) };
            self.unread.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    /// One that has come whole; what only keeps the connection alive is left out.
    fn event(&mut self) -> Option<(String, Value)> {
        while let Some(end) = self.unread.find("\n\n") {
            let event: String = self.unread.drain(..end + 2).collect();
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            if let Some(name) = field("event: ") {
                return Some((name.to_owned(), serde_json::from_str(field("data: ")?).unwrap_or_default()));
            }
        }
        None
    }

    async fn piece(&mut self) -> Result<Option<bytes::Bytes>, TestbedError> {
        match tokio::time::timeout(SILENCE, self.response.chunk()).await {
            Ok(piece) => piece.map_err(|source| TestbedError::Http {
                action: "hear".to_owned(),
                url: self.url.clone(),
                source,
            }),
            Err(_) => Err(TestbedError::InVain {
                wanted: "the live stream says something".to_owned(),
                waited: SILENCE,
                seen: "silence".to_owned(),
                tail: String::new(),
            }),
        }
    }
}
