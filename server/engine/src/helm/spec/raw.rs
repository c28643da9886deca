//! The spec as it is written, and how it is understood: defaults, and what cannot be.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    ChartSource, ReleaseSpec, RollbackSpec, SecretReference, SpecError, TestSpec, ValuesFrom, ValuesKey,
};

/// Revisions that helm keeps.
const MAX_HISTORY: u32 = 10;
/// Seconds for each operation of Helm.
const TIMEOUT: u32 = 300;
/// Retries of a release that was rolled back.
const MAX_RETRIES: u32 = 5;
/// The entry of a ConfigMap or Secret that holds values.
const VALUES_KEY: &str = "values.yaml";
/// Helm's bound of a release's name.
const RELEASE_NAME_MAX: usize = 53;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSpec {
    helm_version: Option<String>,
    #[serde(default)]
    chart: RawChart,
    release_name: Option<String>,
    max_history: Option<u32>,
    target_namespace: Option<String>,
    timeout: Option<u32>,
    reset_values: Option<bool>,
    #[serde(default, rename = "skipCRDs")]
    skip_crds: bool,
    wait: Option<bool>,
    #[serde(default)]
    force_upgrade: bool,
    #[serde(default, rename = "disableOpenAPIValidation")]
    disable_openapi_validation: bool,
    #[serde(default)]
    value_file_secrets: Vec<SecretReference>,
    #[serde(default)]
    values_from: Vec<RawValuesFrom>,
    #[serde(default)]
    values: Option<Map<String, Value>>,
    #[serde(default)]
    rollback: RawRollback,
    #[serde(default)]
    test: RawTest,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawChart {
    git: Option<String>,
    r#ref: Option<String>,
    path: Option<String>,
    secret_ref: Option<SecretReference>,
    skip_dep_update: bool,
    repository: Option<String>,
    name: Option<String>,
    version: Option<String>,
    chart_pull_secret: Option<SecretReference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the fields")]
struct RawValuesFrom {
    config_map_key_ref: Option<RawKey>,
    secret_key_ref: Option<RawKey>,
    external_source_ref: Option<RawExternal>,
    chart_file_ref: Option<RawFile>,
}

#[derive(Deserialize)]
struct RawKey {
    name: String,
    namespace: Option<String>,
    key: Option<String>,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
struct RawExternal {
    url: String,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
struct RawFile {
    path: String,
    #[serde(default)]
    optional: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the spec's own switches, each by its name")]
struct RawRollback {
    enable: bool,
    retry: bool,
    max_retries: Option<u32>,
    force: bool,
    recreate: bool,
    disable_hooks: bool,
    timeout: Option<u32>,
    wait: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawTest {
    enable: bool,
    ignore_failures: bool,
    timeout: Option<u32>,
}

impl RawSpec {
    pub(super) fn understood(self, namespace: &str, name: &str) -> Result<ReleaseSpec, SpecError> {
        match self.helm_version.as_deref() {
            None | Some("" | "v3") => {}
            Some(version) => {
                return Err(SpecError(format!(
                    "spec.helmVersion: {version} is not run here: leave it out or write v3, which is used"
                )));
            }
        }
        let target_namespace = filled(self.target_namespace).unwrap_or_else(|| namespace.to_owned());
        let release_name = filled(self.release_name)
            .unwrap_or_else(|| default_release_name(namespace, &target_namespace, name));
        check_release_name(&release_name)?;
        let rollback = self.rollback.understood();
        let test = TestSpec {
            enable: self.test.enable,
            ignore_failures: self.test.ignore_failures,
            timeout_seconds: self.test.timeout.unwrap_or(TIMEOUT),
        };
        let files = self.value_file_secrets.into_iter().map(|secret| {
            let SecretReference { name, namespace } = secret;
            Ok(ValuesFrom::Secret(ValuesKey { namespace, name, key: VALUES_KEY.to_owned(), optional: false }))
        });
        let others = self.values_from.into_iter().enumerate().map(|(at, from)| from.understood(at));
        Ok(ReleaseSpec {
            chart: self.chart.understood()?,
            release_name,
            target_namespace,
            max_history: self.max_history.unwrap_or(MAX_HISTORY),
            timeout_seconds: self.timeout.unwrap_or(TIMEOUT),
            reuse_values: self.reset_values == Some(false),
            skip_crds: self.skip_crds,
            wait: self.wait.unwrap_or(rollback.enable || test.enable),
            force_upgrade: self.force_upgrade,
            skip_validation: self.disable_openapi_validation,
            values_from: files.chain(others).collect::<Result<_, _>>()?,
            values: Value::Object(self.values.unwrap_or_default()),
            rollback,
            test,
        })
    }
}

impl RawChart {
    fn understood(self) -> Result<ChartSource, SpecError> {
        let fault = |what: &str| {
            Err(SpecError(format!(
                "spec.chart: could not find valid chart source configuration for release: {what}"
            )))
        };
        match (filled(self.git), filled(self.repository)) {
            (Some(_), Some(_)) => fault("write git or repository, not both"),
            (None, None) => fault("write git and path, or repository, name and version"),
            (Some(url), None) => match filled(self.path) {
                Some(path) => Ok(ChartSource::Git {
                    url,
                    reference: filled(self.r#ref),
                    path,
                    secret_ref: self.secret_ref,
                    skip_dependency_update: self.skip_dep_update,
                }),
                None => fault("git is written and path is missing"),
            },
            (None, Some(repository)) => match (filled(self.name), filled(self.version)) {
                (Some(name), Some(version)) => Ok(ChartSource::Repository {
                    repository,
                    name,
                    version,
                    pull_secret: self.chart_pull_secret,
                }),
                (None, _) => fault("repository is written and name is missing"),
                (_, None) => fault("repository is written and version is missing"),
            },
        }
    }
}

impl RawValuesFrom {
    fn understood(self, at: usize) -> Result<ValuesFrom, SpecError> {
        let key = |raw: RawKey| ValuesKey {
            namespace: filled(raw.namespace),
            name: raw.name,
            key: filled(raw.key).unwrap_or_else(|| VALUES_KEY.to_owned()),
            optional: raw.optional,
        };
        match (self.config_map_key_ref, self.secret_key_ref, self.external_source_ref, self.chart_file_ref) {
            (Some(raw), None, None, None) => Ok(ValuesFrom::ConfigMap(key(raw))),
            (None, Some(raw), None, None) => Ok(ValuesFrom::Secret(key(raw))),
            (None, None, Some(RawExternal { url, optional }), None) => {
                Ok(ValuesFrom::External { url, optional })
            }
            (None, None, None, Some(RawFile { path, optional })) => {
                Ok(ValuesFrom::ChartFile { path, optional })
            }
            _ => Err(SpecError(format!(
                "spec.valuesFrom[{at}]: write exactly one of configMapKeyRef, secretKeyRef, externalSourceRef and \
                 chartFileRef"
            ))),
        }
    }
}

impl RawRollback {
    fn understood(self) -> RollbackSpec {
        RollbackSpec {
            enable: self.enable,
            retry: self.retry,
            max_retries: self.max_retries.unwrap_or(MAX_RETRIES),
            force: self.force,
            recreate: self.recreate,
            disable_hooks: self.disable_hooks,
            timeout_seconds: self.timeout.unwrap_or(TIMEOUT),
            wait: self.wait,
        }
    }
}

/// An empty text is none, as in Go.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// `<targetNamespace>-<name>`, and with the object's namespace before it where the two differ.
fn default_release_name(namespace: &str, target_namespace: &str, name: &str) -> String {
    if namespace == target_namespace {
        format!("{target_namespace}-{name}")
    } else {
        format!("{namespace}-{target_namespace}-{name}")
    }
}

/// Helm's own rule: parts of lower-case letters, digits and hyphens, joined by full stops.
fn check_release_name(name: &str) -> Result<(), SpecError> {
    let part = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        part.bytes().all(|byte| inner(byte) || byte == b'-')
            && part.bytes().next().is_some_and(inner)
            && part.bytes().last().is_some_and(inner)
    };
    if name.len() <= RELEASE_NAME_MAX && name.split('.').all(part) {
        return Ok(());
    }
    Err(SpecError(format!(
        "spec.releaseName: {name} is no name of a release: at most {RELEASE_NAME_MAX} lower-case letters, digits, \
         hyphens and full stops; write a shorter spec.releaseName"
    )))
}
