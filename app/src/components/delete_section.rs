//! The end of a page about a thing: what happens when it is deleted, and the button behind one more step.

use catalogue::text;
use leptos::prelude::*;

use super::{Disclosure, Summary};
use crate::error::WireError;
use crate::preferences::use_locale;

/// Says what happens first; the form that does it goes inside.
#[component]
pub fn DeleteSection(
    /// What goes, and what stays.
    words: &'static str,
    /// Why the last try was refused; then the form is open.
    outcome: Signal<Option<WireError>>,
    /// The form, with the button that names the act.
    children: Children,
) -> impl IntoView {
    let locale = use_locale();
    let refused = outcome.with_untracked(Option::is_some);
    let title = text::delete_title(locale);
    view! {
        <section class="section" aria-labelledby="delete">
            <h2 class="section__title" id="delete">{title}</h2>
            <p>{words}</p>
            <Disclosure label=title open=refused>
                <Summary outcome=outcome/>
                {children()}
            </Disclosure>
        </section>
    }
}
