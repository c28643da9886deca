//! http(s): user and key by pipes, authorities as a file.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use child::callback::{self, ASKED_BY, KEY, USER};
use engine::port::source::{Access, HttpsCredential};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use secrecy::{ExposeSecret, SecretString};

use super::{Door, Doors};
use crate::address::Address;
use crate::private::write;

/// How often a call may ask for the same: once, and once more for each time that git starts its helper again.
const ANSWERS: usize = 4;

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
        let Some(HttpsCredential { user, key }) = &access.https else {
            return Ok(Door { configuration, folder: Some(folder), ..Door::default() });
        };
        write(&folder.path().join(ASKED_BY), address.site.as_bytes())?;
        let answers = vec![pipe(&folder.path().join(USER), user)?, pipe(&folder.path().join(KEY), key)?];
        let askpass = self.link(folder.path(), callback::ASKPASS)?;
        Ok(Door {
            configuration,
            environment: vec![("GIT_ASKPASS", askpass.into())],
            shows_credential: true,
            folder: Some(folder),
            _answers: answers,
        })
    }
}

/// A pipe in which the answer waits, so that it is in no file, no argument and no variable. Both ends are held: who
/// reads need not be there first, and what is not read goes with the last holder.
fn pipe(path: &Path, answer: &SecretString) -> io::Result<File> {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
    let mut pipe = File::options()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    let mut line = answer.expose_secret().as_bytes().to_vec();
    line.push(b'\n');
    for time in 0..ANSWERS {
        match pipe.write_all(&line) {
            // A pipe that is full has one answer at least.
            Err(error) if error.kind() == ErrorKind::WouldBlock && time > 0 => break,
            written => written?,
        }
    }
    zeroize::Zeroize::zeroize(&mut line);
    Ok(pipe)
}
