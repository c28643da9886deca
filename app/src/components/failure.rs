//! What a page shows when it could not be made: what happened, what to do, an id to quote.

use catalogue::{field_label, rule_sentence, text};
use domain::violation::Violation;
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::error::WireError;
use crate::preferences::use_locale;
use crate::routes;

/// The failure of a page or of a part of it.
#[component]
pub fn Failure(
    /// Why.
    error: WireError,
) -> impl IntoView {
    let locale = use_locale();
    let title =
        if error.is_not_found() { text::not_found_title(locale) } else { text::failure_title(locale) };
    let faults = error.violations().map(|violations| {
        let lines = violations.0.iter().map(|Violation { field, rule }| {
            let words = text::summary_line(locale, field_label(locale, *field), &rule_sentence(locale, rule));
            view! { <li>{words}</li> }
        });
        view! { <ul class="summary__list">{lines.collect_view()}</ul> }
    });
    view! {
        <div class="failure" role="alert">
            <Icon glyph=Glyph::Alert/>
            <div class="failure__words">
                <h2 class="failure__title">{title}</h2>
                <p>{error.sentence(locale)}</p>
                {faults}
                <p><a class="link" href=routes::CLUSTERS>{text::failure_home(locale)}</a></p>
            </div>
        </div>
    }
}

/// Gives the answer of the server the status that fits a page that could not be made, and sends whoever is not
/// signed in to where one signs in.
pub fn use_failure_status(error: &WireError) {
    #[cfg(feature = "ssr")]
    if error.is_not_found() {
        crate::context::set_status(axum::http::StatusCode::NOT_FOUND);
    }
    if !error.is_unauthenticated() {
        return;
    }
    #[cfg(feature = "ssr")]
    crate::guard::to_sign_in();
    #[cfg(feature = "hydrate")]
    {
        let location = window().location();
        let page = location.pathname().unwrap_or_default();
        drop(location.set_href(&crate::embedding::sign_in_from(&page)));
    }
}
