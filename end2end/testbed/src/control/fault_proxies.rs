//! Proxies that make faults in front of a control plane.

use std::sync::Weak;
use std::time::Duration;

use axum::extract::Path;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::clusters::Meant;
use super::{Control, ControlError, Live};
use crate::{FaultProxy, Rule};

type Answer = Result<Json<Value>, ControlError>;
type Done = Result<StatusCode, ControlError>;

/// `/fault-proxies…`; a proxy in front of another control plane is made under `/clusters/{cluster}`.
pub(super) fn routes() -> Router<Weak<Control>> {
    Router::new()
        .route("/fault-proxies", post(create))
        .route("/clusters/{cluster}/fault-proxies", post(create))
        .route("/fault-proxies/{id}", delete(remove))
        .route("/fault-proxies/{id}/rules", post(add_rule).delete(clear))
        .route("/fault-proxies/{id}/requests", get(requests))
        .route("/fault-proxies/{id}/cut", post(cut))
        .route("/fault-proxies/{id}/refuse", post(refuse))
}

async fn create(
    Live(control): Live,
    Meant(cluster): Meant,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let proxy = FaultProxy::in_front_of(&cluster)?;
    let (url, kubeconfig) = (proxy.url().to_owned(), proxy.kubeconfig());
    let id = control.fault_proxies.add(proxy)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "url": url, "kubeconfig": kubeconfig }))))
}

async fn remove(Live(control): Live, Path(id): Path<String>) -> Done {
    control.fault_proxies.remove(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a rule does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Fault {
    DelayMilliseconds(u64),
    Status(u16),
    Cut,
    CutAfterwards,
    Hang,
    TruncateBytes(usize),
    BytesPerSecond(usize),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewRule {
    fault: Fault,
    method: Option<String>,
    path_contains: Option<String>,
    nth: Option<usize>,
    first: Option<usize>,
    retry_after_seconds: Option<u64>,
}

async fn add_rule(Live(control): Live, Path(id): Path<String>, Json(new): Json<NewRule>) -> Done {
    let proxy = control.fault_proxies.get(&id)?;
    proxy.add(rule(new)?);
    Ok(StatusCode::CREATED)
}

fn rule(new: NewRule) -> Result<Rule, ControlError> {
    let NewRule { fault, method, path_contains, nth, first, retry_after_seconds } = new;
    let mut rule = match fault {
        Fault::DelayMilliseconds(time) => Rule::delay(Duration::from_millis(time)),
        Fault::Status(status) => {
            Rule::answer(StatusCode::from_u16(status).map_err(|error| ControlError::bad(error.to_string()))?)
        }
        Fault::Cut => Rule::cut(),
        Fault::CutAfterwards => Rule::cut_afterwards(),
        Fault::Hang => Rule::hang(),
        Fault::TruncateBytes(bytes) => Rule::truncate(bytes),
        Fault::BytesPerSecond(bytes) => Rule::slow(bytes),
    };
    if let Some(method) = method {
        rule = rule.method(method.parse::<Method>().map_err(|error| ControlError::bad(error.to_string()))?);
    }
    if let Some(part) = path_contains {
        rule = rule.path_contains(&part);
    }
    if let Some(seconds) = retry_after_seconds {
        rule = rule.retry_after(seconds);
    }
    match (nth, first) {
        (Some(_), Some(_)) => Err(ControlError::bad("name one of nth and first")),
        (Some(number), None) => Ok(rule.nth(number)),
        (None, Some(count)) => Ok(rule.first(count)),
        (None, None) => Ok(rule),
    }
}

async fn clear(Live(control): Live, Path(id): Path<String>) -> Done {
    control.fault_proxies.get(&id)?.clear();
    Ok(StatusCode::NO_CONTENT)
}

async fn requests(Live(control): Live, Path(id): Path<String>) -> Answer {
    Ok(Json(json!({ "requests": control.fault_proxies.get(&id)?.requests() })))
}

async fn cut(Live(control): Live, Path(id): Path<String>) -> Done {
    control.fault_proxies.get(&id)?.cut_all();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Refuse {
    on: bool,
}

async fn refuse(Live(control): Live, Path(id): Path<String>, Json(Refuse { on }): Json<Refuse>) -> Done {
    control.fault_proxies.get(&id)?.refuse(on);
    Ok(StatusCode::NO_CONTENT)
}
