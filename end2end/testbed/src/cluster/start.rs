//! The programs of a control plane, in the order in which they come up.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::programs::Programs;
use super::{ClusterOptions, Credential, Description, Kubeconfig, node};
use crate::authority::Authority;
use crate::folder::Folder;
use crate::part::{Part, PartCommand};
use crate::{TestbedError, port, progress, random};

/// Three seconds are usual; a machine that compiles at the same time needs longer.
const READY_LIMIT: Duration = Duration::from_secs(90);

/// The ordinary 20 a second make the controller manager alone need four seconds for the accounts of its controllers.
const REQUESTS_PER_SECOND: &str = "--kube-api-qps=500";
const REQUESTS_AT_ONCE: &str = "--kube-api-burst=1000";

const AUDIT_POLICY: &str = include_str!("audit-policy.yaml");
const STAGES: &str = include_str!("stages.yaml");

/// The running programs. Dropped in this order, the folder last.
#[derive(Debug)]
pub(crate) struct Parts {
    api_server: Option<Part>,
    api_server_command: PartCommand,
    others: Vec<Part>,
    folder: Folder,
}

/// Starts everything and waits until the node is ready.
pub(super) async fn start(options: ClusterOptions) -> Result<(Description, Parts), TestbedError> {
    let began = Instant::now();
    let programs = Programs::find().await?;
    let folder = Folder::new("cluster")?;
    progress::say(
        "starting a control plane (etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok)",
    );

    let description = describe(&folder)?;
    let (etcd_command, etcd_url) = etcd(&programs, &folder)?;
    let etcd = Part::start(&etcd_command)?;
    let api_server_command = api_server(&programs, &folder, &description, &etcd_url, &options)?;
    let mut parts = Parts { api_server: None, api_server_command, others: vec![etcd], folder };
    parts.start_api_server(&description).await?;

    let folder = &parts.folder;
    let mut kwok = Part::start(&kwok(&programs, folder, &description)?)?;
    let mut controller_manager = Part::start(&controller_manager(&programs, folder, &description)?)?;
    let scheduler = Part::start(&scheduler(&programs, folder, &description)?)?;
    let client = description.client()?;
    node::create(&client).await?;
    kwok.wait_until(READY_LIMIT, || node::is_ready(&client)).await?;
    controller_manager.wait_until(READY_LIMIT, || node::takes_pods(&client)).await?;
    parts.others.extend([scheduler, controller_manager, kwok]);

    progress::say(format_args!(
        "control plane ready at {} after {:.1} s",
        description.url,
        began.elapsed().as_secs_f32()
    ));
    Ok((description, parts))
}

/// Starts API servers alone, all in one etcd: nothing runs in them, but each is a cluster to whoever talks to it. The
/// parts of the first hold the etcd of all.
pub(super) async fn start_api_servers(count: usize) -> Result<Vec<(Description, Parts)>, TestbedError> {
    let programs = Programs::find().await?;
    progress::say(format_args!("starting {count} API servers in one etcd"));
    let mut etcd_url = String::new();
    let mut started = Vec::with_capacity(count);
    for number in 0..count {
        let folder = Folder::new("cluster")?;
        let mut others = Vec::new();
        if number == 0 {
            let (command, url) = etcd(&programs, &folder)?;
            others.push(Part::start(&command)?);
            etcd_url = url;
        }
        let description = describe(&folder)?;
        let options =
            ClusterOptions { api_server_arguments: vec![format!("--etcd-prefix=/registry-{number}")] };
        let api_server_command = api_server(&programs, &folder, &description, &etcd_url, &options)?;
        let mut parts = Parts { api_server: None, api_server_command, others, folder };
        parts.start_api_server(&description).await?;
        started.push((description, parts));
    }
    Ok(started)
}

impl Parts {
    pub(super) fn stop_api_server(&mut self) {
        self.api_server = None;
    }

    pub(super) async fn start_api_server(&mut self, description: &Description) -> Result<(), TestbedError> {
        if self.api_server.is_some() {
            return Ok(());
        }
        let mut part = Part::start(&self.api_server_command)?;
        let client = description.client()?;
        part.wait_until(READY_LIMIT, || is_ready(&client)).await?;
        self.api_server = Some(part);
        Ok(())
    }
}

/// `/readyz` first answers 500 with a list of what is missing.
async fn is_ready(client: &kube::Client) -> bool {
    let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else { return false };
    client.request_text(request).await.is_ok_and(|text| text == "ok")
}

fn describe(folder: &Folder) -> Result<Description, TestbedError> {
    let authority = Authority::new("fairlead testbed cluster")?;
    Ok(Description {
        url: format!("https://127.0.0.1:{}", port::free()?),
        administrator: authority.client("administrator", Some("system:masters"))?,
        authority,
        administrator_token: random::token()?,
        audit_log: folder.path().join("audit.log"),
    })
}

fn etcd(programs: &Programs, folder: &Folder) -> Result<(PartCommand, String), TestbedError> {
    let clients = format!("http://127.0.0.1:{}", port::free()?);
    let peers = format!("http://127.0.0.1:{}", port::free()?);
    let command = command(
        "etcd",
        &programs.etcd,
        folder.path(),
        [
            format!("--data-dir={}", folder.path().join("etcd").display()),
            format!("--listen-client-urls={clients}"),
            format!("--advertise-client-urls={clients}"),
            format!("--listen-peer-urls={peers}"),
            format!("--initial-advertise-peer-urls={peers}"),
            format!("--initial-cluster=default={peers}"),
            // The data lives as long as the test.
            "--unsafe-no-fsync".into(),
            "--log-level=warn".into(),
        ],
    );
    Ok((command, clients))
}

