//! `fairlead backup` and `fairlead restore`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use vault::backup::Half;

use crate::backup::{self, Restored};
use crate::settings::Settings;

/// Backs up one half into one encrypted file: the database, or with --keys the key ring. Never both in one file.
#[derive(Debug, Args)]
pub(super) struct BackupCommand {
    /// The file to be made; one that is there is not overwritten.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The key ring instead of the database.
    #[arg(long)]
    keys: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Restores what `fairlead backup` wrote, into a data folder without it.
#[derive(Debug, Args)]
pub(super) struct RestoreCommand {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

#[derive(Debug, Args)]
struct Passphrase {
    /// File whose first line is the passphrase, 0600 or stricter; `-` is standard input. Without it the variable
    /// `FAIRLEAD_BACKUP_PASSPHRASE` is used.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn back_up(settings: &Settings, command: BackupCommand) -> anyhow::Result<ExitCode> {
    let BackupCommand { to, keys, passphrase } = command;
    let passphrase = backup::passphrase(passphrase.passphrase_file.as_deref())?;
    if keys {
        backup::back_up_keys(settings, &passphrase, &to)?;
        println!(
            "The key ring is in {}. It opens every stored secret: keep it where the backups of the database are not, \
             and make a new one after each `fairlead rotate-keys`.",
            to.display()
        );
    } else {
        backup::back_up_database(settings, &passphrase, &to).await?;
        println!(
            "The database is in {}. Its secrets stay sealed by the key ring, which is not in it: keep a backup of that \
             (`fairlead backup --keys --to FILE`) in another place, for this one is of no use without it.",
            to.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn restore(settings: &Settings, command: RestoreCommand) -> anyhow::Result<ExitCode> {
    let RestoreCommand { from, passphrase } = command;
    let passphrase = backup::passphrase(passphrase.passphrase_file.as_deref())?;
    let Restored { half, path } = backup::restore(settings, &passphrase, &from).await?;
    match half {
        Half::Database => println!(
            "The database is restored to {}. It needs the key ring of its time: restore that as well, then start the \
             server. Never let this one and the one it was backed up from run at the same time. Users, tokens and rights \
             that were taken away since the backup are back: look through them.",
            path.display()
        ),
        Half::Keys => println!("The key ring is restored to {}.", path.display()),
    }
    Ok(ExitCode::SUCCESS)
}
