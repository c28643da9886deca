//! Git over SSH: OpenSSH's own server with keys, configuration and port of its own, for the current user.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;

use super::repository::Repository;
use crate::folder::{Folder, write_private};
use crate::part::{Part, PartCommand};
use crate::{TestbedError, background, port, random};

const READY_LIMIT: Duration = Duration::from_secs(20);

/// The log's name in the server's folder.
const LOG: &str = "sshd.log";

/// sshd refuses to be called by anything but an absolute path; Debian keeps it out of an ordinary PATH.
const SSHD: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/// As root, sshd confines a part of itself to this empty folder, which Debian makes only when the service starts.
const PRIVILEGE_SEPARATION_FOLDER: &str = "/run/sshd";

/// What a key may do: read and write repositories below the root, nothing else.
const FORCED_COMMAND: &str = r#"#!/bin/sh
refuse() { echo "testbed: $1" >&2; exit 128; }
command=${SSH_ORIGINAL_COMMAND%% *}
path=${SSH_ORIGINAL_COMMAND#* }
path=${path#\'}
path=${path%\'}
case $path in
    *..*|*[!A-Za-z0-9./_-]*) refuse "this path is not allowed" ;;
esac
case $command in
    git-upload-pack|git-receive-pack) ;;
    *) refuse "only git-upload-pack and git-receive-pack are allowed" ;;
esac
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
exec git "${command#git-}" "ROOT/${path#/}"
"#;

/// An SSH server that gives out repositories to the holder of one key.
#[derive(Debug)]
pub struct SshGitServer {
    address: SocketAddr,
    user: String,
    private_key: String,
    public_key: String,
    host_key: String,
    root: PathBuf,
    authorized_keys: PathBuf,
    // Dropped in this order: the program, then its folder, then that of the repositories.
    part: Part,
    folder: Folder,
    _repositories: Option<Arc<Folder>>,
}

impl SshGitServer {
    /// Starts a server with a folder of repositories of its own.
    pub async fn start() -> Result<Self, TestbedError> {
        let repositories = Arc::new(Folder::new("git")?);
        Self::serve(repositories.path().to_path_buf(), Some(repositories)).await
    }

    /// Starts a server in front of a folder of repositories.
    pub(super) async fn serve(
        root: PathBuf,
        repositories: Option<Arc<Folder>>,
    ) -> Result<Self, TestbedError> {
        let sshd = SSHD
            .iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
            .ok_or(TestbedError::NotInstalled { program: "sshd", package: "openssh-server" })?;
        let folder = Folder::new("ssh")?;
        let user = user().await?;
        let host_key = key(&folder, "host_key").await?.1;
        let (private_key, public_key) = key(&folder, "client_key").await?;
        let authorized_keys = folder.write("authorized_keys", &public_key)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port::free()?));
        make_privilege_separation_folder()?;

        let script = folder.write("command", &FORCED_COMMAND.replace("ROOT", &root.display().to_string()))?;
        let configuration = folder.write("sshd_config", &configuration(&folder, address, &script))?;
        let command = PartCommand {
            name: "sshd".into(),
            program: sshd,
            arguments: ["-D", "-e", "-f"].into_iter().map(Into::into).chain([configuration.into()]).collect(),
            environment: Vec::new(),
            log: folder.path().join(LOG),
        };
        let part = background::run(async move {
            let mut part = Part::start(&command)?;
            part.wait_until(READY_LIMIT, || async { tokio::net::TcpStream::connect(address).await.is_ok() })
                .await?;
            Ok(part)
        })
        .await?;
        Ok(Self {
            address,
            user,
            private_key,
            public_key,
            host_key,
            root,
            authorized_keys,
            part,
            folder,
            _repositories: repositories,
        })
    }

    /// `ssh://user@127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("ssh://{}@{}", self.user, self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a repository over SSH, also of one that was made by an HTTP server in front of the same folder.
    pub fn url_of(&self, repository: &Repository) -> String {
        format!("{}/{}.git", self.url(), repository.name())
    }

    /// The private key that may read and write, in OpenSSH's format.
    pub fn private_key(&self) -> &str {
        &self.private_key
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// The line of a `known_hosts` file for this server.
    pub fn known_hosts(&self) -> String {
        format!("[{}]:{} {}\n", self.address.ip(), self.address.port(), self.host_key.trim())
    }

    /// The file of the public keys that may sign in, one a line; read anew at each connection.
    pub fn authorized_keys(&self) -> &Path {
        &self.authorized_keys
    }

    /// Replaces the public keys that may sign in; none revokes all.
    pub fn authorize(&self, public_keys: &[&str]) -> Result<(), TestbedError> {
        write_private(
            &self.authorized_keys,
            &public_keys.iter().fold(String::new(), |all, key| all + key + "\n"),
        )
    }

    /// What sshd wrote so far: who came, and what it made of them.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default()
    }

    /// Gives the server another host key, at the same address: what somebody in between would show, or a host that was
    /// set up anew.
    pub async fn replace_host_key(&mut self) -> Result<(), TestbedError> {
        for name in ["host_key", "host_key.pub"] {
            let path = self.folder.path().join(name);
            std::fs::remove_file(&path).map_err(TestbedError::file("remove", &path))?;
        }
        self.host_key = key(&self.folder, "host_key").await?.1;
        // sshd starts itself anew and reads everything again.
        self.part.signal("HUP");
        let (address, key) = (self.address, self.host_key.clone());
        self.part.wait_until(READY_LIMIT, || shows(address, &key)).await
    }

    /// Makes an empty repository; a folder with a random name keeps it apart from those of other tests.
    pub async fn repository(&self, name: &str) -> Result<Repository, TestbedError> {
        Repository::create(&self.root, &self.url(), &format!("{}/{name}", random::suffix()?)).await
    }
}

