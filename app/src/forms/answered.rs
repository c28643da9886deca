//! A form post whose answer is shown by the page, once: a token that was made. Nothing of it goes through the URL or
//! is kept on the server; loading the page again would post the form again, which browsers ask about first.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::wire::{Wire, read};

/// Header by which a server function says that its answer is to be shown.
#[cfg(feature = "ssr")]
pub(super) const SHOWN: &str = "x-shown";

/// A form post that was done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredForm {
    /// The server function, by the last part of its path.
    pub form: String,
    /// What it answered.
    pub answer: String,
}

/// The form post that this page answers, if it answers one.
#[derive(Clone, Copy)]
pub struct Answered(StoredValue<Option<AnsweredForm>>);

impl Answered {
    /// What the form named was answered, if that is the one.
    pub fn of<T: DeserializeOwned>(self, form: &str) -> Option<T> {
        self.0.with_value(|answered| {
            let answered = answered.as_ref().filter(|answered| answered.form == form)?;
            read(answered.answer.as_bytes()).ok()
        })
    }

    /// Forgets it: the page went on.
    pub fn forget(self) {
        self.0.set_value(None);
    }
}

/// Takes the answer from the server's context; in the browser from the page the server made.
pub(crate) fn provide() -> Answered {
    let answered = SharedValue::<_, Wire>::new_with_encoding(use_context::<AnsweredForm>).into_inner();
    let answered = Answered(StoredValue::new(answered));
    provide_context(answered);
    answered
}

/// Of the post being answered: its answer is shown by the page.
#[cfg(feature = "ssr")]
pub(crate) fn show() {
    use axum::http::{HeaderName, HeaderValue};

    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.insert_header(HeaderName::from_static(SHOWN), HeaderValue::from_static("1"));
    }
}
