//! The spec of a `HelmRelease`, with the Helm operator's defaults (Flux Helm operator v1, types of `v1`).

use serde::Deserialize;
use serde_json::{Map, Value};

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

/// A `HelmRelease` as the cluster has it, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct HelmRelease {
    /// `metadata.namespace`
    pub namespace: String,
    /// `metadata.name`
    pub name: String,
    /// `metadata.generation`
    pub generation: i64,
    /// What is wanted.
    pub spec: ReleaseSpec,
}

/// What is wanted, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the spec's own switches, each by its name")]
pub struct ReleaseSpec {
    /// Where the chart is.
    pub chart: ChartSource,
    /// Name of the release.
    pub release_name: String,
    /// Its namespace.
    pub target_namespace: String,
    /// Revisions that helm keeps; 0 keeps all.
    pub max_history: u32,
    /// Seconds for each operation of Helm.
    pub timeout_seconds: u32,
    /// Values of the release before count where these say nothing (`resetValues: false`).
    pub reuse_values: bool,
    /// Leaves the chart's definitions out.
    pub skip_crds: bool,
    /// Waits until what was made is ready; by itself when rollback or test is enabled.
    pub wait: bool,
    /// Replaces what cannot be changed.
    pub force_upgrade: bool,
    /// Does not hold manifests against the cluster's schema.
    pub skip_validation: bool,
    /// Values from elsewhere, later ones win; `valueFileSecrets` come first.
    pub values_from: Vec<ValuesFrom>,
    /// Values; they win over all others.
    pub values: Value,
    /// After a failed upgrade.
    pub rollback: RollbackSpec,
    /// The chart's tests.
    pub test: TestSpec,
}

/// Where a chart is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartSource {
    /// In a Git repository.
    Git {
        /// Its URL.
        url: String,
        /// Branch or commit; the operator's default when `None`.
        reference: Option<String>,
        /// The chart's folder.
        path: String,
        /// `username` and `password` for https.
        secret_ref: Option<SecretReference>,
        /// Takes dependencies only as they lie in the repository.
        skip_dependency_update: bool,
    },
    /// In a chart repository or registry.
    Repository {
        /// `https://…`, `http://…`, `oci://…`
        repository: String,
        /// Its name there.
        name: String,
        /// Version or range.
        version: String,
        /// `username` and `password`.
        pull_secret: Option<SecretReference>,
    },
}

/// A Secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SecretReference {
    /// Its name.
    pub name: String,
    /// Its namespace; that of the `HelmRelease` when `None`.
    pub namespace: Option<String>,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuesFrom {
    /// An entry of a ConfigMap.
    ConfigMap(ValuesKey),
    /// An entry of a Secret.
    Secret(ValuesKey),
    /// A document at a URL.
    External {
        /// http or https.
        url: String,
        /// That there is none is no error.
        optional: bool,
    },
    /// A file of the chart.
    ChartFile {
        /// Its path in the chart.
        path: String,
        /// That there is none is no error.
        optional: bool,
    },
}

/// An entry of a ConfigMap or Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesKey {
    /// Where it is; the object's namespace when `None`.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Which entry.
    pub key: String,
    /// That there is none is no error.
    pub optional: bool,
}

/// After a failed upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the spec's own switches, each by its name")]
pub struct RollbackSpec {
    /// Whether it is rolled back.
    pub enable: bool,
    /// Whether it is tried again then.
    pub retry: bool,
    /// How often; 0 has no limit.
    pub max_retries: u32,
    /// Replaces what cannot be changed.
    pub force: bool,
    /// Restarts pods.
    pub recreate: bool,
    /// Leaves hooks out.
    pub disable_hooks: bool,
    /// Seconds for each operation of Helm.
    pub timeout_seconds: u32,
    /// Waits until what was made is ready.
    pub wait: bool,
}

/// The chart's tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestSpec {
    /// Whether they are run.
    pub enable: bool,
    /// Whether a failure leaves the release as it is.
    pub ignore_failures: bool,
    /// Seconds they may take.
    pub timeout_seconds: u32,
}

/// Why a spec cannot be kept: the field and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(String);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSpec {
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

impl HelmRelease {
    /// Reads a live object.
    pub fn parse(object: &Value) -> Result<Self, SpecError> {
        let text =
            |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let generation = object.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or_default();
        let raw = object.get("spec").cloned().unwrap_or_default();
        let raw: RawSpec =
            serde_json::from_value(raw).map_err(|error| SpecError(format!("spec: {error}")))?;
        let spec = raw.understood(&namespace, &name)?;
        Ok(Self { namespace, name, generation, spec })
    }
}

impl RawSpec {
    fn understood(self, namespace: &str, name: &str) -> Result<ReleaseSpec, SpecError> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(spec: &Value) -> Result<ReleaseSpec, String> {
        let object =
            json!({"metadata": {"namespace": "team-a", "name": "web", "generation": 4}, "spec": spec});
        HelmRelease::parse(&object).map(|release| release.spec).map_err(|error| error.to_string())
    }

