//! What a machine said or wants to be told, verbatim, with a button that copies it.

use catalogue::text;
use leptos::html;
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::preferences::use_locale;

/// A block of code or of somebody else's words.
#[component]
pub fn CopyBlock(
    /// What it is, for the button and for assistive technology.
    #[prop(into)]
    label: String,
    /// The words.
    #[prop(into)]
    content: Signal<String>,
) -> impl IntoView {
    let locale = use_locale();
    let copied = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    // Without scripts, or over plain http, nothing could be copied: the button shows itself where it works.
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(window().is_secure_context()));
    let copy = move |_| {
        drop(window().navigator().clipboard().write_text(&content.get_untracked()));
        copied.set(true);
    };
    let words = move || if copied.get() { text::copy_done(locale) } else { text::copy(locale) };
    let name = label.clone();
    view! {
        <figure class="copy" aria-label=label>
            <pre class="copy__words" tabindex="0" role="region" aria-label=name>{move || content.get()}</pre>
            <button
                type="button"
                class="button button--plain copy__button"
                hidden=move || !alive.get()
                node_ref=button
                on:click=copy
                on:blur=move |_| copied.set(false)
            >
                <Icon glyph=Glyph::Copy/>
                <span aria-live="polite">{words}</span>
            </button>
        </figure>
    }
}
