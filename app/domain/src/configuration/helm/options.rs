//! What chart values of the Helm operator mean here: its own chart's values, as far as they do anything.

use std::time::Duration;

use serde_json::{Map, Value};

use super::set::set;
use crate::operator_params::duration::Limits;
use crate::operator_params::{read_duration, split};
use crate::violation::Rule;

/// Releases of a configuration that are worked on at once.
const WORKERS: usize = 4;
const WORKERS_MAX: i64 = 16;

/// Values of the operator's chart that say how an operator in the cluster would run: there is none (Helm operator
/// chart 1.2.0 and later). Names before the first full stop.
const WITHOUT_EFFECT: [&str; 19] = [
    "clusterRole",
    "convert",
    "createCRD",
    "dashboards",
    "extraEnvs",
    "extraVolumeMounts",
    "extraVolumes",
    "image",
    "logFormat",
    "nodeSelector",
    "podAnnotations",
    "podLabels",
    "prometheus",
    "rbac",
    "replicaCount",
    "resources",
    "serviceAccount",
    "tolerations",
    "affinity",
];
/// The same, of names with a full stop or of their own.
const WITHOUT_EFFECT_EXACT: [&str; 12] = [
    "git.ssh.secretName",
    "git.ssh.known_hosts",
    "git.ssh.configMapName",
    "git.ssh.configMapKey",
    "git.config.enabled",
    "git.config.secretName",
    "git.config.createSecret",
    "configureRepositories.enable",
    "statusUpdateInterval",
    "tillerNamespace",
    "tillerHost",
    "tillerSidecar",
];

/// Without effect too, and refused: whoever sees the configuration would read the passwords that they hold.
const REFUSED: [&str; 2] = ["git.config.data", "configureRepositories.repositories"];

/// How releases are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmOptions {
    /// Time between two looks at a release that did not change.
    pub charts_sync_interval: Duration,
    /// Releases of a configuration that are worked on at once.
    pub workers: usize,
    /// Only `HelmRelease` objects of this namespace are kept; of all when `None`.
    pub allow_namespace: Option<String>,
    /// Bound of one Git step for charts.
    pub git_timeout: Duration,
    /// Branch of charts from Git that name none.
    pub git_default_ref: String,
    /// Whether a chart's missing dependencies are fetched.
    pub update_chart_deps: bool,
    /// Whether what an upgrade changes is written to the log.
    pub log_release_diffs: bool,
    /// Every value that was given, by its name.
    pub given: Vec<ChartValue>,
}

/// A value as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartValue {
    /// With full stops, such as `git.timeout`.
    pub name: String,
    /// As text; a list as JSON.
    pub value: String,
    /// Whether it does anything here.
    pub works: bool,
}

impl Default for HelmOptions {
    fn default() -> Self {
        Self {
            charts_sync_interval: Duration::from_mins(3),
            workers: WORKERS,
            allow_namespace: None,
            git_timeout: Duration::from_secs(20),
            git_default_ref: "master".to_owned(),
            update_chart_deps: true,
            log_release_diffs: false,
            given: Vec::new(),
        }
    }
}

impl HelmOptions {
    /// From a line of `--set key=value` words.
    pub fn parse(line: &str) -> Result<Self, Rule> {
        let values = values(line)?;
        let mut options = Self::default();
        for (name, value) in leaves(&values) {
            let works = options.take(&name, &value)?;
            options.given.push(ChartValue { name, value: text(&value), works });
        }
        Ok(options)
    }

