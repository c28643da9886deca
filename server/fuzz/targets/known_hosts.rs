//! Lines of known hosts, as text or base64, and a host whose key a person trusts.
#![no_main]

use domain::configuration::ConfigurationDraft;
use domain::configuration::known_hosts::{decode, encode, lines_of, with_host_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (written, host) = input;
    let encoded = encode(written);
    if is_accepted(&encoded) {
        let shown = decode(&encoded);
        assert_eq!(decode(&encode(&shown)).trim(), shown.trim(), "{written:?} saved again is something else");
    }
    let is_host = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    if !host.is_empty() && is_host(host) {
        let trusting = decode(&with_host_key(&encoded, host, "ssh-ed25519 AAAA"));
        let lines = lines_of(&trusting, host);
        assert_eq!(lines, [format!("{host} ssh-ed25519 AAAA")], "after {written:?}");
    }
});

/// Whether a form with these known hosts would be saved.
fn is_accepted(encoded: &str) -> bool {
    let draft = ConfigurationDraft {
        name: "fuzz".to_owned(),
        repository_url: "ssh://git@git.example.com/team/app.git".to_owned(),
        ssh_known_hosts: encoded.to_owned(),
        ..ConfigurationDraft::default()
    };
    draft.validate().is_ok()
}
