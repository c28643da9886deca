//! Identity tokens as an evil or careless provider would make them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use openidconnect::core::CoreEdDsaPrivateSigningKey;
use openidconnect::{ClientId, ClientSecret, JsonWebKeyId, JsonWebKeySet, PrivateSigningKey};
use serde_json::json;
use sha2::Sha256;

use super::*;

const ISSUER: &str = "https://id.example.com";
const SECRET: &str = "what the portal and the provider share";
/// Seconds.
const NOW: i64 = 1_790_000_000;
/// The example of RFC 8410 10.3.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";
/// Another one.
const FOREIGN_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----";

fn key(pem: &str) -> CoreEdDsaPrivateSigningKey {
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, Some(JsonWebKeyId::new("one".to_owned()))).unwrap()
}

/// What everything is right with.
fn good() -> Value {
    json!({
        "iss": ISSUER, "aud": "fairlead", "sub": "248289761001", "nonce": "n", "exp": NOW + 300, "iat": NOW,
        "groups": ["team-a"],
    })
}

fn with(change: &Value) -> Value {
    let mut claims = good();
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(header: &Value, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encoded(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn by_key(pem: &str, header: &Value, claims: &str) -> String {
    let sign = |message: &[u8]| key(pem).sign(&CoreJwsSigningAlgorithm::EdDsa, message).unwrap();
    signed(header, claims, sign)
}

fn ordinary(claims: &Value) -> String {
    by_key(KEY, &json!({ "alg": "EdDSA", "kid": "one" }), &claims.to_string())
}

fn by_secret(secret: &[u8]) -> String {
    let sign = |message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    signed(&json!({ "alg": "HS256", "kid": "one" }), &good().to_string(), sign)
}

/// What becomes of a token; the provider announces every algorithm there is, the bad ones too.
fn check(token: &str) -> Result<Map<String, Value>, String> {
    let metadata: Metadata = serde_json::from_value(json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example.com/auth",
        "token_endpoint": "https://id.example.com/token",
        "jwks_uri": "https://id.example.com/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "EdDSA"],
    }))
    .unwrap();
    let metadata = metadata.set_jwks(JsonWebKeySet::new(vec![key(KEY).as_verification_key()]));
    let party = RelyingParty::from_provider_metadata(
        metadata.clone(),
        ClientId::new("fairlead".to_owned()),
        Some(ClientSecret::new(SECRET.to_owned())),
    );
    let tokens = json!({ "access_token": "a", "token_type": "Bearer", "id_token": token });
    let tokens: Tokens = serde_json::from_value(tokens).map_err(|_| "unreadable".to_owned())?;
    verified(&party, &metadata, &tokens, "n", Timestamp(NOW * 1000)).map_err(|failed| match failed {
        Failed::Key => "no key fits".to_owned(),
        Failed::For(fault) => fault.to_string(),
    })
}

#[test]
fn a_token_that_is_right_passes_with_all_its_claims() {
    let claims = check(&ordinary(&good())).unwrap();
    assert_eq!((&claims["sub"], &claims["groups"]), (&json!("248289761001"), &json!(["team-a"])));
    assert!(check(&ordinary(&with(&json!({ "aud": ["fairlead"], "azp": "fairlead", "nbf": NOW })))).is_ok());
}

// S-H2
#[test]
fn s_h2_a_token_with_a_wrong_claim_is_refused_for_it() {
    for (claims, why) in [
        (with(&json!({ "iss": "https://id.example.com/" })), "another issuer"),
        (without("iss"), "unreadable"),
        (with(&json!({ "aud": "another" })), "somebody else"),
        (with(&json!({ "aud": ["fairlead", "another"] })), "somebody else"),
        (with(&json!({ "aud": [] })), "somebody else"),
        (without("aud"), "somebody else"),
        (with(&json!({ "azp": "another" })), "another party"),
        (with(&json!({ "azp": 1 })), "unreadable"),
        (with(&json!({ "nonce": "m" })), "another sign-in"),
        (without("nonce"), "another sign-in"),
        (with(&json!({ "exp": NOW })), "expired"),
        (without("exp"), "unreadable"),
        (with(&json!({ "iat": NOW + 3600 })), "issued in the future"),
        (with(&json!({ "nbf": NOW + 3600 })), "not valid yet"),
        (with(&json!({ "nbf": "soon" })), "not valid yet"),
        (without("sub"), "unreadable"),
        (with(&json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" })), "access token does not belong"),
    ] {
        let told = check(&ordinary(&claims)).unwrap_err();
        assert!(told.contains(why), "{claims}: {told}");
    }
}

// S-H2
#[test]
fn s_h2_only_a_key_of_the_issuer_signs() {
    let claims = good().to_string();
    let public = serde_json::to_string(&key(KEY).as_verification_key()).unwrap();
    let unsigned = signed(&json!({ "alg": "none" }), &claims, |_| Vec::new());
    let header = |more: &Value| {
        let mut header = json!({ "alg": "EdDSA", "kid": "one" });
        for (name, value) in more.as_object().unwrap() {
            header[name] = value.clone();
        }
        header
    };
    for (token, why) in [
        (unsigned, "signature of the identity token is not right"),
        (by_secret(SECRET.as_bytes()), "never taken"),
        (by_secret(public.as_bytes()), "never taken"),
        (by_key(FOREIGN_KEY, &header(&json!({})), &claims), "no key fits"),
        (by_key(KEY, &header(&json!({ "kid": "two" })), &claims), "no key fits"),
        (by_key(KEY, &header(&json!({ "crit": ["x"], "x": 1 })), &claims), "never taken"),
        (by_key(KEY, &header(&json!({ "typ": "at+jwt" })), &claims), "never taken"),
    ] {
        let told = check(&token).unwrap_err();
        assert!(told.contains(why), "{told} for {why}");
    }
    // Where a token says that its key is, nobody looks.
    let elsewhere =
        header(&json!({ "jku": "https://evil.example.com/keys", "x5u": "https://evil.example.com" }));
    assert_eq!(check(&by_key(FOREIGN_KEY, &elsewhere, &claims)).unwrap_err(), "no key fits");
}

// S-H2
#[test]
fn s_h2_a_claim_that_comes_twice_is_never_read_as_the_second() {
    let twice = good().to_string().replacen("\"sub\":", "\"sub\":\"root\",\"sub\":", 1);
    assert_eq!(
        check(&by_key(KEY, &json!({ "alg": "EdDSA", "kid": "one" }), &twice)).unwrap_err(),
        "unreadable"
    );
}
