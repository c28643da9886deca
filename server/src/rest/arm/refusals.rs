//! What every operation may be answered with besides its own answers.

use utoipa::IntoResponses;

use crate::rest::error::ErrorResponse;

/// Answers that any operation may give.
#[derive(IntoResponses)]
pub enum Refusals {
    /// The address, a header or the body breaks a rule; every fault is in `details`.
    #[response(status = 400)]
    Invalid(ErrorResponse),
    /// No token, or one that is over.
    #[response(status = 401)]
    Unauthenticated(ErrorResponse),
    /// The token's owner may see this but not do it.
    #[response(status = 403)]
    Denied(ErrorResponse),
    /// It does not exist, or the token's owner may not know of it.
    #[response(status = 404)]
    Missing(ErrorResponse),
    /// The path knows no such method.
    #[response(status = 405)]
    Method(ErrorResponse),
    /// Something else is in the way: `Conflict`, or `QuotaExceeded` when a quota of the resource group leaves no room, which
    /// owners of the subscription can raise. A sync that was asked for is kept all the same and begins when it is allowed.
    #[response(status = 409)]
    Conflict(ErrorResponse),
    /// It was changed since it was read.
    #[response(status = 412)]
    Stale(ErrorResponse),
    /// The body is larger than any that means something.
    #[response(status = 413)]
    TooLarge(ErrorResponse),
    /// The body is not `application/json`.
    #[response(status = 415)]
    MediaType(ErrorResponse),
    /// Too much at once; try later.
    #[response(status = 429)]
    Busy(ErrorResponse),
    /// Something inside failed; the message has an id for the log.
    #[response(status = 500)]
    Internal(ErrorResponse),
    /// It took too long.
    #[response(status = 503)]
    Unavailable(ErrorResponse),
}
