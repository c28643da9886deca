//! The checks of an identity token that the library leaves to us, and its own with our bounds.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use domain::clock::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, Client, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, IdTokenVerifier, Nonce,
    OAuth2TokenResponse, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Fault;
use crate::metadata::Metadata;

/// What signatures are taken, whatever else a provider announces: none without a key pair (no `none`, no HS*), and of
/// those the ones that the library verifies.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Clocks of two machines differ by no more, in milliseconds.
const SKEW: i64 = 60 * 1000;

/// Claims beside the standard ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Claims(HashMap<String, Value>);

impl AdditionalClaims for Claims {}

/// What the code was exchanged for.
pub(crate) type Tokens = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// We, towards a provider whose description is known.
pub(crate) type RelyingParty = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A token that did not pass.
pub(crate) enum Failed {
    /// No key fits: the provider may have new ones.
    Key,
    /// Anything else.
    For(Fault),
}

/// The claims of the identity token, once everything was checked; `sub` is among them.
pub(crate) fn verified(
    party: &RelyingParty,
    metadata: &Metadata,
    tokens: &Tokens,
    nonce: &str,
    now: Timestamp,
) -> Result<Map<String, Value>, Failed> {
    let refused = |why: &str| Failed::For(Fault::refused(why));
    let token = tokens.id_token().ok_or_else(|| refused("the provider sent no identity token"))?;
    let verifier = verifier(party, metadata, now);
    let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(failed)?;
    same_access_token(&verifier, tokens, claims)?;
    let Ok(Value::Object(claims)) = serde_json::to_value(claims) else {
        return Err(refused("the claims of the identity token cannot be read"));
    };
    // The library leaves these to its caller (OpenID Connect Core 3.1.3.7, RFC 7519 4.1.5).
    if claims.get("azp").is_some_and(|party_named| party_named.as_str() != Some(party.client_id().as_str())) {
        return Err(refused("the identity token was made for another party"));
    }
    if let Some(not_before) = claims.get("nbf") {
        let begun = not_before.as_i64().is_some_and(|seconds| is_past(seconds, now));
        if !begun {
            return Err(refused("the identity token is not valid yet"));
        }
    }
    Ok(claims)
}

fn verifier<'a>(
    party: &'a RelyingParty,
    metadata: &Metadata,
    now: Timestamp,
) -> IdTokenVerifier<'a, CoreJsonWebKey> {
    let announced = metadata.id_token_signing_alg_values_supported();
    let taken = SIGNATURES.into_iter().filter(|signature| announced.contains(signature));
    let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or_default());
    party
        .id_token_verifier()
        .set_allowed_algs(taken)
        .set_time_fn(move || moment.into())
        .set_issue_time_verifier_fn(move |issued| {
            if is_past(issued.timestamp(), now) { Ok(()) } else { Err("issued in the future".to_owned()) }
        })
}

/// Whether a time in seconds is over, by clocks that differ a little.
fn is_past(seconds: i64, now: Timestamp) -> bool {
    seconds.saturating_mul(1000) <= now.0.saturating_add(SKEW)
}

/// The access token, with which we ask for more, came with this identity token (OpenID Connect Core 3.1.3.8).
fn same_access_token(
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
    tokens: &Tokens,
    claims: &IdTokenClaims<Claims, CoreGenderClaim>,
) -> Result<(), Failed> {
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let refused = || Failed::For(Fault::refused("the access token does not belong to the identity token"));
    let token = tokens.id_token().ok_or_else(refused)?;
    let algorithm = token.signing_alg().map_err(|_| refused())?;
    let key = token.signing_key(verifier).map_err(|_| refused())?;
    let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(|_| refused())?;
    if actual == *expected { Ok(()) } else { Err(refused()) }
}

/// What the library says contains values of the token; we say which check it was.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
fn failed(error: ClaimsVerificationError) -> Failed {
    let why = match error {
        ClaimsVerificationError::Expired(_) => "the identity token has expired or was issued in the future",
        ClaimsVerificationError::InvalidAudience(_) => "the identity token was made for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "the identity token was made by another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the identity token was made for another sign-in",
        ClaimsVerificationError::InvalidSubject(_) => "the identity token has no subject",
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        ) => return Failed::Key,
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::DisallowedAlg(_)) => {
            "the identity token is signed in a way that is never taken"
        }
        ClaimsVerificationError::SignatureVerification(_) => {
            "the signature of the identity token is not right"
        }
        _ => "the identity token is of a kind that is never taken",
    };
    Failed::For(Fault::refused(why))
}

#[cfg(test)]
mod tests;
