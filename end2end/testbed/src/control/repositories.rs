//! Git repositories. A name with slashes goes into a path percent-encoded.

use std::collections::BTreeMap;
use std::sync::Weak;

use axum::extract::Path;
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError, Live};
use crate::Repository;

type Answer = Result<Json<Value>, ControlError>;
type Done = Result<StatusCode, ControlError>;

/// `/repositories…`
pub(super) fn routes() -> Router<Weak<Control>> {
    Router::new()
        .route("/repositories", post(create))
        .route("/repositories/{name}", get(show).delete(remove))
        .route("/repositories/{name}/commits", post(commit))
        .route("/repositories/{name}/branches", post(create_branch))
        .route("/repositories/{name}/branches/{branch}", delete(delete_branch))
        .route("/repositories/{name}/credentials", put(protect).delete(open))
        .route("/repositories/{name}/answer", put(break_it).delete(repair))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewRepository {
    name: String,
    /// Exactly this name; else a random folder comes before it.
    #[serde(default)]
    exact: bool,
    /// With the sample in a first commit.
    #[serde(default)]
    sample: bool,
}

async fn create(
    Live(control): Live,
    Json(new): Json<NewRepository>,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let NewRepository { name, exact, sample } = new;
    let git = &control.git;
    let repository = if exact { git.repository_named(&name).await? } else { git.repository(&name).await? };
    let sha = if sample { Some(repository.commit_sample().await?) } else { None };
    Ok((StatusCode::CREATED, Json(json!({ "name": repository.name(), "url": repository.url(), "sha": sha }))))
}

async fn show(Live(control): Live, Path(name): Path<String>) -> Answer {
    let repository = find(&control, &name)?;
    Ok(Json(json!({ "name": name, "url": repository.url(), "requests": repository.requests()? })))
}

async fn remove(Live(control): Live, Path(name): Path<String>) -> Done {
    find(&control, &name)?.delete()?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCommit {
    branch: Option<String>,
    /// Rewrites history: the commit follows this revision.
    onto: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    remove: Vec<String>,
    message: Option<String>,
    /// `Name <address>`
    author: Option<String>,
}

async fn commit(Live(control): Live, Path(name): Path<String>, Json(new): Json<NewCommit>) -> Answer {
    let NewCommit { branch, onto, files, remove, message, author } = new;
    let repository = find(&control, &name)?;
    let mut change = repository.change();
    if let Some(branch) = &branch {
        change = change.branch(branch);
    }
    if let Some(onto) = &onto {
        change = change.onto(onto);
    }
    if let Some(author) = &author {
        change = change.author(author);
    }
    let change = remove.iter().fold(change, |change, path| change.remove(path));
    let change = files.iter().fold(change, |change, (path, content)| change.write(path, content));
    let sha = change.commit(message.as_deref().unwrap_or("Change files")).await?;
    Ok(Json(json!({ "sha": sha })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBranch {
    name: String,
    revision: String,
}

async fn create_branch(Live(control): Live, Path(name): Path<String>, Json(new): Json<NewBranch>) -> Answer {
    let sha = find(&control, &name)?.create_branch(&new.name, &new.revision).await?;
    Ok(Json(json!({ "sha": sha })))
}

async fn delete_branch(Live(control): Live, Path((name, branch)): Path<(String, String)>) -> Done {
    find(&control, &name)?.delete_branch(&branch).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    username: String,
    password: String,
}

async fn protect(Live(control): Live, Path(name): Path<String>, Json(wanted): Json<Credentials>) -> Done {
    find(&control, &name)?.require_basic_auth(&wanted.username, &wanted.password)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn open(Live(control): Live, Path(name): Path<String>) -> Done {
    find(&control, &name)?.allow_anonymous()?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrongAnswer {
    status: u16,
}

async fn break_it(Live(control): Live, Path(name): Path<String>, Json(wanted): Json<WrongAnswer>) -> Done {
    let status = StatusCode::from_u16(wanted.status).map_err(|error| ControlError::bad(error.to_string()))?;
    find(&control, &name)?.answer_with(status)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn repair(Live(control): Live, Path(name): Path<String>) -> Done {
    find(&control, &name)?.answer_normally()?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(control: &Control, name: &str) -> Result<Repository, ControlError> {
    control.git.existing_repository(name)?.ok_or_else(|| ControlError::missing(name))
}
