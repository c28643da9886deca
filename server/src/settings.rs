//! Settings: flag > environment `FAIRLEAD_*` > file (TOML) > default. An unknown key is an error.

pub mod oidc;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;
use url::Url;

use self::oidc::OidcSettings;

/// Prefix of every setting in the environment.
const PREFIX: &str = "FAIRLEAD_";

/// Names with our prefix that are no settings: of the build, the testbed and the tests, and secrets.
const NOT_SETTINGS: [&str; 8] = [
    "FAIRLEAD_CACHE",
    // secrets themselves: never part of what may be shown
    crate::keys::VARIABLE,
    crate::backup::PASSPHRASE_VARIABLE,
    "FAIRLEAD_TESTBED",
    "FAIRLEAD_ABORT_AT",
    "FAIRLEAD_CLOCK_AHEAD_SECONDS",
    "FAIRLEAD_SOAK",
    "FAIRLEAD_CONFIG",
];

/// Everything that can be set. Field names are the keys: `FAIRLEAD_DATA_DIR`, `--data-dir`, `data_dir = …`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the portal listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Database, keys and mirrors, unless set apart.
    pub data_dir: PathBuf,
    /// `sqlite:<file>`; default is `fairlead.db` in the data folder.
    pub database_url: Option<String>,
    /// Key ring; default is `keys` in the data folder, unless the ring comes from elsewhere.
    pub key_file: Option<PathBuf>,
    /// Program and arguments that print the key ring, by blanks; in place of the file.
    pub key_command: Option<String>,
    /// The address people type, when a proxy stands in front; `https` turns on secure cookies and HSTS.
    pub public_url: Option<Url>,
    /// Certificate chain in PEM form: the portal speaks TLS itself. With `tls_key`; both may be replaced while it runs.
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the certificate, in PEM form.
    pub tls_key: Option<PathBuf>,
    /// Proxies in front of the portal whose word on where a request comes from is taken: networks, by commas.
    pub trusted_proxies: String,
    /// Addresses that may be connected to although the outbound policy refuses them: networks, by commas.
    pub outbound_allow: String,
    /// Proxy to http repositories, `http://host:port`; empty for none.
    pub http_proxy: String,
    /// Proxy to https repositories.
    pub https_proxy: String,
    /// Proxy to ssh repositories; it must allow CONNECT to their port.
    pub ssh_proxy: String,
    /// Hosts, domains, addresses and networks that are reached without a proxy, by commas.
    pub no_proxy: String,
    /// Folder with the built scripts, styles and static files; default is `site` beside the program.
    pub site_root: Option<PathBuf>,
    /// Log filter, for instance `info` or `info,reconciler=debug`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// Where metrics are served without a session; without it they need the administrator's.
    pub metrics_listen: Option<SocketAddr>,
    /// Syncs at once over all clusters.
    pub workers: usize,
    /// Seconds between two looks at a cluster.
    pub cluster_interval_seconds: u64,
    /// Program that renders kustomizations; default is `kustomize` or else `kubectl` on PATH.
    pub kustomize: Option<PathBuf>,
    /// Program that keeps Helm releases, 3.17 or later or 4; default is `helm` on PATH.
    pub helm: Option<PathBuf>,
    /// Further programs that a repository's `.flux.yaml` may run: names or absolute paths, by commas.
    pub generators: String,
    /// Hosts from which a kustomization may have bases, `host` or `host:port`, by commas; the server reads them.
    pub generate_remote_hosts: String,
    /// Whether such programs may run where the kernel cannot keep them apart from this machine.
    pub generate_without_isolation: bool,
    /// Identity providers that people may sign in by.
    #[serde(default, deserialize_with = "oidc::providers")]
    pub oidc: Vec<OidcSettings>,
    /// Id of the subscription that a new installation begins with.
    pub first_subscription: String,
    /// Its display name.
    pub first_subscription_name: String,
    /// The resource group that a new installation begins with.
    pub first_resource_group: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used: {0}; `fairlead check-config` shows them without starting")]
