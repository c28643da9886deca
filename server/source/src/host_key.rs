//! Which ssh hosts are known, and what an unknown one shows.

use std::path::Path;

use data_encoding::{BASE64, BASE64_NOPAD};
use domain::configuration::known_hosts::lines_of;
use domain::reason::Reason;
use engine::port::source::SourceError;
use sha2::{Digest, Sha256};

use crate::door::{OFFER_CONFIG, OFFERED};
use crate::git::{Git, Queue};
use crate::remote::Host;
use crate::scrub::scrub;

/// The hosts that everybody uses, with the keys that their operators publish.
const BUILT_IN: &str = include_str!("host_key/built_in");

/// What ssh says when a key is unknown or another one.
const REFUSED: &str = "Host key verification failed";

/// The name of a host in `known_hosts`.
pub(crate) fn name(host: &str, port: u16, default_port: u16) -> String {
    if port == default_port { host.to_owned() } else { format!("[{host}]:{port}") }
}

/// The lines that ssh compares with. Own lines for a host take the place of the built-in ones: whoever wrote them
/// knows better.
pub(crate) fn known_hosts(name: &str, own: &str) -> String {
    let mut text = own.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    if lines_of(own, name).is_empty() {
        text.push_str(BUILT_IN);
    }
    text
}

/// Whether that is why ssh ended.
pub(crate) fn was_refused(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).contains(REFUSED)
}

/// Asks the host which key it has, so that a person can compare it. Shows the host nothing.
pub(crate) async fn explain(git: &Git, host: &Host<'_>, stderr: &[u8]) -> SourceError {
    let unreachable = || SourceError { reason: Reason::RepositoryUnreachable, detail: scrub(stderr) };
    let Some(key) = offered(git, host).await else { return unreachable() };
    let Some(fingerprint) = fingerprint(&key) else { return unreachable() };
    let name = host.address.host_key_name.clone();
    let known = known_hosts(&name, &host.access.known_hosts);
    let known: Vec<&str> = lines_of(&known, &name).into_iter().filter_map(key_of).collect();
    if known.contains(&key.as_str()) {
        // Now it shows the right one: something was between us.
        return unreachable();
    }
    let kind = key.split_whitespace().next().unwrap_or_default();
    let same_kind = known.iter().find(|known| known.split_whitespace().next() == Some(kind));
    let expected = same_kind.or(known.first()).and_then(|known| self::fingerprint(known));
    let reason = match expected {
        Some(expected) => Reason::RepositoryHostKeyChanged { host: name, expected, fingerprint, key },
        None => Reason::RepositoryHostKeyUnknown { host: name, fingerprint, key },
    };
    SourceError { reason, detail: None }
}

/// Type and key as the host shows them, without a comment.
async fn offered(git: &Git, host: &Host<'_>) -> Option<String> {
    let folder = host.door.folder();
    let command = git.ssh(host)?.arg("-F").arg(folder.join(OFFER_CONFIG)).args([
        "-T",
        "-p",
        &host.address.destination.port.to_string(),
        "--",
        "host",
        "true",
    ]);
    // It ends in being refused, for it shows no key; what counts is what it wrote down before.
    git.run(Queue::Questions, command).await.ok()?;
    read_offer(&folder.join(OFFERED))
}

fn read_offer(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().find_map(key_of).map(str::to_owned)
}

/// The second and third word of a line, as one text.
fn key_of(line: &str) -> Option<&str> {
    let (_, key) = line.trim().split_once(' ')?;
    let mut ends = key.match_indices(' ').map(|(index, _)| index);
    ends.next()?;
    Some(ends.next().map_or(key, |end| &key[..end]))
}

/// As `ssh-keygen -l` prints it.
pub(crate) fn fingerprint(key: &str) -> Option<String> {
    let encoded = key.split_whitespace().nth(1)?;
    let bytes = BASE64.decode(encoded.as_bytes()).ok()?;
    Some(format!("SHA256:{}", BASE64_NOPAD.encode(&Sha256::digest(bytes))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_keys_are_those_that_the_operators_publish() {
        let found: Vec<String> = BUILT_IN
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| {
                let host = line.split_whitespace().next().unwrap();
                format!("{host} {}", fingerprint(key_of(line).unwrap()).unwrap())
            })
            .collect();
        assert_eq!(
            found,
            [
                "github.com SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
                "github.com SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
                "github.com SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
                "gitlab.com SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8",
                "gitlab.com SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw",
                "gitlab.com SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ",
                "bitbucket.org SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM",
                "bitbucket.org SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0",
                "bitbucket.org SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E",
                "ssh.dev.azure.com SHA256:ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og",
                "vs-ssh.visualstudio.com SHA256:ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og",
                "[source.developers.google.com]:2022 SHA256:AGvEpqYNMqsRNIviwyk4J4HM0lEylomDBKOWZsBn434",
            ]
        );
    }

    #[test]
    fn own_lines_take_the_place_of_built_in_ones() {
        let ours = "github.com ssh-ed25519 AAAA";
        assert_eq!(known_hosts("github.com", ours), "github.com ssh-ed25519 AAAA\n");
        let other = known_hosts("gitlab.com", ours);
        assert!(other.starts_with("github.com ssh-ed25519 AAAA\n#") && other.contains("\ngitlab.com "));
        assert_eq!(known_hosts("host", ""), BUILT_IN);
    }

    #[test]
    fn a_key_is_read_without_host_and_comment() {
        assert_eq!(key_of("host ssh-ed25519 AAAA a comment"), Some("ssh-ed25519 AAAA"));
        assert_eq!(key_of("host ssh-ed25519 AAAA"), Some("ssh-ed25519 AAAA"));
        assert_eq!(key_of("host ssh-ed25519"), None);
    }

    #[test]
    fn a_host_with_another_port_has_another_name() {
        assert_eq!(name("host", 22, 22), "host");
        assert_eq!(name("host", 2222, 22), "[host]:2222");
    }
}
