//! http(s): the credential as a header in a configuration that only git reads, authorities as a file.

use std::io;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use engine::port::source::{Access, HttpsCredential};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{Door, Doors};
use crate::address::Address;
use crate::private::write;

const CONFIGURATION: &str = "git.config";

impl Doors {
    pub(super) fn https(&self, address: &Address, access: &Access) -> io::Result<Door> {
        let proxy = address.proxy.as_deref().unwrap_or_default();
        let mut configuration = vec![format!("http.proxy={proxy}")];
        configuration.extend(address.pin.as_ref().map(|pin| format!("http.curloptResolve={pin}")));
        if access.https.is_none() && access.authorities.is_none() {
            return Ok(Door { configuration, ..Door::default() });
        }
        let folder = self.private.for_call()?;
        if let Some(authorities) = &access.authorities {
            let path = folder.path().join("authorities.pem");
            write(&path, authorities.as_bytes())?;
            configuration.push(format!("http.sslCAInfo={}", path.display()));
        }
        let mut door = Door { configuration, ..Door::default() };
        if let Some(credential) = &access.https {
            let path = shown_to(&address.site, credential, folder.path())?;
            door.environment.push(("GIT_CONFIG_GLOBAL", path.into()));
            door.shows_credential = true;
        }
        Ok(Door { folder: Some(folder), ..door })
    }
}

/// Shows the credential to one site: not to its proxy, and to no other host. Askpass, Git's other way, would put the
/// user name into the process list, as part of the question for the key; a helper would need a shell.
fn shown_to(site: &str, credential: &HttpsCredential, folder: &Path) -> io::Result<PathBuf> {
    let HttpsCredential { user, key } = credential;
    let words = Zeroizing::new(format!("{}:{}", user.expose_secret(), key.expose_secret()));
    let basic = Zeroizing::new(BASE64.encode(words.as_bytes()));
    let header = format!("[http \"{site}/\"]\n\textraHeader = Authorization: Basic {}\n", basic.as_str());
    let path = folder.join(CONFIGURATION);
    write(&path, Zeroizing::new(header).as_bytes())?;
    Ok(path)
}
