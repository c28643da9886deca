//! How calls read in helm 3 and in helm 4: pure.

use engine::port::helm::{Deploy, Rollback};

/// Where helm finds what it is given, as it sees it itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'places> {
    pub(crate) kubeconfig: &'places str,
    pub(crate) chart: &'places str,
    pub(crate) values: &'places str,
}

/// Whose release, and how long each of helm's own waits may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'target> {
    pub(crate) namespace: &'target str,
    pub(crate) release: &'target str,
    pub(crate) seconds: u64,
}

/// Revisions that a history shows at most.
const HISTORY: u32 = 256;

/// `helm upgrade --install`.
pub(crate) fn deploy(major: u32, places: Places<'_>, target: Target<'_>, deploy: &Deploy<'_>) -> Vec<String> {
    let mut words = words(["upgrade", target.release, places.chart, "--install"]);
    words.extend(common(places, target));
    words.push(timeout(target));
    words.push(format!("--values={}", places.values));
    words.push(format!("--history-max={}", deploy.max_history));
    words.push(if deploy.reuse_values { "--reuse-values" } else { "--reset-values" }.to_owned());
    words.push("--output=json".to_owned());
    flag(&mut words, deploy.wait, "--wait");
    flag(&mut words, deploy.skip_crds, "--skip-crds");
    flag(&mut words, deploy.skip_validation, "--disable-openapi-validation");
    flag(&mut words, deploy.dry_run, "--dry-run=server");
    words.extend(manner(major, deploy.force).iter().map(|&word| word.to_owned()));
    words
}

/// `helm rollback`.
pub(crate) fn rollback(
    major: u32,
    places: Places<'_>,
    target: Target<'_>,
    rollback: &Rollback,
) -> Vec<String> {
    let mut words = words(["rollback", target.release]);
    words.extend(rollback.revision.map(|revision| revision.to_string()));
    words.extend(common(places, target));
    words.push(timeout(target));
    words.push(format!("--history-max={}", rollback.max_history));
    flag(&mut words, rollback.wait, "--wait");
    flag(&mut words, rollback.skip_hooks, "--no-hooks");
    // Helm 4 has it no longer.
    flag(&mut words, rollback.recreate && major < 4, "--recreate-pods");
    words.extend(manner(major, rollback.force).iter().map(|&word| word.to_owned()));
    words
}

/// `helm uninstall`; a release that is gone is as it should be.
pub(crate) fn uninstall(places: Places<'_>, target: Target<'_>, keep_history: bool) -> Vec<String> {
    let mut words = words(["uninstall", target.release, "--ignore-not-found"]);
    words.extend(common(places, target));
    words.push(timeout(target));
    flag(&mut words, keep_history, "--keep-history");
    words
}

/// `helm test`.
pub(crate) fn test(places: Places<'_>, target: Target<'_>) -> Vec<String> {
    let mut words = words(["test", target.release]);
    words.extend(common(places, target));
    words.push(timeout(target));
    words
}

/// `helm status`: the release as helm keeps it.
pub(crate) fn status(places: Places<'_>, target: Target<'_>, revision: Option<u32>) -> Vec<String> {
    let mut words = words(["status", target.release, "--output=json"]);
    words.extend(common(places, target));
    words.extend(revision.map(|revision| format!("--revision={revision}")));
    words
}

/// `helm history`.
pub(crate) fn history(places: Places<'_>, target: Target<'_>) -> Vec<String> {
    let mut words = words(["history", target.release, "--output=json"]);
    words.extend(common(places, target));
    words.push(format!("--max={HISTORY}"));
    words
}

fn common(places: Places<'_>, target: Target<'_>) -> [String; 2] {
    [format!("--namespace={}", target.namespace), format!("--kubeconfig={}", places.kubeconfig)]
}

