//! The values of a release, from everywhere the spec says, merged in its order.

use data_encoding::BASE64;
use domain::object::{ObjectKey, ResourceKind};
use engine::helm::spec::{HelmRelease, ValuesFrom, ValuesKey};
use engine::helm::values::{merge, parse};
use engine::hidden::Hidden;
use engine::port::helm::{Chart, HelmError, HelmFault};
use serde_json::{Map, Value};

use super::pass::Pass;

/// The largest document of values.
const BYTES_MAX: u64 = 1024 * 1024;

/// Whether a file of the chart is among the sources: then the chart is needed before anything can be decided.
pub(super) fn need_chart(release: &HelmRelease) -> bool {
    release.spec.values_from.iter().any(|from| matches!(from, ValuesFrom::ChartFile { .. }))
}

/// What helm is given.
pub(super) struct Values {
    /// Merged.
    pub(super) merged: Value,
    /// What came from a Secret, or from a host that may have asked who we are.
    pub(super) hidden: Hidden,
}

/// All values, `spec.values` last. What lies in the cluster is read as the operator.
pub(super) async fn gather(
    pass: &Pass,
    release: &HelmRelease,
    chart: Option<&dyn Chart>,
) -> Result<Values, HelmError> {
    let mut merged = Value::Object(Map::new());
    let mut hidden = Hidden::default();
    for (at, from) in release.spec.values_from.iter().enumerate() {
        let found = match from {
            ValuesFrom::ConfigMap(key) => entry(pass, release, "ConfigMap", key).await?,
            ValuesFrom::Secret(key) => entry(pass, release, "Secret", key).await?,
            ValuesFrom::External { url, optional } => {
                let fetched = pass.helm().document(url, BYTES_MAX, &pass.configuration.outbound).await;
                optional_or(fetched.and_then(|bytes| read(url, &bytes)), *optional)?
            }
            ValuesFrom::ChartFile { path, optional } => {
                let bytes = chart.map(|chart| chart.read(path, BYTES_MAX)).transpose()?.flatten();
                match bytes {
                    Some(bytes) => Some(read(path, &bytes)?),
                    None if *optional => None,
                    None => {
                        return Err(fault(&format!("spec.valuesFrom[{at}]: the chart has no file {path}")));
                    }
                }
            }
        };
        if let Some(found) = found {
            if matches!(from, ValuesFrom::Secret(_) | ValuesFrom::External { .. }) {
                hidden.add(&found);
            }
            merge(&mut merged, found);
        }
    }
    merge(&mut merged, release.spec.values.clone());
    Ok(Values { merged, hidden })
}

async fn entry(
    pass: &Pass,
    release: &HelmRelease,
    kind: &str,
    key: &ValuesKey,
) -> Result<Option<Value>, HelmError> {
    let namespace = key.namespace.as_deref().unwrap_or(&release.namespace);
    let place = format!("{kind} {namespace}/{}, entry {}", key.name, key.key);
    let missing = |what: &str| {
        if key.optional { Ok(None) } else { Err(fault(&format!("values: {place}: {what}"))) }
    };
    let object = ObjectKey {
        group: String::new(),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_owned()),
        name: key.name.clone(),
    };
    let found = pass.client.read(&kind_of(kind), &object).await;
    let Some(found) = found.map_err(|error| fault(&format!("values: {place}: {error}")))? else {
        return missing("it does not exist");
    };
    let text = found.pointer("/data").and_then(|data| data.get(&key.key)).and_then(Value::as_str);
    let Some(text) = text else { return missing("there is no such entry") };
    if kind != "Secret" {
        return read(&place, text.as_bytes()).map(Some);
    }
    let text = decoded(text).ok_or_else(|| fault(&format!("values: {place}: it is no text")))?;
    // Where YAML is wrong, the error may say what is written there.
    let values = parse(&place, text.as_bytes()).map_err(|_| {
        fault(&format!("values: {place}: it is no YAML mapping (of a Secret nothing more is told)"))
    });
    values.map(Some)
}

fn optional_or(found: Result<Value, HelmError>, optional: bool) -> Result<Option<Value>, HelmError> {
    match found {
        Err(_) if optional => Ok(None),
        found => found.map(Some),
    }
}

fn read(place: &str, bytes: &[u8]) -> Result<Value, HelmError> {
    parse(place, bytes).map_err(|error| fault(&format!("values: {error}")))
}

fn fault(message: &str) -> HelmError {
    HelmError::new(HelmFault::Refused, message)
}

/// As Secrets hold it.
pub(super) fn decoded(base64: &str) -> Option<String> {
    String::from_utf8(BASE64.decode(base64.as_bytes()).ok()?).ok()
}

pub(super) fn secret_kind() -> ResourceKind {
    kind_of("Secret")
}

fn kind_of(kind: &str) -> ResourceKind {
    ResourceKind {
        group: String::new(),
        version: "v1".to_owned(),
        kind: kind.to_owned(),
        plural: format!("{}s", kind.to_lowercase()),
        namespaced: true,
    }
}
