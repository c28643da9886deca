//! Starting helm: which one, with what limits, and what came of it.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use child::{ChildError, Command, Isolation, Limits, Network, Private, Program, WORK};
use domain::outbound::Narrowing;
use engine::port::helm::{
    Call, Chart, ChartAccess, ChartRequest, Deploy, Deployed, Helm, HelmError, HelmFault, HelmVersion,
    Revision, Rollback,
};
use engine::port::source::Tree;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::arguments::{self, Places, Target};
use crate::charts::{ChartFolder, Charts};
use crate::prepared::{PreparedChart, as_helm};
use crate::settings::Settings;
use crate::work::{CHART, KUBECONFIG, VALUES, Work};
use crate::{answer, tree_chart};

/// The oldest helm whose flags are known.
const OLDEST: (u32, u32) = (3, 17);
/// And the newest major.
const NEWEST: u32 = 4;

/// What a call may print: a release with its chart, of at most etcd's size, unpacked.
const OUTPUT_BYTES: u64 = 64 * 1024 * 1024;
/// Memory that it writes to, and address space: programs written in Go reserve far more than they use.
const DATA_BYTES: u64 = 1024 * 1024 * 1024;
const ADDRESS_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// What it may write, in memory: its cache of what the cluster serves.
const SCRATCH_BYTES: u64 = 64 * 1024 * 1024;
const SCRATCH_FILES: u64 = 4_000;
const PROCESSES: u64 = 64;
const OPEN_FILES: u64 = 512;
const GO_THREADS: &str = "2";
const GO_MEMORY: &str = "768MiB";

/// A call that only reads has no longer than this.
const READ_TIME: Duration = Duration::from_mins(1);
/// Helm's own limit is for each operation; a release is hooks before, objects, hooks after.
const OPERATIONS: u32 = 3;
/// And what it needs beside them.
const MARGIN: Duration = Duration::from_secs(30);
/// Processor time of one call: rendering is bounded by it.
const PROCESSOR: Duration = Duration::from_mins(2);

/// The helm program, as found when the server started.
pub struct HelmProgram {
    settings: Settings,
    private: Private,
    /// Fetches charts.
    charts: Charts,
    /// Where charts lie that are in use.
    unpacked: PathBuf,
    found: Result<(Program, HelmVersion), HelmError>,
    turns: Semaphore,
}

impl HelmProgram {
    /// Looks for helm and asks it for its version. That there is none is no error: it is told where it is needed.
    pub async fn find(settings: Settings) -> std::io::Result<Self> {
        let folder = settings.folder.join("helm");
        let unpacked = folder.join("charts");
        // What a server that was killed has left there.
        let _ = std::fs::remove_dir_all(&unpacked);
        std::fs::DirBuilder::new().mode(0o700).recursive(true).create(&unpacked)?;
        let (policy, proxies) = (settings.policy.clone(), settings.proxies.clone());
        let charts = Charts::new(&folder.join("fetched"), settings.kept_bytes, policy, proxies)?;
        let private = Private::new(&folder)?;
        let found = look(&settings).await;
        match &found {
            Ok((program, version)) => {
                tracing::info!("Helm releases are kept with {} {}", program.path().display(), version.text);
            }
            Err(error) => tracing::info!("Helm releases cannot be kept: {error}"),
        }
        let turns = Semaphore::new(settings.concurrency.max(1));
        Ok(Self { settings, private, charts, unpacked, found, turns })
    }

    fn program(&self) -> Result<&(Program, HelmVersion), HelmError> {
        self.found.as_ref().map_err(Clone::clone)
    }

