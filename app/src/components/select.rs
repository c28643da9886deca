//! A choice of one word from a list.

use leptos::html;
use leptos::prelude::*;

use super::FormState;
use super::field::described;

/// A list to choose from, inside a [`super::Field`].
#[component]
pub fn Select(
    /// Value and label of each, in the order shown.
    options: Vec<(String, String)>,
) -> impl IntoView {
    let described = described();
    let form = expect_context::<FormState>();
    let name = described.input;
    let element = NodeRef::<html::Select>::new();
    let chosen = untrack(|| form.value.run(name));
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect_view();
    view! {
        <select
            class="input"
            id=name
            name=name
            aria-invalid=move || described.invalid()
            aria-describedby=move || described.described_by()
            node_ref=element
            on:change=move |event| form.typed.run((name, event_target_value(&event)))
        >
            {options}
        </select>
    }
}
