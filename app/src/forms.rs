//! Forms of a browser without scripts.
//!
//! Every form posts to the page it is on and names its server function in a hidden field. The answer is a
//! redirect to where the work goes on, or the same page again with everything that was typed and what is wrong
//! with it: nothing goes through the URL, nothing is kept on the server. With scripts the same server functions
//! are called in place.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::WireError;
use crate::wire::Wire;

mod answered;
#[cfg(feature = "ssr")]
mod post;
pub(crate) use answered::provide as provide_answered;
#[cfg(feature = "ssr")]
pub(crate) use answered::show as show_answer;
pub use answered::{Answered, AnsweredForm};
#[cfg(feature = "ssr")]
pub use post::answer;

/// The hidden field that names the server function.
pub const FORM: &str = "_form";

/// Fields that are never sent back to a page.
pub const SECRET_FIELDS: [&str; 7] = [
    "password",
    "password_again",
    "present_password",
    "kubeconfig",
    "https_user",
    "https_key",
    "ssh_private_key",
];

/// A form post that was refused: what the page that comes back shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedForm {
    /// The server function, by the last part of its path.
    pub form: String,
    /// What was typed, without secrets.
    pub fields: Vec<(String, String)>,
    /// Why.
    pub error: WireError,
}

/// The refused form post that this page answers, if it answers one.
#[derive(Clone, Copy)]
pub struct Refused(StoredValue<Option<RefusedForm>>);

impl Refused {
    /// The post of the form named, if that is the one.
    pub fn of(self, form: &str) -> Option<RefusedForm> {
        self.0.with_value(|refused| refused.clone().filter(|refused| refused.form == form))
    }

    /// Forgets it: the page went on.
    pub fn forget(self) {
        self.0.set_value(None);
    }
}

/// Takes the refused post from the server's context; in the browser from the page the server made.
pub(crate) fn provide() -> Refused {
    let refused = SharedValue::<_, Wire>::new_with_encoding(use_context::<RefusedForm>).into_inner();
    let refused = Refused(StoredValue::new(refused));
    provide_context(refused);
    refused
}