fn timeout(target: Target<'_>) -> String {
    format!("--timeout={}s", target.seconds)
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn flag(words: &mut Vec<String>, given: bool, flag: &str) {
    words.extend(given.then(|| flag.to_owned()));
}

/// How objects are written. Helm 4 applies on the server, where it would refuse what somebody else has changed: putting
/// that right is the point. Replacing is not done on the server.
fn manner(major: u32, force: bool) -> &'static [&'static str] {
    match (major >= 4, force) {
        (false, false) => &[],
        (false, true) => &["--force"],
        (true, false) => &["--server-side=true", "--force-conflicts"],
        (true, true) => &["--server-side=false", "--force-replace"],
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use engine::port::helm::{Chart, HelmError};
    use serde_json::Value;

    use super::*;

    struct NoChart;

    impl Chart for NoChart {
        fn name(&self) -> &'static str {
            "web"
        }
        fn version(&self) -> &'static str {
            "1.0.0"
        }
        fn digest(&self) -> &'static str {
            "0"
        }
        fn read(&self, _: &str, _: u64) -> Result<Option<Vec<u8>>, HelmError> {
            Ok(None)
        }
        fn folder(&self) -> &Path {
            Path::new("/")
        }
    }

    const PLACES: Places<'static> = Places { kubeconfig: "/w/k", chart: "/w/c", values: "/w/v" };
    const TARGET: Target<'static> = Target { namespace: "ns", release: "web", seconds: 300 };

    fn plain(values: &Value) -> Deploy<'_> {
        Deploy {
            chart: &NoChart,
            values,
            reuse_values: false,
            max_history: 10,
            wait: false,
            force: false,
            skip_crds: false,
            skip_validation: false,
            dry_run: false,
        }
    }

    #[test]
    fn an_upgrade_reads_as_each_helm_takes_it() {
        let values = Value::Null;
        let rest = "upgrade web /w/c --install --namespace=ns --kubeconfig=/w/k --timeout=300s --values=/w/v \
                    --history-max=10";
        let all = Deploy {
            reuse_values: true,
            wait: true,
            force: true,
            skip_crds: true,
            skip_validation: true,
            dry_run: true,
            ..plain(&values)
        };
        let table = [
            (3, plain(&values), "--reset-values --output=json"),
            (4, plain(&values), "--reset-values --output=json --server-side=true --force-conflicts"),
            (
                3,
                Deploy { ..plain_all(&all) },
                "--reuse-values --output=json --wait --skip-crds --disable-openapi-validation --dry-run=server --force",
            ),
            (
                4,
                all,
                "--reuse-values --output=json --wait --skip-crds --disable-openapi-validation --dry-run=server \
                 --server-side=false --force-replace",
            ),
        ];
        for (major, call, flags) in table {
            assert_eq!(
                deploy(major, PLACES, TARGET, &call).join(" "),
                format!("{rest} {flags}"),
                "helm {major}"
            );
        }
    }

    fn plain_all<'deploy>(all: &Deploy<'deploy>) -> Deploy<'deploy> {
        let Deploy {
            chart,
            values,
            reuse_values,
            max_history,
            wait,
            force,
            skip_crds,
            skip_validation,
            dry_run,
        } = *all;
        Deploy { chart, values, reuse_values, max_history, wait, force, skip_crds, skip_validation, dry_run }
    }

    #[test]
    fn a_rollback_reads_as_each_helm_takes_it() {
        let rest = "--namespace=ns --kubeconfig=/w/k --timeout=300s --history-max=10";
        let one = Rollback { max_history: 10, ..Rollback::default() };
        let all = Rollback {
            revision: Some(2),
            wait: true,
            force: true,
            skip_hooks: true,
            recreate: true,
            max_history: 10,
        };
        for (major, call, words) in [
            (3, one, format!("rollback web {rest}")),
            (4, one, format!("rollback web {rest} --server-side=true --force-conflicts")),
            (3, all, format!("rollback web 2 {rest} --wait --no-hooks --recreate-pods --force")),
            (4, all, format!("rollback web 2 {rest} --wait --no-hooks --server-side=false --force-replace")),
        ] {
            assert_eq!(rollback(major, PLACES, TARGET, &call).join(" "), words, "helm {major}");
        }
    }

    #[test]
    fn the_other_calls_read_alike_in_both() {
        let common = "--namespace=ns --kubeconfig=/w/k";
        for (words, expected) in [
            (
                uninstall(PLACES, TARGET, true),
                format!("uninstall web --ignore-not-found {common} --timeout=300s --keep-history"),
            ),
            (test(PLACES, TARGET), format!("test web {common} --timeout=300s")),
            (status(PLACES, TARGET, None), format!("status web --output=json {common}")),
            (status(PLACES, TARGET, Some(3)), format!("status web --output=json {common} --revision=3")),
            (history(PLACES, TARGET), format!("history web --output=json {common} --max=256")),
        ] {
            assert_eq!(words.join(" "), expected);
        }
    }
}
