//! The command line of `fairlead`.

mod audit;
mod backup;
mod check_config;
mod manifests;
mod rotate_keys;
mod serve;
mod token;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::settings::{Settings, SettingsError};

/// Self-service GitOps portal: Git flows into Kubernetes clusters through kubeconfigs.
#[derive(Debug, Parser)]
#[command(name = "fairlead", version, about)]
struct CommandLine {
    #[command(flatten)]
    settings: SettingFlags,
    #[command(subcommand)]
    command: Command,
}

/// Settings by flag; the same keys as in the environment (`FAIRLEAD_…`) and in the file.
#[derive(Debug, Args)]
struct SettingFlags {
    /// Settings file (TOML); also `FAIRLEAD_CONFIG`.
    #[arg(long, global = true, env = "FAIRLEAD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address the portal listens on [default: 127.0.0.1:3000].
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Folder for database, keys and mirrors [default: fairlead-data].
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Database, `sqlite:<file>` [default: in the data folder].
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Address people type, when a proxy stands in front.
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// Networks that may be connected to although the outbound policy refuses them, by commas.
    #[arg(long, global = true, value_name = "NETWORKS")]
    outbound_allow: Option<String>,
    /// Folder with built scripts and styles [default: `site` beside the program].
    #[arg(long, global = true, value_name = "FOLDER")]
    site_root: Option<String>,
    /// Log filter [default: info].
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// `text` or `json` [default: text].
    #[arg(long, global = true, value_name = "FORM")]
    log_format: Option<String>,
    /// Address where metrics are served without a session.
    #[arg(long, global = true, value_name = "ADDRESS")]
    metrics_listen: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the portal and the reconciler.
    Serve,
    /// Users who sign in with a password.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Bearer tokens for the REST API.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Who did what: whether the record is whole.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Reads a repository as a sync does and prints the objects it gives; needs no cluster.
    Manifests(Box<manifests::ManifestsCommand>),
    /// Makes a new key and seals every stored secret by it; may run beside the server, and goes on where one was killed.
    RotateKeys(rotate_keys::RotateKeysCommand),
    /// Backs up one half into one encrypted file: the database, or with --keys the key ring. Never both in one file.
    Backup(backup::BackupCommand),
    /// Restores what `fairlead backup` wrote, into a data folder without it.
    Restore(backup::RestoreCommand),
    /// Shows the settings that would be used, and where something is wrong, without starting.
    CheckConfig,
}

/// Parses, runs, and says by the exit code how it went.
pub fn run() -> ExitCode {
    let CommandLine { settings, command } = CommandLine::parse();
    match execute(&settings, command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("fairlead: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(flags: &SettingFlags, command: Command) -> anyhow::Result<ExitCode> {
    let settings = flags.read()?;
    match command {
        Command::CheckConfig => return check_config::run(&settings),
        Command::Serve => crate::telemetry::start_log(&settings.log, settings.log_format)?,
        // The other commands speak on standard output; only their troubles are logged.
        _ => crate::telemetry::start_log("warn", settings.log_format)?,
    }
    crate::own_process::close_to_others();
    install_tls_provider();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(settings).await,
            Command::Audit(command) => audit::run(&settings, command).await,
            Command::User(command) => user::run(&settings, command).await,
            Command::Token(command) => token::run(&settings, command).await,
            Command::Manifests(command) => manifests::run(&settings, *command).await,
            Command::RotateKeys(command) => rotate_keys::run(&settings, &command).await,
            Command::Backup(command) => backup::back_up(&settings, command).await,
            Command::Restore(command) => backup::restore(&settings, command).await,
            Command::CheckConfig => Ok(ExitCode::SUCCESS),
        }
    })
}

/// Several TLS providers may be compiled in by dependencies; ours is named before anybody asks.
pub fn install_tls_provider() {
    // An error means that it is installed already: by an earlier call in the same process.
    rustls::crypto::ring::default_provider().install_default().ok();
}

impl SettingFlags {
    fn read(&self) -> Result<Settings, SettingsError> {
        let Self {
            config,
            listen,
            data_dir,
            database_url,
            public_url,
            outbound_allow,
            site_root,
            log,
            log_format,
            metrics_listen,
        } = self;
        let flags: Vec<(&str, String)> = [
            ("listen", listen),
            ("data_dir", data_dir),
            ("database_url", database_url),
            ("public_url", public_url),
            ("outbound_allow", outbound_allow),
            ("site_root", site_root),
            ("log", log),
            ("log_format", log_format),
            ("metrics_listen", metrics_listen),
        ]
        .into_iter()
        .filter_map(|(key, value)| value.clone().map(|value| (key, value)))
        .collect();
        Settings::read(config.as_deref(), std::env::vars(), &flags)
    }
}

/// What a use case refused, as the sentence a person gets.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
fn sentence(error: domain::service::ServiceError) -> anyhow::Error {
    use catalogue::Locale;
    let sentences: Vec<String> = match &error {
        domain::service::ServiceError::Invalid { violations } => violations
            .0
            .iter()
            .map(|violation| catalogue::rule_sentence(Locale::English, &violation.rule))
            .collect(),
        other => vec![catalogue::service_error_sentence(Locale::English, other)],
    };
    anyhow::anyhow!(sentences.join(" "))
}