fn configuration(folder: &Folder, address: SocketAddr, script: &Path) -> String {
    let folder = folder.path().display();
    format!(
        "ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
# The folder is ours, but its parents are the system's temporary ones.
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTTY no
PermitUserRC no
PrintMotd no
AcceptEnv GIT_PROTOCOL
ForceCommand /bin/sh {}
",
        script.display()
    )
}

/// Whether the server has this host key by now.
async fn shows(address: SocketAddr, key: &str) -> bool {
    let scan = Command::new("ssh-keyscan")
        .args(["-t", "ed25519", "-p", &address.port().to_string(), &address.ip().to_string()])
        .output()
        .await;
    let wanted = key.split_whitespace().nth(1).unwrap_or_default().to_owned();
    scan.is_ok_and(|scan| String::from_utf8_lossy(&scan.stdout).contains(&wanted))
}

/// A new Ed25519 key: private and public part, both in OpenSSH's formats.
async fn key(folder: &Folder, name: &str) -> Result<(String, String), TestbedError> {
    let path = folder.path().join(name);
    let output = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "testbed", "-f"])
        .arg(&path)
        .output()
        .await
        .map_err(|_| TestbedError::NotInstalled { program: "ssh-keygen", package: "openssh-client" })?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(TestbedError::File {
            action: "make the key",
            path,
            source: std::io::Error::other(message),
        });
    }
    let public = path.with_extension("pub");
    let read = |path: &Path| std::fs::read_to_string(path).map_err(TestbedError::file("read", path));
    Ok((read(&path)?, read(&public)?))
}

/// The name of the current user: sshd lets an ordinary user in only as themselves.
async fn user() -> Result<String, TestbedError> {
    let spawn = |source| TestbedError::Spawn { program: "id".into(), source };
    let output = Command::new("id").arg("-un").output().await.map_err(spawn)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn make_privilege_separation_folder() -> Result<(), TestbedError> {
    use std::os::unix::fs::DirBuilderExt;
    let path = Path::new(PRIVILEGE_SEPARATION_FOLDER);
    if !rustix::process::geteuid().is_root() || path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().mode(0o755).create(path).map_err(TestbedError::file("make", path))
}
