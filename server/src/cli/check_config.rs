//! `fairlead check-config`

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use domain::clock::Clock;

use crate::clock::SystemClock;
use crate::keys::KeyPlace;
use crate::settings::Settings;
use crate::settings::oidc::OidcSettings;

/// Prints the settings as they would be used; that they could be read is the check.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    crate::composition::proxies(settings)?;
    crate::composition::trusted_proxies(settings)?;
    crate::composition::certificate(settings)?;
    crate::composition::generator_settings(settings)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let policy = crate::composition::outbound_policy(settings)?;
    crate::adapters::identity_providers(settings, settings.listen, &policy, &clock)?;
    let keys = KeyPlace::of(settings)?;
    let Settings {
        listen,
        data_dir,
        database_url: _,
        key_file: _,
        key_command: _,
        public_url,
        tls_certificate,
        tls_key,
        trusted_proxies,
        outbound_allow,
        http_proxy,
        https_proxy,
        ssh_proxy,
        no_proxy,
        site_root,
        log,
        log_format,
        metrics_listen,
        workers,
        cluster_interval_seconds,
        kustomize,
        helm,
        generators,
        generate_remote_hosts,
        generate_without_isolation,
        oidc,
        first_subscription,
        first_subscription_name,
        first_resource_group,
    } = settings;
    println!("listen = {listen}");
    println!("data_dir = {}", data_dir.display());
    println!("database_url = {}", settings.database_url());
    println!("keys = {keys}");
    println!("public_url = {}", public_url.as_ref().map_or("", |url| url.as_str()));
    let file =
        |path: &Option<PathBuf>| path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    println!("tls_certificate = {}", file(tls_certificate));
    println!("tls_key = {}", file(tls_key));
    println!("trusted_proxies = {trusted_proxies}");
    println!("outbound_allow = {outbound_allow}");
    println!("http_proxy = {http_proxy}");
    println!("https_proxy = {https_proxy}");
    println!("ssh_proxy = {ssh_proxy}");
    println!("no_proxy = {no_proxy}");
    println!(
        "site_root = {}",
        site_root.as_ref().map_or_else(String::new, |folder| folder.display().to_string())
    );
    println!("log = {log}");
    println!("log_format = {log_format:?}");
    println!("metrics_listen = {}", metrics_listen.map_or_else(String::new, |address| address.to_string()));
    println!("workers = {workers}");
    println!("cluster_interval_seconds = {cluster_interval_seconds}");
    println!("kustomize = {}", file(kustomize));
    println!("helm = {}", file(helm));
    println!("generators = {generators}");
    println!("generate_remote_hosts = {generate_remote_hosts}");
    println!("generate_without_isolation = {generate_without_isolation}");
    for provider in oidc {
        println!("oidc = {}", shown(provider));
    }
    println!("first_subscription = {first_subscription}");
    println!("first_subscription_name = {first_subscription_name}");
    println!("first_resource_group = {first_resource_group}");
    Ok(ExitCode::SUCCESS)
}

/// A provider in one line; of its secret only where it comes from.
fn shown(provider: &OidcSettings) -> String {
    let OidcSettings {
        name,
        title,
        issuer,
        client_id,
        client_secret: _,
        client_secret_file: _,
        scopes,
        name_claim,
        groups_claim,
        administrators_group,
    } = provider;
    let secret = provider.secret_place();
    let administrators = administrators_group.as_deref().unwrap_or_default();
    format!(
        "{name}: title {title:?}, issuer {issuer}, client {client_id}, secret {secret}, scopes {scopes:?}, \
         name from {name_claim}, groups from {groups_claim}, administrators {administrators:?}"
    )
}
