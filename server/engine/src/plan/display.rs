//! A plan as text that a reader can check by eye: a heading per rank, a line per object.

use std::fmt;

use super::{Plan, Step, Verdict, Why};
use crate::desired::Rank;

impl<State> fmt::Display for Plan<State> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut heading = None;
        for step in &self.steps {
            if heading != Some(step.desired.rank) {
                heading = Some(step.desired.rank);
                writeln!(formatter, "{}", title(step.desired.rank))?;
            }
            writeln!(formatter, "  {step}")?;
        }
        if !self.leftover.is_empty() {
            writeln!(formatter, "no longer in Git, kept")?;
        }
        for entry in &self.leftover {
            writeln!(formatter, "  {} ({})", entry.key, entry.place)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:<18} {} ({})", word(&self.verdict), self.desired.key, self.desired.place)
    }
}

fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Unchanged => "unchanged".to_owned(),
        Verdict::Absent => "create".to_owned(),
        Verdict::Look(Why::New) => "look: new".to_owned(),
        Verdict::Look(Why::Changed) => "look: changed".to_owned(),
        Verdict::Look(Why::Drifted) => "look: drifted".to_owned(),
        Verdict::Look(Why::Replaced) => "look: replaced".to_owned(),
        Verdict::Look(Why::Unwatched) => "look: unwatched".to_owned(),
        Verdict::Skip(reason) => format!("skip: {reason:?}"),
    }
}

fn title(rank: Rank) -> &'static str {
    match rank {
        Rank::Namespace => "stage 1: namespaces",
        Rank::Definition => "stage 1: definitions",
        Rank::Foundation => "stage 2: foundations",
        Rank::Configuration => "stage 2: configuration",
        Rank::Workload => "stage 2: workloads",
        Rank::Rest => "stage 2: rest",
    }
}
