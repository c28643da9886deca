//! A choice between few things as cards, each saying what follows from it.

use leptos::html;
use leptos::prelude::*;

use super::FormState;

/// A card with a radio button; cards of one name are one choice.
#[component]
pub fn Choice(
    /// Name of the choice.
    name: &'static str,
    /// Value of this card.
    #[prop(into)]
    value: String,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What follows from it.
    #[prop(optional, into)]
    hint: String,
    /// Cannot be chosen; the hint or the children say why.
    #[prop(optional)]
    disabled: bool,
    /// More about it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let id = element_id(name, &value);
    let hint_id = format!("{id}-hint");
    let chosen = {
        let value = value.clone();
        Memo::new(move |_| form.value.run(name) == value)
    };
    let element = NodeRef::<html::Input>::new();
    let begun = chosen.get_untracked();
    Effect::new({
        let value = value.clone();
        move |met: Option<bool>| {
            let wanted = chosen.get();
            let met = met.unwrap_or_default();
            let Some(element) = element.get() else { return met };
            if met || element.checked() == begun {
                element.set_checked(wanted);
            } else if element.checked() && !wanted {
                // Chosen before the page came alive. The card that was chosen until then waits to be told so: checking
                // it again would undo the choice.
                form.typed.run((name, value.clone()));
            }
            true
        }
    });
    view! {
        <div class="choice" class:choice--disabled=disabled>
            <input
                class="choice__radio"
                type="radio"
                id=id.clone()
                name=name
                value=value.clone()
                checked=chosen.get_untracked()
                disabled=disabled
                aria-describedby=hint_id.clone()
                node_ref=element
                on:change=move |_| form.typed.run((name, value.clone()))
            />
            <label class="choice__label" for=id>{label}</label>
            <div class="choice__hint" id=hint_id>
                {(!hint.is_empty()).then(|| view! { <p>{hint}</p> })}
                {children.map(|children| children())}
            </div>
        </div>
    }
}

/// An id without spaces, whatever the value is: a context's name may be anything.
fn element_id(name: &str, value: &str) -> String {
    let mut id = format!("{name}-");
    for character in value.chars() {
        if character.is_ascii_alphanumeric() {
            id.push(character);
        } else {
            id.push_str("--");
            id.push_str(&u32::from(character).to_string());
        }
    }
    id
}