    /// Runs a call whose words are made for the version and for where its folder is.
    async fn run(
        &self,
        call: &Call<'_>,
        time: Duration,
        given: Option<(&dyn Chart, &Value)>,
        words: impl FnOnce(u32, Places<'_>, Target<'_>) -> Vec<String>,
    ) -> Result<Vec<u8>, HelmError> {
        let (program, version) = self.program()?;
        // Never closed, so there is always a turn.
        let _turn = self.turns.acquire().await;
        let work = Work::new(&self.private, &call.kubeconfig.text).map_err(|error| internal(&error))?;
        if let Some((chart, values)) = given {
            work.add(chart.folder(), values).map_err(|error| internal(&error))?;
        }
        let root = if self.settings.without_isolation { work.path() } else { Path::new(WORK) };
        let place = |name: &str| root.join(name).to_string_lossy().into_owned();
        let (kubeconfig, chart, values) = (place(KUBECONFIG), place(CHART), place(VALUES));
        let places = Places { kubeconfig: &kubeconfig, chart: &chart, values: &values };
        let target = Target {
            namespace: call.namespace,
            release: call.release,
            seconds: call.timeout.as_secs().max(1),
        };
        let relay = Network::Port(call.kubeconfig.relay.port());
        let command = self.command(program, time, &work).network(relay);
        let command = command.args(words(version.major, places, target));
        metrics::counter!("fairlead_helm_processes_total").increment(1);
        let output = command.run().await.map_err(|error| ended(&error))?;
        if output.status.success() { Ok(output.stdout) } else { Err(answer::refusal(&output.stderr)) }
    }

    fn command(&self, program: &Program, time: Duration, work: &Work) -> Command {
        let limits = Limits {
            time,
            processor: PROCESSOR,
            memory: ADDRESS_BYTES,
            file_size: SCRATCH_BYTES,
            open_files: OPEN_FILES,
            output: OUTPUT_BYTES,
        };
        let command = without_others(self.settings.launcher.command(program)).limits(limits);
        if self.settings.without_isolation {
            return command;
        }
        command.isolated(Isolation {
            work: work.path().to_path_buf(),
            network: true,
            scratch_bytes: SCRATCH_BYTES,
            scratch_files: SCRATCH_FILES,
            processes: PROCESSES,
            data: DATA_BYTES,
        })
    }
}

/// Nothing but what is given: no plugins, no settings, storage in Secrets as `helm ls` expects it.
fn without_others(command: Command) -> Command {
    command
        .env("LC_ALL", "C.UTF-8")
        .env("GOMAXPROCS", GO_THREADS)
        .env("GOMEMLIMIT", GO_MEMORY)
        .env("HELM_NO_PLUGINS", "1")
        .env("HELM_PLUGINS", "/nonexistent")
        .env("HELM_DRIVER", "secret")
}

async fn look(settings: &Settings) -> Result<(Program, HelmVersion), HelmError> {
    let missing = |error: &dyn std::fmt::Display| {
        HelmError::new(
            HelmFault::Missing,
            format!(
                "helm is not ready on the server ({error}): install helm 3.17 or later, or 4, or set `helm`"
            ),
        )
    };
    let program = match &settings.program {
        Some(path) => Program::at(path),
        None => Program::find("helm"),
    };
    let program = program.map_err(|error| missing(&error))?;
    let limits = Limits { time: READ_TIME, memory: ADDRESS_BYTES, ..Limits::default() };
    let command = without_others(settings.launcher.command(&program)).args(["version", "--short"]);
    let output = command.limits(limits).run().await.map_err(|error| missing(&error))?;
    let said = answer::text(&output.stdout);
    let version = version(&said).ok_or_else(|| {
        missing(&format!("{} says it is {said:?}, which is not known here", program.path().display()))
    })?;
    Ok((program, version))
}

/// `v3.17.2+gcc0bbbd`; `None` for versions whose flags are not known.
fn version(said: &str) -> Option<HelmVersion> {
    let text = said.trim().split('+').next()?.to_owned();
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse::<u32>);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    ((major, minor) >= OLDEST && major <= NEWEST).then_some(HelmVersion { major, text })
}

fn internal(error: &dyn std::fmt::Display) -> HelmError {
    HelmError::new(HelmFault::Internal, format!("helm could not be given what it needs: {error}"))
}

/// Why there is no answer.
fn ended(error: &ChildError) -> HelmError {
    let fault = match error {
        ChildError::TimedOut { .. } => HelmFault::TimedOut,
        _ => HelmFault::Internal,
    };
    let advice = if matches!(error, ChildError::NotIsolated { .. }) {
        ". The setting `generate_without_isolation` lets it run all the same"
    } else {
        ""
    };
    HelmError::new(fault, format!("{error}{advice}"))
}

