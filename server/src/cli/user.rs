//! `fairlead user …`

use std::process::ExitCode;

use clap::Subcommand;

use crate::composition;
use crate::settings::Settings;

/// Users who sign in with a password.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Makes a user and prints the one-time link that sets the password.
    Create {
        /// Name to sign in with.
        name: String,
        /// Owner of everything.
        #[arg(long)]
        administrator: bool,
        /// Read the password from the first line of standard input; no link is printed.
        #[arg(long)]
        password_stdin: bool,
    },
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(settings: &Settings, command: UserCommand) -> anyhow::Result<ExitCode> {
    let UserCommand::Create { name, administrator, password_stdin } = command;
    let accounts = composition::accounts(settings).await?;
    if password_stdin {
        let mut password = String::new();
        std::io::stdin().read_line(&mut password)?;
        let password = password.trim_end_matches(['\r', '\n']);
        accounts.create_user(&name, administrator, Some(password)).await.map_err(super::sentence)?;
        println!("User {name} can sign in.");
    } else {
        let link = accounts.create_user(&name, administrator, None).await.map_err(super::sentence)?;
        println!("{}", composition::link_address(settings, settings.listen, &link));
    }
    Ok(ExitCode::SUCCESS)
}
