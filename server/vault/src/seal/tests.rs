use domain::id::{InstallationId, SecretId};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::*;
use crate::key_ring::KeyRing;
use crate::{MissingKey, Vault};

const OLD: &str = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "new:/wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A part of a record, to be tampered with.
type Part = fn(&mut SealedSecret) -> &mut Vec<u8>;

fn vault(lines: &[&str]) -> Vault {
    Vault::new(KeyRing::parse(&lines.join("\n")).unwrap())
}

fn old_vault() -> Vault {
    vault(&[&format!("{OLD}:active")])
}

fn context() -> SecretContext {
    SecretContext {
        installation: InstallationId(Uuid::from_u128(1)),
        tenant: "team-a".to_owned(),
        owner_kind: "cluster".to_owned(),
        owner_id: "c1".to_owned(),
        field: "kubeconfig".to_owned(),
        secret: SecretId(Uuid::from_u128(2)),
        version: 3,
    }
}

fn other_contexts() -> Vec<SecretContext> {
    let context = context();
    vec![
        SecretContext { installation: InstallationId(Uuid::from_u128(9)), ..context.clone() },
        SecretContext { tenant: "team-b".to_owned(), ..context.clone() },
        SecretContext { owner_kind: "configuration".to_owned(), ..context.clone() },
        SecretContext { owner_id: "c2".to_owned(), ..context.clone() },
        SecretContext { field: "token".to_owned(), ..context.clone() },
        SecretContext { secret: SecretId(Uuid::from_u128(9)), ..context.clone() },
        SecretContext { version: 2, ..context.clone() },
        SecretContext { version: 4, ..context.clone() },
        // the border between two parts moved
        SecretContext { owner_id: "c1k".to_owned(), field: "ubeconfig".to_owned(), ..context },
    ]
}

fn open(sealed: &SealedSecret) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    old_vault().open(&context(), sealed, Purpose::Connection)
}

#[test]
fn a_sealed_text_opens_in_its_own_context() {
    let sealed = old_vault().seal(&context(), "täglich".as_bytes()).unwrap();
    let text = old_vault().open_text(&context(), &sealed, Purpose::Connection).unwrap();
    assert_eq!(text.expose_secret(), "täglich");
}

#[test]
fn a_secret_opens_in_no_other_context() {
    let sealed = old_vault().seal(&context(), b"value").unwrap();
    for other in other_contexts() {
        let opened = old_vault().open(&other, &sealed, Purpose::Connection);
        assert_eq!(opened, Err(OpenError::Damaged), "{other:?}");
    }
}

// S-O2, V2
#[test]
fn each_flipped_bit_of_each_part_is_found() {
    let sealed = old_vault().seal(&context(), b"value").unwrap();
    let parts: [(&str, Part); 4] = [
        ("wrapped key", |sealed| &mut sealed.wrapped_key),
        ("nonce", |sealed| &mut sealed.nonce),
        ("ciphertext", |sealed| &mut sealed.ciphertext),
        ("fingerprint", |sealed| &mut sealed.fingerprint),
    ];
    for (name, part) in parts {
        let length = part(&mut sealed.clone()).len();
        for bit in 0..length * 8 {
            let mut changed = sealed.clone();
            part(&mut changed)[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&changed), Err(OpenError::Damaged), "bit {bit} of the {name}");
        }
    }
}

// V2
#[test]
fn each_truncation_and_each_added_byte_is_found() {
    let sealed = old_vault().seal(&context(), b"value").unwrap();
    let parts: [Part; 4] = [
        |sealed| &mut sealed.wrapped_key,
        |sealed| &mut sealed.nonce,
        |sealed| &mut sealed.ciphertext,
        |sealed| &mut sealed.fingerprint,
    ];
    for (index, part) in parts.into_iter().enumerate() {
        for length in 0..part(&mut sealed.clone()).len() {
            let mut changed = sealed.clone();
            part(&mut changed).truncate(length);
            assert_eq!(open(&changed), Err(OpenError::Damaged), "part {index} cut to {length}");
        }
        let mut changed = sealed.clone();
        part(&mut changed).push(0);
        assert_eq!(open(&changed), Err(OpenError::Damaged), "part {index} with one byte more");
    }
}

// S-O2, V2
#[test]
fn parts_of_another_record_of_the_same_owner_do_not_fit() {
    let one = old_vault().seal(&context(), b"one").unwrap();
    let two = old_vault().seal(&context(), b"two").unwrap();
    let mixed = [
        SealedSecret { wrapped_key: two.wrapped_key.clone(), ..one.clone() },
        SealedSecret { nonce: two.nonce.clone(), ..one.clone() },
        SealedSecret { ciphertext: two.ciphertext.clone(), ..one.clone() },
        SealedSecret { fingerprint: two.fingerprint.clone(), ..one.clone() },
    ];
    for (index, sealed) in mixed.iter().enumerate() {
        assert_eq!(open(sealed), Err(OpenError::Damaged), "mix {index}");
    }
}