/// The bound of a process whose every operation has this bound.
fn bound(timeout: Duration) -> Duration {
    timeout * OPERATIONS + MARGIN
}

#[async_trait]
impl Helm for HelmProgram {
    fn installed(&self) -> Result<HelmVersion, HelmError> {
        self.program().map(|(_, version)| version.clone())
    }

    async fn chart_version(&self, request: &ChartRequest) -> Result<String, HelmError> {
        self.charts.version(request).await.map_err(|error| as_helm(&error))
    }

    async fn document(&self, url: &str, limit: u64, outbound: &Narrowing) -> Result<Vec<u8>, HelmError> {
        let document = self.charts.document(url, limit, outbound).await;
        document.map(Vec::from).map_err(|error| as_helm(&error))
    }

    async fn chart(&self, request: &ChartRequest) -> Result<Arc<dyn Chart>, HelmError> {
        let package = self.charts.fetch(request).await.map_err(|error| as_helm(&error))?;
        let into = self.unpacked.clone();
        let chart = tree_chart::blocking(move || {
            let folder = ChartFolder::unpack(&into, &package.bytes).map_err(|error| as_helm(&error))?;
            Ok(PreparedChart { folder, digest: package.digest })
        });
        Ok(Arc::new(chart.await?))
    }

    async fn chart_of_tree(
        &self,
        tree: Arc<dyn Tree>,
        path: &str,
        dependencies: Option<&ChartAccess>,
    ) -> Result<Arc<dyn Chart>, HelmError> {
        let (from, at, into) = (Arc::clone(&tree), path.to_owned(), self.unpacked.clone());
        let chart = tree_chart::blocking(move || tree_chart::copy(from.as_ref(), &at, &into)).await?;
        Ok(match dependencies {
            Some(access) => {
                Arc::new(tree_chart::complete(chart, (tree, path.to_owned()), &self.charts, access).await?)
            }
            None => Arc::new(chart),
        })
    }

    async fn deploy(&self, call: &Call<'_>, deploy: &Deploy<'_>) -> Result<Deployed, HelmError> {
        let given = Some((deploy.chart, deploy.values));
        let words =
            |major, places: Places<'_>, target: Target<'_>| arguments::deploy(major, places, target, deploy);
        answer::release(&self.run(call, bound(call.timeout), given, words).await?)
    }

    async fn rollback(&self, call: &Call<'_>, rollback: &Rollback) -> Result<(), HelmError> {
        let words = |major, places: Places<'_>, target: Target<'_>| {
            arguments::rollback(major, places, target, rollback)
        };
        self.run(call, bound(call.timeout), None, words).await.map(drop)
    }

    async fn uninstall(&self, call: &Call<'_>, keep_history: bool) -> Result<(), HelmError> {
        let words =
            |_, places: Places<'_>, target: Target<'_>| arguments::uninstall(places, target, keep_history);
        self.run(call, bound(call.timeout), None, words).await.map(drop)
    }

    async fn test(&self, call: &Call<'_>) -> Result<String, HelmError> {
        let words = |_, places: Places<'_>, target: Target<'_>| arguments::test(places, target);
        self.run(call, bound(call.timeout), None, words).await.map(|said| answer::text(&said))
    }

    async fn get(&self, call: &Call<'_>, revision: Option<u32>) -> Result<Deployed, HelmError> {
        let words = |_, places: Places<'_>, target: Target<'_>| arguments::status(places, target, revision);
        answer::release(&self.run(call, READ_TIME, None, words).await?)
    }

    async fn history(&self, call: &Call<'_>) -> Result<Vec<Revision>, HelmError> {
        let words = |_, places: Places<'_>, target: Target<'_>| arguments::history(places, target);
        answer::history(&self.run(call, READ_TIME, None, words).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_3_17_and_later_and_helm_4_are_taken() {
        for (said, major) in [
            ("v3.17.2+gcc0bbbd", Some(3)),
            ("v3.19.0", Some(3)),
            ("v4.1.4+g05fa379", Some(4)),
            ("v3.16.4+g1234567", None),
            ("v2.17.0", None),
            ("v5.0.0", None),
            ("Client: v3.17.2", None),
            ("", None),
        ] {
            assert_eq!(version(said).map(|version| version.major), major, "{said}");
        }
    }
}
