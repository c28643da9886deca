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
        let mut door = Door::default();
        door.configuration.extend(address.pin.as_ref().map(|pin| format!("http.curloptResolve={pin}")));
        door.configuration.push(format!("http.proxy={}", address.proxy.as_deref().unwrap_or_default()));
        if access.https.is_none() && access.authorities.is_none() {
            return Ok(door);
        }
        let folder = self.private.for_call()?;
        if let Some(authorities) = &access.authorities {
            let path = folder.path().join("authorities.pem");
            write(&path, authorities.as_bytes())?;
            door.configuration.push(format!("http.sslCAInfo={}", path.display()));
        }
        if let Some(HttpsCredential { user, key }) = &access.https {
            write(&folder.path().join(ASKED_BY), address.site.as_bytes())?;
            door._answers =
                vec![pipe(&folder.path().join(USER), user)?, pipe(&folder.path().join(KEY), key)?];
            let askpass = self.link(folder.path(), callback::ASKPASS)?;
            door.environment.push(("GIT_ASKPASS", askpass.into()));
            door.shows_credential = true;
        }
        door.folder = Some(folder);
        Ok(door)
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