    /// Whether it does anything.
    fn take(&mut self, name: &str, value: &Value) -> Result<bool, Rule> {
        match name {
            "chartsSyncInterval" => self.charts_sync_interval = time(name, value, Limits::INTERVAL)?,
            // Charts are looked at with their releases.
            "git.pollInterval" => {
                time(name, value, Limits::INTERVAL)?;
                return Ok(false);
            }
            "git.timeout" => self.git_timeout = time(name, value, Limits::GIT_TIMEOUT)?,
            "git.defaultRef" => self.git_default_ref = text(value),
            "workers" => self.workers = workers(name, value)?,
            "allowNamespace" => self.allow_namespace = Some(text(value)).filter(|text| !text.is_empty()),
            "updateChartDeps" => self.update_chart_deps = truth(name, value)?,
            "logReleaseDiffs" => self.log_release_diffs = truth(name, value)?,
            "helm.versions" => helm_versions(value)?,
            _ => {
                let at_or_below = |refused: &&&str| {
                    name.strip_prefix(**refused).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                if let Some(refused) = REFUSED.iter().find(at_or_below) {
                    return Err(Rule::ChartValueRefused { name: (*refused).to_owned() });
                }
                let first = name.split(['.', '[']).next().unwrap_or_default();
                if !WITHOUT_EFFECT.contains(&first) && !WITHOUT_EFFECT_EXACT.contains(&name) && first != "tls"
                {
                    return Err(Rule::ChartValueUnknown { name: name.to_owned() });
                }
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The values of all words of a line.
fn values(line: &str) -> Result<Map<String, Value>, Rule> {
    let words = split(line).map_err(|_| Rule::ParameterQuote)?;
    let mut words = words.into_iter();
    let mut values = Map::new();
    while let Some(word) = words.next() {
        let not_understood = |word: &str| Rule::ChartValues { word: word.to_owned() };
        let (flag, given) = match word.split_once('=') {
            Some((flag, given)) if flag.starts_with("--") => (flag.to_owned(), Some(given.to_owned())),
            _ => (word.clone(), words.next()),
        };
        let typed = match flag.as_str() {
            "--set" => true,
            "--set-string" => false,
            _ => return Err(not_understood(&word)),
        };
        let pair = given.ok_or_else(|| not_understood(&word))?;
        if pair.starts_with('-') {
            return Err(not_understood(&pair));
        }
        set(&mut values, &pair, typed).map_err(|_| not_understood(&pair))?;
    }
    Ok(values)
}

/// Names with full stops, and what they are set to; a list is one value.
fn leaves(values: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in values {
        match value {
            Value::Object(inner) if !inner.is_empty() => found
                .extend(leaves(inner).into_iter().map(|(below, value)| (format!("{name}.{below}"), value))),
            value => found.push((name.clone(), value.clone())),
        }
    }
    found
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn time(name: &str, value: &Value, limits: Limits) -> Result<Duration, Rule> {
    let seconds = read_duration(name, &text(value), limits)?;
    Ok(Duration::from_secs(seconds))
}

fn truth(name: &str, value: &Value) -> Result<bool, Rule> {
    match text(value).as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Rule::ChartValueTruth { name: name.to_owned() }),
    }
}

fn workers(name: &str, value: &Value) -> Result<usize, Rule> {
    let number =
        value.as_i64().or_else(|| text(value).parse().ok()).filter(|n| (1..=WORKERS_MAX).contains(n));
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| Rule::ChartValueNumber { name: name.to_owned(), min: 1, max: WORKERS_MAX })
}

/// `v3`, or `v2,v3` in whatever form: v3 is the one that is used.
fn helm_versions(value: &Value) -> Result<(), Rule> {
    let names_v3 = match value {
        Value::Array(items) => items.iter().any(|item| text(item) == "v3"),
        value => text(value).split(',').any(|part| part.trim() == "v3"),
    };
    if names_v3 { Ok(()) } else { Err(Rule::HelmVersion) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<HelmOptions, Rule> {
        HelmOptions::parse(line)
    }

    #[test]
    fn nothing_given_is_the_helm_operators_defaults() {
        assert_eq!(parse(""), Ok(HelmOptions::default()));
    }

    #[test]
    fn values_of_the_operators_chart_say_how_releases_are_kept() {
        let options = parse(
            "--set helm.versions=v3 --set chartsSyncInterval=1m --set workers=2,allowNamespace=team-a \
             --set git.timeout=30s --set git.defaultRef=main --set updateChartDeps=false --set logReleaseDiffs=true",
        );
        let options = options.map(|options| HelmOptions { given: Vec::new(), ..options });
        let expected = HelmOptions {
            charts_sync_interval: Duration::from_mins(1),
            workers: 2,
            allow_namespace: Some("team-a".to_owned()),
            git_timeout: Duration::from_secs(30),
            git_default_ref: "main".to_owned(),
            update_chart_deps: false,
            log_release_diffs: true,
            given: Vec::new(),
        };
        assert_eq!(options, Ok(expected));
    }

    #[test]
    fn what_an_operator_in_the_cluster_would_need_has_no_effect() {
        let line = "--set git.ssh.secretName=gitops-privatekey-x --set tillerNamespace=kube-system \
                    --set image.tag=1.2.0 --set 'resources.limits.cpu=1' --set tolerations[0].key=a";
        let given = parse(line).unwrap().given.into_iter();
        let mut without_effect: Vec<_> = given.filter(|value| !value.works).map(|value| value.name).collect();
        without_effect.sort();
        let expected =
            ["git.ssh.secretName", "image.tag", "resources.limits.cpu", "tillerNamespace", "tolerations"];
        assert_eq!(without_effect, expected);
    }

    #[test]
    fn what_was_given_is_told_with_whether_it_does_anything() {
        let told = |line: &str| {
            let given = parse(line).unwrap().given.into_iter();
            given
                .map(|ChartValue { name, value, works }| format!("{name} = {value}, {works}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told("--set workers=2,helm.versions={v2,v3} --set tillerNamespace=a,git.pollInterval=1m"),
            [
                "git.pollInterval = 1m, false",
                r#"helm.versions = ["v2","v3"], true"#,
                "tillerNamespace = a, false",
                "workers = 2, true",
            ]
        );
    }

    #[test]
    fn what_holds_passwords_is_refused_by_name() {
        for (line, name) in [
            ("--set git.config.data=abc", "git.config.data"),
            ("--set git.config.data.a=b", "git.config.data"),
            ("--set configureRepositories.repositories[0].password=a", "configureRepositories.repositories"),
        ] {
            assert_eq!(parse(line), Err(Rule::ChartValueRefused { name: name.to_owned() }), "{line}");
        }
        assert!(parse("--set configureRepositories.enable=true,git.config.enabled=false").is_ok());
    }

    #[test]
    fn unknown_and_wrong_values_are_refused_by_name() {
        let unknown = |name: &str| Err(Rule::ChartValueUnknown { name: name.to_owned() });
        assert_eq!(parse("--set worker=2"), unknown("worker"));
        assert_eq!(parse("--set git.branch=main"), unknown("git.branch"));
        let number = Rule::ChartValueNumber { name: "workers".to_owned(), min: 1, max: 16 };
        assert_eq!(parse("--set workers=0"), Err(number.clone()));
        assert_eq!(parse("--set workers=many"), Err(number));
        let truth = Rule::ChartValueTruth { name: "updateChartDeps".to_owned() };
        assert_eq!(parse("--set updateChartDeps=1"), Err(truth));
        assert!(matches!(parse("--set chartsSyncInterval=soon"), Err(Rule::ParameterDuration { .. })));
        assert!(matches!(parse("--set chartsSyncInterval=1ns"), Err(Rule::ParameterDurationRange { .. })));
    }

    #[test]
    fn helm_3_is_used_and_helm_2_alone_is_refused() {
        for good in ["v3", r"v2\,v3", "{v2,v3}"] {
            assert!(parse(&format!("--set 'helm.versions={good}'")).is_ok(), "{good}");
        }
        assert_eq!(parse("--set helm.versions=v2"), Err(Rule::HelmVersion));
    }
}
