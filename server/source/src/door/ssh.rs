//! ssh: one configuration file that says everything, with the key and the known hosts beside it.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use child::Program;
use child::callback;
use engine::port::source::Access;
use secrecy::ExposeSecret;

use super::{Door, Doors};
use crate::address::Address;
use crate::host_key;
use child::write_private;

/// Names of files in the folder of a call.
const PRIVATE_KEY: &str = "key";
const KNOWN_HOSTS: &str = "known-hosts";
/// The configuration for asking a host for its key, and where the answer lands.
pub(crate) const OFFER_CONFIG: &str = "offer.config";
pub(crate) const OFFERED: &str = "offered";

/// Who one is when the URL names nobody: what Git hosts expect. Without it ssh would tell the host our own user's name.
const USER: &str = "git";

impl Doors {
    pub(super) fn ssh(
        &self,
        door: &mut Door,
        program: &Program,
        address: &Address,
        access: &Access,
    ) -> io::Result<()> {
        let relay = self.route(door, address)?;
        let path = door.folder();
        let known = host_key::known_hosts(&address.host_key_name, &access.known_hosts);
        write_private(&path.join(KNOWN_HOSTS), known.as_bytes())?;
        if let Some(key) = &access.ssh_key {
            write_private(&path.join(PRIVATE_KEY), key.expose_secret().as_bytes())?;
        }
        let common = common(address, &relay);
        let config = common.clone() + &for_git(path, access.ssh_key.is_some());
        write_private(&path.join(callback::SSH_CONFIG), config.as_bytes())?;
        write_private(&path.join(OFFER_CONFIG), (common + &for_offer(path)).as_bytes())?;
        write_private(&path.join(callback::SSH_PROGRAM), program.path().as_os_str().as_encoded_bytes())?;
        let ssh = self.link(path, callback::SSH)?;
        door.environment.extend([("GIT_SSH", ssh.into()), ("GIT_SSH_VARIANT", "ssh".into())]);
        door.shows_credential = access.ssh_key.is_some();
        Ok(())
    }
}

/// Everything that ssh could do beside signing in is off, and nothing of the server's own settings counts.
fn common(address: &Address, relay: &Path) -> String {
    let mut config = String::new();
    let mut set = |name: &str, value: &str| {
        // Writing into a String cannot fail.
        let _ = writeln!(config, "{name} {value}");
    };
    // ssh hands this to a shell: it is a path of our own making and nothing else.
    set("ProxyCommand", &quoted(relay));
    set("HostKeyAlias", &address.host_key_name);
    set("User", USER);
    for (name, value) in [
        ("GlobalKnownHostsFile", "/dev/null"),
        ("UpdateHostKeys", "no"),
        ("CheckHostIP", "no"),
        ("VerifyHostKeyDNS", "no"),
        ("HashKnownHosts", "no"),
        ("BatchMode", "yes"),
        ("IdentitiesOnly", "yes"),
        ("IdentityAgent", "none"),
        ("ForwardAgent", "no"),
        ("ForwardX11", "no"),
        ("ClearAllForwardings", "yes"),
        ("PermitLocalCommand", "no"),
        ("ControlMaster", "no"),
        ("ControlPath", "none"),
        ("EscapeChar", "none"),
        ("RequestTTY", "no"),
        ("LogLevel", "ERROR"),
        // The relay gives up earlier: this is for a host that says nothing.
        ("ConnectTimeout", "30"),
        ("ServerAliveInterval", "15"),
    ] {
        set(name, value);
    }
    config
}

fn for_git(folder: &Path, with_key: bool) -> String {
    let key = if with_key { quoted(&folder.join(PRIVATE_KEY)) } else { "none".to_owned() };
    format!(
        "IdentityFile {key}\nPreferredAuthentications publickey\nStrictHostKeyChecking yes\nUserKnownHostsFile {}\n",
        quoted(&folder.join(KNOWN_HOSTS))
    )
}

/// Takes whatever key the host shows, and shows it none.
fn for_offer(folder: &Path) -> String {
    format!(
        "IdentityFile none\nPreferredAuthentications none\nStrictHostKeyChecking accept-new\nUserKnownHostsFile {}\n",
        quoted(&folder.join(OFFERED))
    )
}

/// ssh splits at blanks and gives a meaning to `%`.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('%', "%%"))
}
