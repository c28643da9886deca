//! `fairlead audit …`

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use storage::{AuditCheck, AuditEnd};

use crate::composition;
use crate::settings::Settings;

/// The audit's chain of hashes.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Computes every hash again and says whether an entry was changed, removed or cut off.
    Check {
        /// The end of the audit as it was seen once, `NUMBER:HASH`: from the log, or from an earlier check.
        #[arg(long, value_name = "NUMBER:HASH")]
        known: Option<String>,
    },
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(settings: &Settings, command: AuditCommand) -> anyhow::Result<ExitCode> {
    let AuditCommand::Check { known } = command;
    let known = known.as_deref().map(parse).transpose()?;
    let storage = composition::storage_beside(settings).await?;
    match storage.check_audit(known.as_ref()).await? {
        AuditCheck::Whole { end: AuditEnd { seq, hash } } => {
            println!("The audit is whole up to {seq}:{hash}");
            Ok(ExitCode::SUCCESS)
        }
        AuditCheck::Broken { seq } => bail!(
            "entry {seq} of the audit does not follow the one before: it was changed, or one was removed; compare \
             with a backup"
        ),
        AuditCheck::Cut { end: AuditEnd { seq, hash } } => bail!(
            "the audit does not hold the entry that was known; it now ends with {seq}:{hash}, so entries were cut off \
             or made anew; compare with a backup"
        ),
    }
}

fn parse(text: &str) -> anyhow::Result<AuditEnd> {
    let parsed = text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash.to_owned())));
    let (seq, hash) = parsed.context("`--known` is NUMBER:HASH, as an earlier check or the log has it")?;
    Ok(AuditEnd { seq, hash })
}
