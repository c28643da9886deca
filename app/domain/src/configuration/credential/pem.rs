//! Keys and certificates as text: which kind a file says it is, and whether it is whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::violation::Rule;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// The forms of private keys that can be read: OpenSSH, PKCS#1, SEC1 and PKCS#8.
const PRIVATE_KEYS: [&str; 4] = ["OPENSSH PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"];

/// The first byte of a certificate: a sequence.
const SEQUENCE: u8 = 0x30;

/// A key as its file has it; one in base64 is decoded, whatever else it is stays as it is.
pub(super) fn plain(written: &str) -> String {
    let written = written.trim();
    if written.starts_with(BEGIN) {
        return written.to_owned();
    }
    let joined: String = written.split_whitespace().collect();
    let decoded = STANDARD.decode(joined).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.filter(|text| text.trim_start().starts_with(BEGIN)).unwrap_or_else(|| written.to_owned())
}

/// The key with line ends as ssh wants them, the last one too.
pub(super) fn private_key(written: &str) -> Result<String, Rule> {
    let text = unix_lines(written);
    let label = text.strip_prefix(BEGIN).and_then(|rest| rest.split_once(DASHES)).map(|(label, _)| label);
    match label {
        Some("DSA PRIVATE KEY") => return Err(Rule::SshKeyDsa),
        Some("ENCRYPTED PRIVATE KEY") => return Err(Rule::SshKeyPassphrase),
        Some(label) if PRIVATE_KEYS.contains(&label) => {
            // PKCS#1 and SEC1 say it in a header.
            if text.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")) {
                return Err(Rule::SshKeyPassphrase);
            }
            if !text.ends_with(&format!("{DASHES}END {label}{DASHES}\n")) {
                return Err(Rule::SshKeyFormat);
            }
        }
        _ => return Err(Rule::SshKeyFormat),
    }
    Ok(text)
}

/// One certificate or several; text around them, as some authorities write it, is dropped.
pub(super) fn certificates(written: &str) -> Result<String, Rule> {
    let begin = format!("{BEGIN}CERTIFICATE{DASHES}\n");
    let end = format!("{DASHES}END CERTIFICATE{DASHES}");
    let text = unix_lines(written);
    let mut whole = String::new();
    for rest in text.split(&begin).skip(1) {
        let (body, _) = rest.split_once(&end).ok_or(Rule::CertificateFormat)?;
        let body = body.trim();
        let joined: String = body.split_whitespace().collect();
        let decoded = STANDARD.decode(joined).map_err(|_| Rule::CertificateFormat)?;
        if decoded.first() != Some(&SEQUENCE) {
            return Err(Rule::CertificateFormat);
        }
        whole.extend([begin.as_str(), body, "\n", end.as_str(), "\n"]);
    }
    if whole.is_empty() { Err(Rule::CertificateFormat) } else { Ok(whole) }
}

fn unix_lines(text: &str) -> String {
    let lines = text.trim().lines().map(str::trim_end);
    lines.fold(String::with_capacity(text.len() + 1), |text, line| text + line + "\n")
}
