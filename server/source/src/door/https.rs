//! http(s): the relay with its pass and the credential in a configuration that only git reads, authorities as a file.

use std::fmt::Write as _;
use std::io;

use data_encoding::BASE64;
use engine::port::source::{Access, HttpsCredential};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::Door;
use crate::address::Address;
use child::write_private;

const CONFIGURATION: &str = "git.config";

/// Room for what the configuration holds: a text that grows leaves copies of secrets behind.
const CONFIGURATION_BYTES: usize = 64 * 1024;

pub(super) fn furnish(door: &mut Door, address: &Address, access: &Access) -> io::Result<()> {
    if let Some(authorities) = &access.authorities {
        let path = door.folder().join("authorities.pem");
        write_private(&path, authorities.as_bytes())?;
        door.configuration.push(format!("http.sslCAInfo={}", path.display()));
    }
    let mut configuration = Zeroizing::new(String::with_capacity(CONFIGURATION_BYTES));
    let proxy = door.pass.proxy_url();
    // Writing into a String cannot fail.
    let _ = writeln!(configuration, "[http]\n\tproxy = {}\n\tproxyAuthMethod = basic", proxy.expose_secret());
    if let Some(credential) = &access.https {
        show(&mut configuration, &address.site, credential);
        door.shows_credential = true;
    }
    let path = door.folder().join(CONFIGURATION);
    write_private(&path, configuration.as_bytes())?;
    door.environment.push(("GIT_CONFIG_GLOBAL", path.into()));
    Ok(())
}

/// Shows the credential to one site: not to its proxy, and to no other host. Askpass, Git's other way, would put the
/// user name into the process list, as part of the question for the key; a helper would need a shell.
fn show(configuration: &mut String, site: &str, credential: &HttpsCredential) {
    let HttpsCredential { user, key } = credential;
    let words = Zeroizing::new(format!("{}:{}", user.expose_secret(), key.expose_secret()));
    let basic = Zeroizing::new(BASE64.encode(words.as_bytes()));
    let _ = writeln!(
        configuration,
        "[http \"{site}/\"]\n\textraHeader = Authorization: Basic {}",
        basic.as_str()
    );
}
