//! `testbed demo`: the whole chain on real parts, to look at or to check.

mod look;

use std::fmt::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use testbed::{ADMINISTRATOR, Browser, ConfigurationFields, Environment, Portal, PortalOptions, Repository};

use super::signal::Ends;

/// Where the portal listens unless `FAIRLEAD_LISTEN` says otherwise, as the server itself does.
const LISTEN: &str = "127.0.0.1:3000";

/// The tutorial's names.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
const RESOURCE_GROUP: &str = "AzureArcTest";
const CLUSTER: &str = "AzureArcTest1";
const CONFIGURATION: &str = "cluster-config";
const CONTEXT: &str = "default";

/// Read by scripts; relative to the folder that `make` runs in.
const ENV_FILE: &str = "target/demo/env";

/// `testbed demo`
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Wait until everything is in place, print what the API server has, and end.
    #[arg(long)]
    once: bool,
}

/// Starts everything; with `--once` checks it and ends, else waits for Ctrl-C.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut ends = Ends::new()?;
    let listen = free_address()?;
    let mut demo = tokio::select! {
        demo = start(listen) => demo?,
        () = ends.wait() => return Ok(ExitCode::SUCCESS),
    };
    let file = demo.write_env()?;
    print(&demo.words(&file));
    if arguments.once {
        tokio::select! {
            checked = demo.check() => checked?,
            () = ends.wait() => return Ok(ExitCode::FAILURE),
        }
    } else {
        ends.wait().await;
    }
    say("ending");
    demo.portal.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// Everything that runs. Dropped in this order: the portal first, then what it talks to.
struct Demo {
    browser: Browser,
    configuration: String,
    token: String,
    portal: Portal,
    repository: Repository,
    environment: Environment,
    kubectl: PathBuf,
}

async fn start(listen: SocketAddr) -> anyhow::Result<Demo> {
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let options = PortalOptions {
        listen: Some(listen),
        environment: vec![
            variable("FAIRLEAD_FIRST_SUBSCRIPTION", SUBSCRIPTION),
            variable("FAIRLEAD_FIRST_RESOURCE_GROUP", RESOURCE_GROUP),
        ],
    };
    let (environment, portal) = tokio::try_join!(Environment::start(), Portal::start_with(options))?;
    let repository = environment.git().repository_named("arc/cluster-config").await?;
    repository.commit_sample().await?;
    say("committed the sample to the Git server");
    let token = portal.command(&["token", "create", "--user", ADMINISTRATOR, "--name", "demo"], "").await?;
    let browser = portal.sign_in().await?;
    let kubeconfig = environment.cluster().kubeconfig_named(CONTEXT);
    let cluster = browser.connect_cluster(&kubeconfig, CONTEXT, CLUSTER).await?;
    say(format_args!("connected the cluster {CLUSTER}"));
    let kubectl = testbed::kubectl().await?;
    let branch = format!("--git-branch={}", testbed::DEFAULT_BRANCH);
    let fields = ConfigurationFields::new(CONFIGURATION, repository.url())
        .with("git_poll_interval", "5s")
        .with("operator_params", &format!("{branch} --git-readonly --git-poll-interval=5s"));
    let configuration = browser.add_configuration(&cluster, &fields).await?;
    say(format_args!("added the configuration {CONFIGURATION}; its first sync begins now"));
    Ok(Demo { browser, configuration, token, portal, repository, environment, kubectl })
}

impl Demo {
    /// The reason why it is not as it should be is the error.
    async fn check(&self) -> anyhow::Result<()> {
        say("waiting until the configuration is installed");
        let view = self.browser.until_installed(&self.configuration).await?;
        say("waiting until the Deployment is available");
        let client = self.environment.cluster().client()?;
        look::until_available(&client).await?;
        let words = look::words(&client).await?;
        let standing = format!("{CONFIGURATION}: {} at {}\n", view.compliance(), view.revision());
        print(&format!("\n{standing}\n{words}"));
        Ok(())
    }

    fn variables(&self) -> [(&'static str, String); 9] {
        [
            ("PORTAL_URL", self.portal.url()),
            ("USERNAME", ADMINISTRATOR.to_owned()),
            ("PASSWORD", self.portal.password().to_owned()),
            ("TOKEN", self.token.clone()),
            ("KUBECONFIG", self.environment.kubeconfig().display().to_string()),
            ("GIT_URL", self.repository.url().to_owned()),
            ("SUBSCRIPTION", SUBSCRIPTION.to_owned()),
            ("RESOURCE_GROUP", RESOURCE_GROUP.to_owned()),
            ("CLUSTER", CLUSTER.to_owned()),
        ]
    }

    /// For scripts. It holds the password, so only its owner may read it.
    fn write_env(&self) -> anyhow::Result<PathBuf> {
        let lines = self.variables().iter().fold(String::new(), |mut text, (key, value)| {
            let _ = writeln!(text, "{key}={value}");
            text
        });
        let path = Path::new(ENV_FILE);
        let folder = path.parent().unwrap_or(path);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
        file.and_then(|mut file| std::io::Write::write_all(&mut file, lines.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path.to_path_buf())
    }

    /// For the person.
    fn words(&self, file: &Path) -> String {
        let Self { portal, repository, environment, kubectl, .. } = self;
        let (portal_url, password) = (portal.url(), portal.password());
        let (git_url, kubeconfig) = (repository.url(), environment.kubeconfig().display());
        format!(
            "
  Portal      {portal_url}
  Sign in     {ADMINISTRATOR} / {password}
  Kubeconfig  {kubeconfig}
  Git         {git_url}
  For scripts {file}

Three things to try:
  1. Open {portal_url}/configurations and watch {CONFIGURATION} become Installed.
  2. git clone {git_url} demo && cd demo; change `replicas` in cluster-apps/arc-k8s-demo.yaml, commit, push:
     the row changes within five seconds, without a reload.
  3. {kubectl} --kubeconfig {kubeconfig} delete configmap endpoints --namespace team-a
     and see it come back.

Ctrl-C ends it and removes everything.
",
            file = file.display(),
            kubectl = kubectl.display()
        )
    }
}

/// Where the portal will listen. Said before anything is started: another program there is the usual surprise.
fn free_address() -> anyhow::Result<SocketAddr> {
    let wished = std::env::var("FAIRLEAD_LISTEN").ok().filter(|wished| !wished.is_empty());
    let wished = wished.unwrap_or_else(|| LISTEN.to_owned());
    let address: SocketAddr =
        wished.parse().with_context(|| format!("FAIRLEAD_LISTEN={wished} is no address such as {LISTEN}"))?;
    if let Err(error) = TcpListener::bind(address) {
        bail!("cannot listen on {address} ({error}): set FAIRLEAD_LISTEN to another address");
    }
    Ok(address)
}

fn say(text: impl std::fmt::Display) {
    eprintln!("testbed: {text}");
}

#[expect(clippy::print_stdout, reason = "these lines are what the command is for")]
fn print(text: &str) {
    println!("{text}");
}