// V2
#[test]
fn another_algorithm_word_is_refused() {
    let sealed = old_vault().seal(&context(), b"value").unwrap();
    for algorithm in ["", "none", "XChaCha20Poly1305", "chacha20poly1305"] {
        let changed = SealedSecret { algorithm: algorithm.to_owned(), ..sealed.clone() };
        assert_eq!(open(&changed), Err(OpenError::Algorithm), "{algorithm}");
    }
}

#[test]
fn a_record_renamed_to_another_key_does_not_open() {
    let both = vault(&[&format!("{OLD}:active"), NEW]);
    let sealed = both.seal(&context(), b"value").unwrap();
    let changed = SealedSecret { key_id: "new".to_owned(), ..sealed };
    assert_eq!(both.open(&context(), &changed, Purpose::Connection), Err(OpenError::Damaged));
}

#[test]
fn an_id_with_another_value_does_not_open() {
    let sealed = old_vault().seal(&context(), b"value").unwrap();
    let replaced = vault(&[&format!("{}:active", NEW.replace("new:", "old:"))]);
    assert_eq!(replaced.open(&context(), &sealed, Purpose::Connection), Err(OpenError::Damaged));
}

// V3
#[test]
fn a_missing_key_is_named_by_opening_and_by_the_check_at_start() {
    let sealed = old_vault().seal(&context(), b"value").unwrap();
    let without = vault(&[&format!("{NEW}:active")]);
    let missing = OpenError::MissingKey { id: "old".to_owned() };
    assert_eq!(without.open(&context(), &sealed, Purpose::Connection), Err(missing));
    assert_eq!(without.check(["new", "old"]), Err(MissingKey { id: "old".to_owned() }));
    assert!(without.check(["new", "old"]).unwrap_err().to_string().contains("\"old\""));
    assert_eq!(without.check(["new"]), Ok(()));
}

#[test]
fn new_secrets_use_the_active_key_and_older_ones_still_open() {
    let older = old_vault().seal(&context(), b"older").unwrap();
    let both = vault(&[OLD, &format!("{NEW}:active")]);
    let newer = both.seal(&context(), b"newer").unwrap();
    assert_eq!(newer.key_id, "new");
    assert_eq!(**both.open(&context(), &older, Purpose::Connection).unwrap(), *b"older");
    assert_eq!(**both.open(&context(), &newer, Purpose::Connection).unwrap(), *b"newer");
}

#[test]
fn one_value_sealed_twice_shares_nothing_but_its_fingerprint() {
    let one = old_vault().seal(&context(), b"value").unwrap();
    let two = old_vault().seal(&context(), b"value").unwrap();
    assert_ne!(one.ciphertext, two.ciphertext);
    assert_ne!(one.nonce, two.nonce);
    assert_ne!(one.wrapped_key, two.wrapped_key);
    assert_eq!(one.fingerprint, two.fingerprint);
}

#[test]
fn the_fingerprint_differs_by_value_and_by_tenant() {
    let own = old_vault().seal(&context(), b"value").unwrap();
    let other_value = old_vault().seal(&context(), b"valuf").unwrap();
    let other_tenant = SecretContext { tenant: "team-b".to_owned(), ..context() };
    let other_tenant = old_vault().seal(&other_tenant, b"value").unwrap();
    assert_ne!(own.fingerprint, other_value.fingerprint);
    assert_ne!(own.fingerprint, other_tenant.fingerprint);
}

#[test]
fn bytes_that_are_no_text_are_answered() {
    let sealed = old_vault().seal(&context(), b"\xff").unwrap();
    let opened = old_vault().open_text(&context(), &sealed, Purpose::Connection);
    assert_eq!(opened.map(|_| ()), Err(OpenError::NotText));
}

/// Made by an independent implementation of the same layout: it pins ciphers, associated data, padding and
/// derivation. Every later version must open this.
#[test]
fn a_record_of_the_first_version_opens() {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let sealed = SealedSecret {
        algorithm: "xchacha20poly1305".to_owned(),
        key_id: "old".to_owned(),
        wrapped_key: bytes(include_str!("first_version/wrapped_key.hex").trim()),
        nonce: bytes(include_str!("first_version/nonce.hex").trim()),
        ciphertext: bytes(include_str!("first_version/ciphertext.hex").trim()),
        fingerprint: bytes(include_str!("first_version/fingerprint.hex").trim()),
    };
    assert_eq!(**open(&sealed).unwrap(), *b"kept for ever");
}

proptest! {
    #[test]
    fn any_value_comes_back(value in proptest::collection::vec(any::<u8>(), 0..6000)) {
        let sealed = old_vault().seal(&context(), &value).unwrap();
        prop_assert_eq!(&*open(&sealed).unwrap(), &value);
    }
}
