//! `sshKnownHostsContents`: base64 of lines as OpenSSH's `known_hosts` has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::violation::Rule;

/// Longest text in characters of base64: some hundred host keys.
const KNOWN_HOSTS_MAX: usize = 65_536;

/// Whether each line is empty, a comment, or host, key type and key; a comment behind them is fine.
pub(super) fn check(encoded: &str) -> Result<(), Rule> {
    if encoded.chars().count() > KNOWN_HOSTS_MAX {
        return Err(Rule::TooLong { max: KNOWN_HOSTS_MAX });
    }
    let bytes = STANDARD.decode(encoded).map_err(|_| Rule::Base64Text)?;
    let text = String::from_utf8(bytes).map_err(|_| Rule::Base64Text)?;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') && !is_host_key(line) {
            return Err(Rule::KnownHostsLine { line: number + 1 });
        }
    }
    Ok(())
}

fn is_host_key(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(_hosts), Some(kind), Some(key)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let Ok(key) = STANDARD.decode(key) else { return false };
    // The key begins with its own type: length as four bytes, then the name.
    let Some((length, rest)) = key.split_first_chunk::<4>() else { return false };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    rest.len() > length && rest.get(..length) == Some(kind.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    fn check_text(text: &str) -> Result<(), Rule> {
        check(&STANDARD.encode(text))
    }

    #[test]
    fn lines_are_host_type_and_key() {
        let text = format!(
            "# hosts\n\ngithub.com ssh-ed25519 {KEY}\n  [host]:2222,10.0.0.1  ssh-ed25519 {KEY} a comment \r\n"
        );
        assert_eq!(check_text(&text), Ok(()));
    }

    #[test]
    fn the_first_line_that_is_no_host_key_is_named() {
        for bad in [
            "github.com".to_owned(),
            format!("ssh-ed25519 {KEY}"),
            format!("github.com ssh-rsa {KEY}"),
            format!("github.com ssh-ed25519 !{KEY}"),
            "github.com ssh-ed25519 AAAA".to_owned(),
            "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5".to_owned(),
        ] {
            assert_eq!(
                check_text(&format!("# one\n{bad}\n")),
                Err(Rule::KnownHostsLine { line: 2 }),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_not_base64_of_text_is_refused() {
        assert_eq!(check("github.com ssh-ed25519"), Err(Rule::Base64Text));
        assert_eq!(check(&STANDARD.encode([0xff, 0xfe])), Err(Rule::Base64Text));
        assert_eq!(check(&"A".repeat(65_540)), Err(Rule::TooLong { max: 65_536 }));
    }
}