fn api_server(
    programs: &Programs,
    folder: &Folder,
    description: &Description,
    etcd_url: &str,
    options: &ClusterOptions,
) -> Result<PartCommand, TestbedError> {
    let Description { url, authority, administrator_token, audit_log, administrator: _ } = description;
    let port = url.rsplit(':').next().unwrap_or_default();
    let serving = authority.server(&["127.0.0.1", "localhost", "kubernetes", "kubernetes.default.svc"])?;
    let accounts = rcgen::KeyPair::generate()?;
    let file = |name: &str, content: &str| folder.write(name, content).map(|path| path.display().to_string());
    let mut arguments = vec![
        format!("--etcd-servers={etcd_url}"),
        format!("--secure-port={port}"),
        "--bind-address=127.0.0.1".into(),
        "--advertise-address=127.0.0.1".into(),
        // A loopback address may not become an endpoint, and nothing needs one.
        "--endpoint-reconciler-type=none".into(),
        "--service-cluster-ip-range=10.96.0.0/16".into(),
        "--allow-privileged=true".into(),
        "--authorization-mode=RBAC".into(),
        format!("--cert-dir={}", folder.path().display()),
        format!("--tls-cert-file={}", file("server.pem", &serving.certificate)?),
        format!("--tls-private-key-file={}", file("server.key", &serving.key)?),
        format!("--client-ca-file={}", file("ca.pem", authority.certificate())?),
        format!(
            "--token-auth-file={}",
            file(
                "tokens.csv",
                &format!("{administrator_token},administrator,administrator,\"system:masters\"\n")
            )?
        ),
        format!("--service-account-key-file={}", file("accounts.pub", &accounts.public_key_pem())?),
        format!("--service-account-signing-key-file={}", file("accounts.key", &accounts.serialize_pem())?),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        format!("--audit-policy-file={}", file("audit-policy.yaml", AUDIT_POLICY)?),
        format!("--audit-log-path={}", audit_log.display()),
        // Megabytes; a log that rotates would lose the place that a mark names.
        "--audit-log-maxsize=4096".into(),
        "--profiling=false".into(),
    ];
    arguments.extend(options.api_server_arguments.iter().cloned());
    Ok(command("kube-apiserver", &programs.api_server, folder.path(), arguments))
}

fn controller_manager(
    programs: &Programs,
    folder: &Folder,
    description: &Description,
) -> Result<PartCommand, TestbedError> {
    let path = |name: &str| folder.path().join(name).display().to_string();
    let arguments = [
        format!("--kubeconfig={}", kubeconfig(folder, description, "system:kube-controller-manager", None)?),
        format!("--service-account-private-key-file={}", path("accounts.key")),
        format!("--root-ca-file={}", path("ca.pem")),
        "--use-service-account-credentials=true".into(),
        "--leader-elect=false".into(),
        "--secure-port=0".into(),
        REQUESTS_PER_SECOND.into(),
        REQUESTS_AT_ONCE.into(),
    ];
    Ok(command("kube-controller-manager", &programs.controller_manager, folder.path(), arguments))
}

fn scheduler(
    programs: &Programs,
    folder: &Folder,
    description: &Description,
) -> Result<PartCommand, TestbedError> {
    let arguments = [
        format!("--kubeconfig={}", kubeconfig(folder, description, "system:kube-scheduler", None)?),
        "--leader-elect=false".into(),
        "--secure-port=0".into(),
        REQUESTS_PER_SECOND.into(),
        REQUESTS_AT_ONCE.into(),
    ];
    Ok(command("kube-scheduler", &programs.scheduler, folder.path(), arguments))
}

fn kwok(
    programs: &Programs,
    folder: &Folder,
    description: &Description,
) -> Result<PartCommand, TestbedError> {
    let arguments = [
        format!("--kubeconfig={}", kubeconfig(folder, description, "kwok", Some("system:masters"))?),
        format!("--config={}", folder.write("stages.yaml", STAGES)?.display()),
        "--manage-all-nodes=true".into(),
        "--node-ip=127.0.0.1".into(),
        // The node's heartbeat: without it the controller-manager calls the node lost after 40 s, its pods unready.
        "--node-lease-duration-seconds=40".into(),
    ];
    Ok(command("kwok", &programs.kwok, folder.path(), arguments))
}

/// The kubeconfig of a part, as a file.
fn kubeconfig(
    folder: &Folder,
    description: &Description,
    user: &str,
    group: Option<&str>,
) -> Result<String, TestbedError> {
    let text = Kubeconfig {
        server: description.url.clone(),
        certificate_authority: description.authority.certificate().to_owned(),
        context: "default".into(),
        credential: Credential::Certificate(description.authority.client(user, group)?),
    }
    .to_yaml();
    let name = format!("{}.kubeconfig", user.rsplit(':').next().unwrap_or(user));
    Ok(folder.write(&name, &text)?.display().to_string())
}

fn command(
    name: &str,
    program: &Path,
    folder: &Path,
    arguments: impl IntoIterator<Item = String>,
) -> PartCommand {
    PartCommand {
        name: name.to_owned(),
        program: program.to_path_buf(),
        arguments: arguments.into_iter().map(OsString::from).collect(),
        environment: Vec::new(),
        log: folder.join(format!("{name}.log")),
    }
}
