//! From what went wrong inside to what a caller is told.

use domain::access::{Actor, Refusal};
use domain::service::{Conflict, ServiceError};
use domain::violation::{Field, Rule, Violations};
use storage::{StorageError, Taken};

use crate::bearer::NoRandomness;
use crate::password::PasswordError;

/// Logs what happened under an id, and tells the caller that id alone.
pub fn internal(what: &str, error: &dyn std::fmt::Display) -> ServiceError {
    let id = crate::bearer::new_secret()
        .map_or_else(|_| "unknown".to_owned(), |secret| secret.chars().take(12).collect());
    tracing::error!(error.id = %id, "{what}: {error} (error {id})");
    ServiceError::Internal { id }
}

/// What one may not see does not exist.
pub(crate) fn refused(refusal: Refusal) -> ServiceError {
    match refusal {
        Refusal::Hidden => ServiceError::NotFound,
        Refusal::Denied => ServiceError::Denied,
    }
}

/// What one owns oneself, as sessions and tokens, is not for those who look into a frame.
pub(crate) fn only_oneself(actor: &Actor) -> Result<(), ServiceError> {
    if actor.is_framed() { Err(ServiceError::Denied) } else { Ok(()) }
}

/// One fault of one field.
pub(crate) fn invalid(field: Field, rule: Rule) -> ServiceError {
    let mut violations = Violations::default();
    violations.push(field, rule);
    ServiceError::Invalid { violations }
}

/// A name that is in use already is a fault of the field it was typed into; anything else stays what it is.
pub(crate) fn name_taken(field: Field, name: &str) -> impl FnOnce(StorageError) -> ServiceError {
    move |error| match error {
        StorageError::Taken(_) => invalid(field, Rule::NameTaken { name: name.to_owned() }),
        other => stored(other),
    }
}

pub(crate) fn violated(violations: Violations) -> ServiceError {
    ServiceError::Invalid { violations }
}

/// The kinds of storage errors that every use case answers alike.
pub(crate) fn stored(error: StorageError) -> ServiceError {
    match error {
        StorageError::Stale => ServiceError::Stale,
        StorageError::Busy(_) => ServiceError::Busy,
        StorageError::QuotaExceeded(reached) => {
            ServiceError::Conflict { conflict: Conflict::QuotaExceeded { reached } }
        }
        StorageError::Taken(Taken::UserName) => {
            invalid(Field::UserName, Rule::NameTaken { name: String::new() })
        }
        other => internal("the database failed", &with_sources(&other)),
    }
}

/// An error with all that caused it, in one line.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// What hashing a password can end with.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
pub(crate) fn hashed(error: PasswordError) -> ServiceError {
    match error {
        PasswordError::Busy => ServiceError::Busy,
        PasswordError::Failed(_) => internal("a password could not be hashed", &error),
    }
}

/// What making a secret can end with.
#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` takes")]
pub(crate) fn random(error: NoRandomness) -> ServiceError {
    internal("no secret could be made", &error)
}