pub struct SettingsError(#[from] config::ConfigError);

impl Settings {
    /// Reads file, environment and flags; `flags` holds the keys given on the command line.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, SettingsError> {
        let mut builder = Config::builder()
            .set_default("listen", "127.0.0.1:3000")?
            .set_default("data_dir", "fairlead-data")?
            .set_default("trusted_proxies", "")?
            .set_default("outbound_allow", "")?
            .set_default("http_proxy", "")?
            .set_default("https_proxy", "")?
            .set_default("ssh_proxy", "")?
            .set_default("no_proxy", "")?
            .set_default("log", "info")?
            .set_default("log_format", "text")?
            .set_default("workers", 8)?
            .set_default("cluster_interval_seconds", 30)?
            .set_default("generators", "")?
            .set_default("generate_remote_hosts", "")?
            .set_default("generate_without_isolation", false)?
            .set_default("first_subscription", "00000000-0000-0000-0000-000000000001")?
            .set_default("first_subscription_name", "Default subscription")?
            .set_default("first_resource_group", "Default")?;
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        let environment = Environment::with_prefix("FAIRLEAD")
            .prefix_separator("_")
            .try_parsing(true)
            .source(Some(own_variables(environment)));
        builder = builder.add_source(environment);
        for (key, value) in flags {
            builder = builder.set_override(*key, value.as_str())?;
        }
        Ok(builder.build()?.try_deserialize()?)
    }

    /// The database's file.
    pub fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("fairlead.db").display()))
    }

    /// The key ring's file, when it comes from one.
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("keys"))
    }

    /// Whether people reach the portal through TLS.
    pub fn behind_tls(&self) -> bool {
        self.tls_certificate.is_some() || self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// What the portal speaks on its own listener.
    pub fn scheme(&self) -> &'static str {
        if self.tls_certificate.is_some() { "https" } else { "http" }
    }
}

fn own_variables(environment: impl Iterator<Item = (String, String)>) -> HashMap<String, String> {
    environment
        .filter(|(name, _)| name.starts_with(PREFIX))
        .filter(|(name, _)| !NOT_SETTINGS.iter().any(|other| name.starts_with(other)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: &[(&str, &str)], flags: &[(&str, String)]) -> Result<Settings, SettingsError> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::read(None, environment, flags)
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_default() {
        let listen = |environment: &[(&str, &str)], flags: &[(&str, String)]| {
            read(environment, flags).unwrap().listen.to_string()
        };
        assert_eq!(listen(&[], &[]), "127.0.0.1:3000");
        let environment = [("FAIRLEAD_LISTEN", "127.0.0.1:4000")];
        assert_eq!(listen(&environment, &[]), "127.0.0.1:4000");
        assert_eq!(listen(&environment, &[("listen", "127.0.0.1:5000".to_owned())]), "127.0.0.1:5000");
    }

    #[test]
    fn a_misspelt_variable_is_an_error_that_names_it() {
        let error = read(&[("FAIRLEAD_LISTN", "x")], &[]).unwrap_err().to_string();
        assert!(error.contains("listn"), "{error}");
    }

    #[test]
    fn people_come_through_tls_when_the_portal_speaks_it_or_its_public_address_says_so() {
        let behind_tls =
            |variables: &[(&str, &str)]| read(variables, &[]).map(|settings| settings.behind_tls());
        assert!(!behind_tls(&[]).unwrap());
        assert!(
            behind_tls(&[("FAIRLEAD_TLS_CERTIFICATE", "tls.crt"), ("FAIRLEAD_TLS_KEY", "tls.key")]).unwrap()
        );
        assert!(behind_tls(&[("FAIRLEAD_PUBLIC_URL", "https://fairlead.example.com")]).unwrap());
        assert!(!behind_tls(&[("FAIRLEAD_PUBLIC_URL", "http://fairlead.example.com")]).unwrap());
    }

    #[test]
    fn variables_of_the_testbed_are_no_settings() {
        assert!(read(&[("FAIRLEAD_TESTBED_URL", "x"), ("PATH", "y")], &[]).is_ok());
    }

    #[test]
    fn an_unknown_key_in_the_file_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fairlead.toml");
        std::fs::write(&file, "lissten = \"127.0.0.1:1\"\n").unwrap();
        let error = Settings::read(Some(&file), std::iter::empty(), &[]).unwrap_err().to_string();
        assert!(error.contains("lissten"), "{error}");
    }

    #[test]
    fn database_and_keys_lie_in_the_data_folder_unless_set() {
        let settings = read(&[("FAIRLEAD_DATA_DIR", "here")], &[]).unwrap();
        assert_eq!(settings.database_url(), "sqlite:here/fairlead.db");
        assert_eq!(settings.key_file(), Path::new("here/keys"));
    }
}
