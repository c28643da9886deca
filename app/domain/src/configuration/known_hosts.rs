//! `sshKnownHostsContents`: base64 of lines as OpenSSH's `known_hosts` has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::violation::Rule;

/// Longest text in characters of base64: some hundred host keys.
const KNOWN_HOSTS_MAX: usize = 65_536;

/// What a form shows and takes: the lines themselves. Base64 is taken too, as it came with a script.
pub fn encode(written: &str) -> String {
    let written = written.trim();
    if written.is_empty() || decoded(written).is_ok() {
        return written.to_owned();
    }
    STANDARD.encode(unix_lines(written))
}

/// The lines of a stored text; what cannot be read is shown as it is.
pub fn decode(encoded: &str) -> String {
    decoded(encoded.trim()).unwrap_or_else(|_| encoded.to_owned())
}

/// The lines that name this host. Names that are hashed or patterns are not looked into.
pub fn lines_of<'text>(text: &'text str, host: &str) -> Vec<&'text str> {
    text.lines().map(str::trim).filter(|line| names(line, host)).collect()
}

/// The stored text with this key as the host's only one.
pub fn with_host_key(encoded: &str, host: &str, key: &str) -> String {
    let mut text = String::new();
    let before = decode(encoded);
    for line in before.lines().filter(|line| !names(line.trim(), host)) {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.extend([host, " ", key, "\n"]);
    STANDARD.encode(text)
}

fn names(line: &str, host: &str) -> bool {
    let marker = line.starts_with('@') || line.starts_with('#');
    !marker && line.split_whitespace().next().is_some_and(|hosts| hosts.split(',').any(|name| name == host))
}

fn unix_lines(text: &str) -> String {
    text.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

fn decoded(encoded: &str) -> Result<String, Rule> {
    let bytes = STANDARD.decode(encoded).map_err(|_| Rule::Base64Text)?;
    String::from_utf8(bytes).map_err(|_| Rule::Base64Text)
}

/// Whether each line is empty, a comment, or host, key type and key; a comment behind them is fine.
pub(super) fn check(encoded: &str) -> Result<(), Rule> {
    if encoded.chars().count() > KNOWN_HOSTS_MAX {
        return Err(Rule::TooLong { max: KNOWN_HOSTS_MAX });
    }
    let text = decoded(encoded)?;
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

    #[test]
    fn a_form_takes_lines_and_base64_and_shows_lines() {
        let lines = format!("host ssh-ed25519 {KEY}\n");
        assert_eq!(encode(&format!("  {}\r\n", lines.trim())), STANDARD.encode(&lines));
        assert_eq!(encode(&STANDARD.encode(&lines)), STANDARD.encode(&lines));
        assert_eq!(decode(&STANDARD.encode(&lines)), lines);
        assert_eq!(encode(" \n"), "");
    }

    #[test]
    fn a_trusted_key_takes_the_place_of_the_hosts_others() {
        let before =
            STANDARD.encode("# ours\nhost,10.0.0.1 ssh-rsa A\n[host]:2222 ssh-rsa B\nother ssh-rsa C");
        let after = decode(&with_host_key(&before, "host", "ssh-ed25519 D"));
        assert_eq!(after, "# ours\n[host]:2222 ssh-rsa B\nother ssh-rsa C\nhost ssh-ed25519 D\n");
        assert_eq!(lines_of(&after, "[host]:2222"), ["[host]:2222 ssh-rsa B"]);
        assert_eq!(decode(&with_host_key("", "host", "ssh-ed25519 D")), "host ssh-ed25519 D\n");
    }

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
