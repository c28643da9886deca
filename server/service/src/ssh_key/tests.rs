//! Keys as `ssh-keygen` and `openssl` write them, and read back by `ssh-keygen`.

use std::process::Command;

use tempfile::TempDir;

use super::*;

/// A private key made by `ssh-keygen` with these arguments, and its public half.
fn made(arguments: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let output = Command::new("ssh-keygen")
        .args(["-q", "-C", "me@host", "-f"])
        .arg(&path)
        .args(arguments)
        .output()
        .expect("ssh-keygen is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    (read("key"), read("key.pub"))
}

/// What `ssh-keygen -y` says of a private key.
fn public_half(private: &SecretString) -> String {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, private.expose_secret()).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let output = Command::new("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    without_comment(&String::from_utf8(output.stdout).unwrap())
}

fn without_comment(public: &str) -> String {
    public.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn read_text(text: &str) -> Result<KeyPair, Rule> {
    read(&SecretString::from(text))
}

#[test]
fn a_key_made_here_is_one_that_ssh_reads() {
    for (kind, begins) in [(KeyKind::Ed25519, "ssh-ed25519 AAAA"), (KeyKind::Rsa, "ssh-rsa AAAA")] {
        let pair = generate(kind).unwrap();
        assert!(pair.public.starts_with(begins) && pair.public.ends_with(" fairlead"), "{}", pair.public);
        assert!(pair.private.expose_secret().ends_with("-----END OPENSSH PRIVATE KEY-----\n"));
        assert_eq!(public_half(&pair.private), without_comment(&pair.public));
    }
}

#[test]
fn keys_of_every_form_give_their_public_half_and_the_form_that_each_ssh_reads() {
    for arguments in [
        &["-N", "", "-t", "ed25519"][..],
        &["-N", "", "-t", "rsa", "-b", "2048"],
        &["-N", "", "-t", "rsa", "-b", "2048", "-m", "PEM"],
        &["-N", "", "-t", "rsa", "-b", "3072", "-m", "PKCS8"],
        &["-N", "", "-t", "ecdsa", "-b", "256"],
        &["-N", "", "-t", "ecdsa", "-b", "256", "-m", "PEM"],
        &["-N", "", "-t", "ecdsa", "-b", "384", "-m", "PEM"],
        &["-N", "", "-t", "ecdsa", "-b", "521", "-m", "PEM"],
        &["-N", "", "-t", "ecdsa", "-b", "256", "-m", "PKCS8"],
        &["-N", "", "-t", "ecdsa", "-b", "384", "-m", "PKCS8"],
        &["-N", "", "-t", "ecdsa", "-b", "521", "-m", "PKCS8"],
    ] {
        let (private, public) = made(arguments);
        let pair = read_text(&private).unwrap_or_else(|rule| panic!("{arguments:?}: {rule:?}"));
        assert_eq!(without_comment(&pair.public), without_comment(&public), "{arguments:?}");
        assert_eq!(public_half(&pair.private), without_comment(&public), "{arguments:?}");
    }
}

#[test]
fn an_ed25519_key_in_pkcs8_form_is_read() {
    // RFC 8410, section 10.3
    let text = "-----BEGIN PRIVATE KEY-----\n\
                MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                -----END PRIVATE KEY-----\n";
    let pair = read_text(text).unwrap();
    assert_eq!(public_half(&pair.private), without_comment(&pair.public));
}

#[test]
fn keys_that_cannot_be_used_are_refused_each_with_its_reason() {
    for (arguments, rule) in [
        (&["-N", "secret", "-t", "ed25519"][..], Rule::SshKeyPassphrase),
        (&["-N", "", "-t", "rsa", "-b", "1024"], Rule::SshKeyTooShort { min: 2048 }),
        (&["-N", "", "-t", "rsa", "-b", "1024", "-m", "PEM"], Rule::SshKeyTooShort { min: 2048 }),
    ] {
        let refused = read_text(&made(arguments).0).err();
        assert_eq!(refused, Some(rule), "{arguments:?}");
    }
    let (whole, _) = made(&["-N", "", "-t", "ed25519"]);
    let lines: Vec<&str> = whole.lines().collect();
    let truncated = [&lines[..2], &lines[lines.len() - 1..]].concat().join("\n") + "\n";
    for text in [truncated.as_str(), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"]
    {
        assert_eq!(read_text(text).err(), Some(Rule::SshKeyFormat), "{text}");
    }
}
