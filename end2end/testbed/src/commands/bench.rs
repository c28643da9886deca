//! `testbed bench`: what the portal costs and how quick it is, on real parts, each figure printed with what it is
//! compared to in the same run.
//!
//! `list` is the page that everybody looks at, `sync` what syncs cost beside a plain apply of the same objects (`floor`),
//! `latency` how soon a push or a foreign change is seen to, `neighbour` what broken configurations do to a healthy one, `releases` what Helm releases cost.
//! To measure something else: a module with a `measure` and a line in `run`.

mod floor;
mod latency;
mod list;
mod meter;
mod neighbour;
mod objects;
mod releases;
mod report;
mod sync;
mod watcher;

use std::process::ExitCode;

use super::signal::Ends;

/// `testbed bench`
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Measure this alone.
    #[arg(long)]
    only: Option<Part>,
    /// API servers of the list, each a cluster of its own.
    #[arg(long, default_value_t = 10)]
    clusters: usize,
    /// Configurations in the list, spread evenly.
    #[arg(long, default_value_t = 1000)]
    configurations: usize,
    /// Configurations of a sync run, one run for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 300])]
    sizes: Vec<usize>,
    /// Helm releases of one configuration.
    #[arg(long, default_value_t = 100)]
    releases: usize,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    List,
    Sync,
    Neighbour,
    Releases,
}

/// Exit code 1 when a limit is missed.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut ends = Ends::new()?;
    tokio::select! {
        kept = measure(&arguments) => Ok(if kept? { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        () = ends.wait() => Ok(ExitCode::FAILURE),
    }
}

async fn measure(arguments: &Arguments) -> anyhow::Result<bool> {
    let Arguments { only, clusters, configurations, sizes, releases } = arguments;
    let wanted = |part: Part| only.is_none_or(|only| only == part);
    report::print(&report::machine());
    let mut kept = true;
    if wanted(Part::List) {
        kept &= list::measure(*clusters, *configurations).await?;
    }
    if wanted(Part::Sync) {
        for (number, size) in sizes.iter().enumerate() {
            // How soon something happens is measured once, with the smallest number.
            sync::measure(*size, number == 0).await?;
        }
    }
    if wanted(Part::Neighbour) {
        neighbour::measure().await?;
    }
    if wanted(Part::Releases) {
        releases::measure(*releases).await?;
    }
    Ok(kept)
}
