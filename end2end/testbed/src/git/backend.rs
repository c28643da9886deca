//! `git http-backend` as a CGI program behind an HTTP server.

use std::path::Path;
use std::process::Stdio;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio_util::io::ReaderStream;

/// The request headers that Git's protocol uses, with the names CGI gives them.
const VARIABLES: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "CONTENT_TYPE"),
    (header::CONTENT_ENCODING, "HTTP_CONTENT_ENCODING"),
    (HeaderName::from_static("git-protocol"), "GIT_PROTOCOL"),
];

/// Runs the program for one request; its answer is streamed, and the program ends when the client leaves.
pub(super) async fn answer(root: &Path, parts: &Parts, body: Bytes) -> std::io::Result<Response<Body>> {
    let mut command = super::command();
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for (name, variable) in &VARIABLES {
        if let Some(value) = parts.headers.get(name).and_then(|value| value.to_str().ok()) {
            command.env(variable, value);
        }
    }
    let mut child = command.spawn()?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(std::io::Error::other("git http-backend has no pipes"));
    };
    // Beside the reading: a program may answer before it has read everything.
    tokio::spawn(async move { input.write_all(&body).await });

    let mut output = BufReader::new(output);
    let mut response = Response::builder();
    loop {
        let mut line = String::new();
        let end = output.read_line(&mut line).await? == 0;
        let line = line.trim_end();
        if end || line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        response = match name.to_ascii_lowercase().as_str() {
            "status" => response.status(status(value)),
            name => {
                response.header(name, HeaderValue::from_str(value.trim()).map_err(std::io::Error::other)?)
            }
        };
    }
    // The child is kept by the stream: dropping the answer kills the program.
    let stream = ReaderStream::new(output).map(move |piece| {
        let _ = &child;
        piece
    });
    response.body(Body::from_stream(stream)).map_err(std::io::Error::other)
}

/// `404 Not Found` as CGI writes it.
fn status(value: &str) -> StatusCode {
    value.trim().get(..3).and_then(|code| code.parse().ok()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
