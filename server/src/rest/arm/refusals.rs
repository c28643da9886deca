//! What every operation may be answered with besides its own answers.

use utoipa::IntoResponses;

use crate::rest::error::ErrorResponse;

/// Answers that any operation may give.
#[derive(IntoResponses)]
pub enum Refusals {
    /// The address, a header or the body breaks a rule; every fault is in `details`.
    #[response(status = 400)]
    Invalid(#[to_schema] ErrorResponse),
    /// No token, or one that is over.
    #[response(status = 401)]
    Unauthenticated(#[to_schema] ErrorResponse),
    /// The token's owner may see this but not do it.
    #[response(status = 403)]
    Denied(#[to_schema] ErrorResponse),
    /// It does not exist, or the token's owner may not know of it.
    #[response(status = 404)]
    Missing(#[to_schema] ErrorResponse),
    /// The path knows no such method.
    #[response(status = 405)]
    Method(#[to_schema] ErrorResponse),
    /// Something else is in the way.
    #[response(status = 409)]
    Conflict(#[to_schema] ErrorResponse),
    /// It was changed since it was read.
    #[response(status = 412)]
    Stale(#[to_schema] ErrorResponse),
    /// The body is larger than any that means something.
    #[response(status = 413)]
    TooLarge(#[to_schema] ErrorResponse),
    /// The body is not `application/json`.
    #[response(status = 415)]
    MediaType(#[to_schema] ErrorResponse),
    /// Too much at once; try later.
    #[response(status = 429)]
    Busy(#[to_schema] ErrorResponse),
    /// Something inside failed; the message has an id for the log.
    #[response(status = 500)]
    Internal(#[to_schema] ErrorResponse),
    /// It took too long.
    #[response(status = 503)]
    Unavailable(#[to_schema] ErrorResponse),
}
