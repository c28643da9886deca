//! The few facts about a thing, in two columns.

use leptos::oco::Oco;
use leptos::prelude::*;

/// The block of facts.
#[component]
pub fn Essentials(
    /// Each an [`Essential`].
    children: Children,
) -> impl IntoView {
    view! { <dl class="essentials">{children()}</dl> }
}

/// One fact.
#[component]
pub fn Essential(
    /// What it is.
    #[prop(into)]
    label: Oco<'static, str>,
    /// Whether its value is code: mono.
    #[prop(optional)]
    mono: bool,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="essentials__item">
            <dt class="essentials__label">{label}</dt>
            <dd class="essentials__value" class:essentials__value--mono=mono>{children()}</dd>
        </div>
    }
}
