//! A field: label, hint, violation and input, tied together by one context.

use catalogue::{field_label, rule_sentence};
use domain::violation::{self, Violations};
use leptos::html;
use leptos::prelude::*;

use super::FormState;
use super::raw_text::raw_text;
use crate::preferences::use_locale;

/// What the input inside a [`Field`] needs to know of it.
#[derive(Clone, Copy)]
pub(super) struct FieldState {
    pub(super) input: &'static str,
    faults: Memo<Vec<String>>,
    hinted: bool,
}

impl FieldState {
    pub(super) fn described_by(self) -> Option<String> {
        let mut ids = Vec::new();
        if self.hinted {
            ids.push(format!("{}-hint", self.input));
        }
        if !self.faults.with(Vec::is_empty) {
            ids.push(format!("{}-violation", self.input));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub(super) fn invalid(self) -> Option<&'static str> {
        (!self.faults.with(Vec::is_empty)).then_some("true")
    }
}

/// The field that an input of another file is inside of.
pub(super) fn described() -> FieldState {
    expect_context()
}

/// A labelled field of a form; the input goes inside.
#[component]
pub fn Field(
    /// Which; label, name and id follow from it.
    field: violation::Field,
    /// One line on what it is for.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Instead of the label that it has everywhere else.
    #[prop(optional)]
    label: Option<&'static str>,
    /// The input.
    children: Children,
) -> impl IntoView {
    let locale = use_locale();
    let input = field.input();
    let form = expect_context::<FormState>();
    let faults = Memo::new(move |_| {
        let sentences = |all: &Violations| all.of(field).map(|rule| rule_sentence(locale, rule)).collect();
        form.violations.with(sentences)
    });
    provide_context(FieldState { input, faults, hinted: hint.is_some() });
    view! {
        <div class="field" class:field--invalid=move || !faults.with(Vec::is_empty)>
            <label class="field__label" for=input>{label.unwrap_or_else(|| field_label(locale, field))}</label>
            {children()}
            {hint.map(|hint| view! { <p class="field__hint" id=format!("{input}-hint")>{move || hint.get()}</p> })}
            <Faults input=input faults=faults/>
        </div>
    }
}

#[component]
fn Faults(input: &'static str, faults: Memo<Vec<String>>) -> impl IntoView {
    view! {
        <div class="field__violation" id=format!("{input}-violation") aria-live="polite">
            {move || faults.get().into_iter().map(|words| view! { <p>{words}</p> }).collect_view()}
        </div>
    }
}

/// One line of text.
#[component]
pub fn TextInput(
    /// `text`, `password`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What applies when it stays empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether it is code: mono.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let field = expect_context::<FieldState>();
    let form = expect_context::<FormState>();
    let name = field.input;
    let element = NodeRef::<html::Input>::new();
    let begun = StoredValue::new(untrack(|| form.value.run(name)));
    Effect::new(move |met: Option<bool>| {
        let wanted = form.value.run(name);
        let met = met.unwrap_or_default();
        let Some(element) = element.get() else { return met };
        in_step(
            (!met).then(|| begun.get_value()),
            &element.value(),
            &wanted,
            |value| element.set_value(value),
            |value| {
                form.typed.run((name, value));
            },
        );
        true
    });
    view! {
        <input
            class="input"
            class:input--mono=mono
            id=name
            name=name
            type=kind
            autocomplete=autocomplete
            autocapitalize="none"
            spellcheck="false"
            placeholder=placeholder
            value=untrack(|| form.value.run(name))
            aria-invalid=move || field.invalid()
            aria-describedby=move || field.described_by()
            node_ref=element
            on:input=move |event| form.typed.run((name, event_target_value(&event)))
            on:blur=move |_| form.left.run(name)
        />
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Lines shown.
    rows: u32,
    /// What applies when it stays empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// The element, when the page fills it itself.
    #[prop(optional)]
    node_ref: NodeRef<html::Textarea>,
) -> impl IntoView {
    let field = expect_context::<FieldState>();
    let form = expect_context::<FormState>();
    let name = field.input;
    let begun = StoredValue::new(untrack(|| form.value.run(name)));
    Effect::new(move |met: Option<bool>| {
        let wanted = form.value.run(name);
        let met = met.unwrap_or_default();
        let Some(element) = node_ref.get() else { return met };
        in_step(
            (!met).then(|| begun.get_value()),
            &element.value(),
            &wanted,
            |value| element.set_value(value),
            |value| {
                form.typed.run((name, value));
            },
        );
        true
    });
    view! {
        <textarea
            class="input input--area input--mono"
            id=name
            name=name
            rows=rows
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            placeholder=placeholder
            aria-invalid=move || field.invalid()
            aria-describedby=move || field.described_by()
            node_ref=node_ref
            on:input=move |event| form.typed.run((name, event_target_value(&event)))
            on:blur=move |_| form.left.run(name)
        >
            {raw_text(untrack(|| form.value.run(name)))}
        </textarea>
    }
}

/// A box to check; `true` when checked, empty when not.
#[component]
pub fn CheckBox(
    /// Its name and id.
    name: &'static str,
    /// What being checked means.
    #[prop(into)]
    label: String,
    /// One line on what follows from it.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let element = NodeRef::<html::Input>::new();
    let checked = move || !form.value.run(name).is_empty();
    let word = |checked: bool| if checked { "true" } else { "" }.to_owned();
    let begun = StoredValue::new(word(untrack(checked)));
    Effect::new(move |met: Option<bool>| {
        let wanted = word(checked());
        let met = met.unwrap_or_default();
        let Some(element) = element.get() else { return met };
        let set = |value: &str| element.set_checked(!value.is_empty());
        let begun = (!met).then(|| begun.get_value());
        in_step(begun, &word(element.checked()), &wanted, set, |value| {
            form.typed.run((name, value));
        });
        true
    });
    let described_by = hint.is_some().then(|| format!("{name}-hint"));
    view! {
        <div class="check">
            <input
                class="check__box"
                type="checkbox"
                id=name
                name=name
                value="true"
                checked=untrack(checked)
                aria-describedby=described_by
                node_ref=element
                on:change=move |event| form.typed.run((name, word(event_target_checked(&event))))
            />
            <label class="check__label" for=name>{label}</label>
            {hint.map(|hint| view! { <p class="check__hint" id=format!("{name}-hint")>{hint}</p> })}
        </div>
    }
}

/// Keeps an input and its value in step. What was typed before the page came alive counts: that is when the input is
/// met first and shows something else than it was `begun` with. Otherwise the value decides, which may follow from
/// another input by then, and an input that shows it already is not touched, so that the cursor stays where it is.
fn in_step(
    begun: Option<String>,
    shown: &str,
    wanted: &str,
    show: impl FnOnce(&str),
    typed: impl FnOnce(String),
) {
    if shown == wanted {
        return;
    }
    if begun.is_some_and(|begun| begun != shown) {
        typed(shown.to_owned());
    } else {
        show(wanted);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn an_input_nobody_has_touched_follows_the_others_even_when_it_is_met_first() {
        let done = RefCell::new(Vec::new());
        let step = |begun: Option<&str>, shown: &str, wanted: &str| {
            let show = |value: &str| done.borrow_mut().push(format!("show {value}"));
            let typed = |value: String| done.borrow_mut().push(format!("typed {value}"));
            in_step(begun.map(str::to_owned), shown, wanted, show, typed);
        };
        step(Some("--git-poll"), "--git-poll", "--git-poll --sync-garbage-collection");
        step(Some(""), "typed early", "");
        step(None, "anything", "wanted");
        step(Some(""), "same", "same");
        let expected = ["show --git-poll --sync-garbage-collection", "typed typed early", "show wanted"];
        assert_eq!(done.into_inner(), expected);
    }
}
