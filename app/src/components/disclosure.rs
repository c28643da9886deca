//! Something that is opened on demand; works without scripts.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// A line that opens what is below it.
#[component]
pub fn Disclosure(
    /// The line.
    #[prop(into)]
    label: String,
    /// Whether it is open at first.
    #[prop(optional)]
    open: bool,
    /// What it opens.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=open>
            <summary class="disclosure__line">
                <Icon glyph=Glyph::Chevron/>
                <span>{label}</span>
            </summary>
            <div class="disclosure__content">{children()}</div>
        </details>
    }
}
