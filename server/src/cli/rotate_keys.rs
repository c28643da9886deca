//! `fairlead rotate-keys`

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use storage::Storage;
use vault::Vault;

use crate::composition;
use crate::keys::KeyPlace;
use crate::keys::rotation::{self, Begun, Outcome, Progress};
use crate::settings::Settings;

/// Between two lines that say how far it is.
const PAUSE: Duration = Duration::from_secs(2);

/// What to do where we cannot write. The new key must be known to the server before anything is sealed by it.
const BY_HAND: &str = "  1. Make a line with a new key:
       printf 'key-%s:%s:active\\n' \"$(date +%Y%m%d)\" \"$(head -c 32 /dev/urandom | base64)\"
  2. Add it to the ring, and take `:active` off the line that has it now. Keep that line.
  3. Start the server again, so that it knows the new key.
  4. Run `fairlead rotate-keys` with this ring: it seals every secret by the new key.
  5. Take the old line out of the ring when it is said to seal 0 secrets.";

/// Makes a new key and seals every stored secret by it; may run beside the server, and goes on where one was killed.
#[derive(Debug, Args)]
pub(super) struct RotateKeysCommand {
    /// Take the keys that seal no secret out of the ring, instead of making a new one.
    #[arg(long)]
    remove_unused: bool,
}

/// Exit code 1 when something stays sealed by another key, or nothing could be done.
pub(super) async fn run(settings: &Settings, command: &RotateKeysCommand) -> anyhow::Result<ExitCode> {
    let place = KeyPlace::of(settings)?;
    let storage = composition::storage_beside(settings).await?;
    let done = match (&place, command.remove_unused) {
        (KeyPlace::File(file), true) => remove(file, &storage).await,
        (KeyPlace::File(file), false) => {
            let begun = rotation::begin(file, &storage).await?;
            rotate(&place.to_string(), &place.open()?, &storage, begun).await
        }
        (_, true) => list(place, &storage).await,
        (_, false) => elsewhere(place, &storage).await,
    };
    storage.close().await;
    done
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
async fn rotate(place: &str, vault: &Vault, storage: &Storage, begun: Begun) -> anyhow::Result<ExitCode> {
    match begun {
        Begun::Added(id) => println!(
            "Made the key {id} in {place}. Keep a copy of it, apart from the backups of the database \
             (`fairlead backup --keys` makes one)."
        ),
        Begun::GoesOn(id) => println!("An earlier rotation did not end: it goes on with the key {id}."),
    }
    let mut said = Instant::now();
    let progress = |Progress { done, all }: Progress| {
        if said.elapsed() >= PAUSE {
            said = Instant::now();
            println!("{done} of {all} secrets are sealed anew.");
        }
    };
    let Outcome { done, left, by_key } = rotation::reseal_all(vault, storage, progress).await?;
    println!("{done} secrets were sealed anew by the key {}.", vault.active_id());
    for id in vault.ids().iter().filter(|id| **id != vault.active_id()) {
        match by_key.get(id) {
            None => println!(
                "The key {id} seals 0 secrets: its line may go (`fairlead rotate-keys --remove-unused` removes it from a file)."
            ),
            Some(count) => println!("The key {id} still seals {count} secrets."),
        }
    }
    for (secret, reason) in &left {
        eprintln!("The secret {} of {:?} stays as it is: {reason}.", secret.field, secret.owner);
    }
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn elsewhere(place: KeyPlace, storage: &Storage) -> anyhow::Result<ExitCode> {
    let name = place.to_string();
    let vault = place.open()?;
    if let Some(begun) = rotation::begin_elsewhere(&vault, storage).await? {
        return rotate(&name, &vault, storage, begun).await;
    }
    anyhow::bail!(
        "the keys come from {name}, where fairlead cannot write a new one: nothing was changed. To rotate them:\n\
         {BY_HAND}"
    )
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
async fn remove(file: &Path, storage: &Storage) -> anyhow::Result<ExitCode> {
    let removed = rotation::remove_unused(file, storage).await?;
    if removed.is_empty() {
        println!("Every key in {} is in use: none was removed.", file.display());
    }
    for id in removed {
        println!("Removed the key {id}. Backups of the database from before its rotation still need it.");
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
async fn list(place: KeyPlace, storage: &Storage) -> anyhow::Result<ExitCode> {
    println!("The keys come from {place}, which fairlead cannot write: nothing was changed.");
    let vault = place.open()?;
    let by_key = rotation::by_key(storage).await?;
    for id in vault.ids().iter().filter(|id| **id != vault.active_id()) {
        println!("The key {id} seals {} secrets.", by_key.get(id).copied().unwrap_or_default());
    }
    println!("Lines of keys that seal 0 secrets may be taken out of the ring.");
    Ok(ExitCode::FAILURE)
}
