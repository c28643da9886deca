//! Git's questions for user name and password.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use super::{ASKED_BY, KEY, USER, read};

/// Longer answers nobody has put into a pipe.
const ANSWER_BYTES: u64 = 64 * 1024;

/// `Username for 'https://host': ` or `Password for 'https://user@host': ` (`LC_ALL=C`). Only the one site gets an
/// answer: a proxy or another host that git was led to does not.
pub(super) fn answer(folder: &Path) -> Result<(), String> {
    let question = std::env::args().nth(1).unwrap_or_default();
    let asked_by = read(folder, ASKED_BY)?;
    let (pipe, site) = understand(&question).ok_or("a question that is not understood gets no answer")?;
    if site != asked_by.trim_end() {
        return Err("a question of another site gets no answer".into());
    }
    let pipe = File::open(folder.join(pipe)).map_err(|error| format!("no answer is there: {error}"))?;
    let mut line = Vec::new();
    let read = BufReader::with_capacity(1, pipe.take(ANSWER_BYTES)).read_until(b'\n', &mut line);
    read.map_err(|error| format!("no answer is there: {error}"))?;
    std::io::stdout().write_all(&line).map_err(|error| format!("nobody waits for the answer: {error}"))
}

/// Which pipe has the answer, and who asks.
fn understand(question: &str) -> Option<(&'static str, String)> {
    let (what, rest) = question.split_once(" for '")?;
    let site = rest.split_once("':")?.0;
    let (scheme, authority) = site.split_once("://")?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let pipe = match what {
        "Username" => USER,
        "Password" => KEY,
        _ => return None,
    };
    Some((pipe, format!("{scheme}://{host}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_tells_what_is_asked_for_and_by_whom() {
        let asked = |question| understand(question).map(|(pipe, site)| (pipe, site.leak() as &str));
        assert_eq!(asked("Username for 'https://host:8443': "), Some((USER, "https://host:8443")));
        assert_eq!(asked("Password for 'https://me%40x@host': "), Some((KEY, "https://host")));
        assert_eq!(asked("Passphrase for 'https://host': "), None);
        assert_eq!(asked("Continue?"), None);
    }
}
