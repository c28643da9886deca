//! What there is not.

use catalogue::text;
use leptos::prelude::*;

use crate::components::PlainPage;
use crate::preferences::use_locale;
use crate::routes;

/// Answers every path that is none of ours.
#[component]
pub fn NotFound() -> impl IntoView {
    let locale = use_locale();
    #[cfg(feature = "ssr")]
    crate::context::set_status(axum::http::StatusCode::NOT_FOUND);
    view! {
        <PlainPage title=text::not_found_title(locale)>
            <p>{text::not_found_words(locale)}</p>
            <p><a class="link" href=routes::CLUSTERS>{text::failure_home(locale)}</a></p>
        </PlainPage>
    }
}