    fn with(field: &str, value: &Value) -> Result<ReleaseSpec, String> {
        parse(&json!({"chart": {"git": "https://git.example/x", "path": "web"}, field: value}))
    }

    #[test]
    fn names_of_releases_are_made_of_the_namespaces_and_the_name() {
        let table = [
            (json!({}), "team-a-web", "team-a"),
            (json!({"targetNamespace": "team-a"}), "team-a-web", "team-a"),
            (json!({"targetNamespace": "other"}), "team-a-other-web", "other"),
            (json!({"releaseName": "mine"}), "mine", "team-a"),
            (json!({"releaseName": "mine", "targetNamespace": "other"}), "mine", "other"),
            (json!({"releaseName": ""}), "team-a-web", "team-a"),
        ];
        for (mut spec, release, namespace) in table {
            spec["chart"] = json!({"git": "https://git.example/x", "path": "web"});
            let spec = parse(&spec).unwrap();
            assert_eq!((spec.release_name.as_str(), spec.target_namespace.as_str()), (release, namespace));
        }
        for bad in ["Web", "web_1", "-web", "web-", "a..b", &"a".repeat(54)] {
            assert!(with("releaseName", &json!(bad)).unwrap_err().starts_with("spec.releaseName: "), "{bad}");
        }
    }

    #[test]
    fn a_chart_comes_from_git_or_from_a_repository() {
        let of = |chart: Value| parse(&json!({ "chart": chart })).map(|spec| spec.chart);
        assert!(matches!(of(json!({"git": "u", "path": "p"})), Ok(ChartSource::Git { .. })));
        let repository = json!({"repository": "u", "name": "n", "version": "1"});
        assert!(matches!(of(repository), Ok(ChartSource::Repository { .. })));
        for (chart, words) in [
            (json!({}), "write git and path"),
            (json!({"git": "u"}), "path is missing"),
            (json!({"git": "u", "path": "p", "repository": "u"}), "not both"),
            (json!({"repository": "u", "version": "1"}), "name is missing"),
            (json!({"repository": "u", "name": "n"}), "version is missing"),
        ] {
            let error = of(chart).unwrap_err();
            assert!(error.contains("could not find valid chart source configuration for release"), "{error}");
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_not_said_has_the_helm_operators_defaults() {
        let spec = with("values", &json!({})).unwrap();
        assert_eq!((spec.max_history, spec.timeout_seconds, spec.reuse_values), (10, 300, false));
        assert_eq!((spec.wait, spec.rollback.max_retries, spec.test.enable), (false, 5, false));
        assert_eq!((spec.rollback.timeout_seconds, spec.test.timeout_seconds), (300, 300));
    }

    #[test]
    fn a_release_waits_by_itself_when_it_may_be_rolled_back_or_tested() {
        assert!(with("rollback", &json!({"enable": true})).unwrap().wait);
        assert!(with("test", &json!({"enable": true})).unwrap().wait);
        let spec =
            parse(&json!({"chart": {"git": "u", "path": "p"}, "test": {"enable": true}, "wait": false}));
        assert!(!spec.unwrap().wait);
    }

    #[test]
    fn values_are_forgotten_unless_they_are_to_be_kept() {
        assert!(!with("resetValues", &json!(true)).unwrap().reuse_values);
        assert!(with("resetValues", &json!(false)).unwrap().reuse_values);
    }

    #[test]
    fn helm_2_is_refused_and_wrong_types_are_told() {
        assert!(with("helmVersion", &json!("v2")).unwrap_err().contains("v3, which is used"));
        assert!(with("helmVersion", &json!("v3")).is_ok());
        assert!(with("timeout", &json!("soon")).unwrap_err().starts_with("spec: "));
        assert!(with("values", &json!([1])).unwrap_err().starts_with("spec: "));
        let both = json!([{"configMapKeyRef": {"name": "a"}, "secretKeyRef": {"name": "b"}}]);
        assert!(with("valuesFrom", &both).unwrap_err().starts_with("spec.valuesFrom[0]: "));
    }

    #[test]
    fn secrets_of_value_files_come_before_all_other_values() {
        let spec = parse(&json!({
            "chart": {"git": "u", "path": "p"},
            "valuesFrom": [{"configMapKeyRef": {"name": "b"}}],
            "valueFileSecrets": [{"name": "a"}],
        }));
        let key = |name: &str| ValuesKey {
            namespace: None,
            name: name.to_owned(),
            key: "values.yaml".to_owned(),
            optional: false,
        };
        assert_eq!(
            spec.unwrap().values_from,
            [ValuesFrom::Secret(key("a")), ValuesFrom::ConfigMap(key("b"))]
        );
    }
}
