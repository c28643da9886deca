//! `fairlead token …`

use std::process::ExitCode;

use clap::Subcommand;

use crate::composition;
use crate::settings::Settings;

/// Bearer tokens for the REST API.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Makes a token for a user and prints it: it is shown once, only its hash is stored.
    Create {
        /// Whose rights it has.
        #[arg(long)]
        user: String,
        /// What it is for, to recognise it later.
        #[arg(long)]
        name: String,
        /// Days until it ends.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(settings: &Settings, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let TokenCommand::Create { user, name, days } = command;
    let accounts = composition::accounts(settings).await?;
    let token = accounts.create_token(&user, &name, days).await.map_err(super::sentence)?;
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}
