//! The spec of a `HelmRelease`, with the Helm operator's defaults (Flux Helm operator v1, types of `v1`).

mod raw;

use serde::Deserialize;
use serde_json::Value;

use self::raw::RawSpec;

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
        /// Branch, tag or commit; the operator's default when `None`.
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
