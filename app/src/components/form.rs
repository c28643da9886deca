//! Forms that work without scripts and are answered in place with them.

use catalogue::{field_label, rule_sentence, text};
use domain::violation::{Field, Rule, Violations};
use leptos::ev::SubmitEvent;
use leptos::form::FromFormData;
use leptos::html;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use server_fn::ServerFn;

use super::{Glyph, Icon};
use crate::error::WireError;
use crate::forms::{FORM, Refused};
use crate::preferences::use_locale;

/// The name of a server function in forms: the last part of its path.
pub fn form_name<Call: ServerFn>() -> &'static str {
    Call::PATH.rsplit('/').next().unwrap_or(Call::PATH)
}

/// Why the last call was refused, whether a script made it or the form was posted; `None` while it was not.
pub fn use_outcome<Call>(action: ServerAction<Call>) -> Signal<Option<WireError>>
where
    Call: ServerFn<Error = WireError> + Clone + Send + Sync + 'static,
    Call::Output: Clone + Send + Sync + 'static,
{
    let posted = expect_context::<Refused>().of(form_name::<Call>()).map(|refused| refused.error);
    // Leptos takes what became of a call from the page's address too, where anybody may have written it.
    if action.version().get_untracked() == 0 && action.value().with_untracked(Option::is_some) {
        action.value().set(None);
    }
    Signal::derive(move || match action.value().get() {
        Some(answer) => answer.err(),
        None => posted.clone(),
    })
}

/// What the inputs of a form share: where their values come from and go to, and what is wrong with them.
#[derive(Clone, Copy)]
pub struct FormState {
    /// The value of an input, by its name.
    pub value: Callback<&'static str, String>,
    /// A value was typed into an input.
    pub typed: Callback<(&'static str, String)>,
    /// An input was left.
    pub left: Callback<&'static str>,
    /// What is wrong, as far as it is to be shown.
    pub violations: Signal<Violations>,
}

impl FormState {
    /// Of a form that keeps nothing while it is typed into: begins with `initial`, or with what was posted.
    pub fn plain(
        form: &'static str,
        outcome: Signal<Option<WireError>>,
        initial: Vec<(&'static str, String)>,
    ) -> Self {
        let posted = expect_context::<Refused>().of(form).map(|refused| refused.fields);
        let initial =
            StoredValue::new(posted.unwrap_or_else(|| {
                initial.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }));
        let value = move |name: &'static str| {
            initial.with_value(|fields| {
                fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
            })
        };
        Self {
            value: Callback::new(move |name| value(name).unwrap_or_default()),
            typed: Callback::new(|_| {}),
            left: Callback::new(|_| {}),
            violations: violations_of(outcome),
        }
    }

    /// Puts it into the context of the inputs below.
    pub fn provide(self) {
        provide_context(self);
    }
}

/// The faults among what a call was refused for.
pub fn violations_of(outcome: Signal<Option<WireError>>) -> Signal<Violations> {
    Signal::derive(move || {
        outcome.with(|error| error.as_ref().and_then(WireError::violations).cloned()).unwrap_or_default()
    })
}

/// A form that a script answers in place; without scripts it is posted to the page.
#[component]
pub fn CallForm<Call>(
    /// What it calls.
    action: ServerAction<Call>,
    /// Classes of the form.
    #[prop(optional, into)]
    class: String,
    /// Name of the form for assistive technology.
    #[prop(optional, into)]
    label: Option<String>,
    /// Inputs and buttons.
    children: Children,
) -> impl IntoView
where
    Call: ServerFn<Error = WireError> + DeserializeOwned + Clone + Send + Sync + 'static,
    Call::Output: Clone + Send + Sync + 'static,
{
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if action.pending().get_untracked() {
            return;
        }
        match Call::from_event(&event) {
            Ok(call) => drop(action.dispatch(call)),
            Err(_) => action.value().set(Some(Err(WireError::Malformed))),
        }
    };
    Effect::new(move |_| {
        let signed_out =
            action.value().with(|answer| matches!(answer, Some(Err(error)) if error.is_unauthenticated()));
        if signed_out {
            leave_for_sign_in();
        }
    });
    view! {
        <form class=class aria-label=label method="post" novalidate on:submit=submit>
            <input type="hidden" name=FORM value={form_name::<Call>()}/>
            {children()}
        </form>
    }
}

/// A form that is always posted: what it does needs a new page anyway.
#[component]
pub fn NativeForm(
    /// The server function, see [`form_name`].
    form: &'static str,
    /// Classes of the form.
    #[prop(optional, into)]
    class: String,
    /// Name of the form for assistive technology.
    #[prop(optional, into)]
    label: Option<String>,
    /// Inputs and buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <form class=class aria-label=label method="post" novalidate>
            <input type="hidden" name=FORM value=form/>
            {children()}
        </form>
    }
}

/// The button that sends a form.
#[component]
pub fn Submit(
    /// Names the act.
    #[prop(into)]
    label: String,
    /// While the call is under way.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// `primary`, `plain` or `danger`.
    #[prop(default = "primary")]
    look: &'static str,
    /// Shown before the label.
    #[prop(optional, into)]
    glyph: Option<Glyph>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class=format!("button button--{look}")
            aria-disabled=move || pending.get().then_some("true")
        >
            {glyph.map(|glyph| view! { <Icon glyph=glyph/> })}
            <span>{label}</span>
        </button>
    }
}

/// Above a refused form: what is wrong, each fault with a link to its field.
#[component]
pub fn Summary(
    /// Why the form was refused.
    outcome: Signal<Option<WireError>>,
) -> impl IntoView {
    let locale = use_locale();
    let element = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<bool>| {
        let refused = outcome.with(Option::is_some);
        if refused
            && before.is_some()
            && let Some(element) = element.get()
        {
            drop(element.focus());
        }
        refused
    });
    let line = move |field: Field, rule: &Rule| {
        view! {
            <li>
                <a href=format!("#{}", field.input()) rel="external">
                    {text::summary_line(locale, field_label(locale, field), &rule_sentence(locale, rule))}
                </a>
            </li>
        }
    };
    let content = move || {
        outcome.get().map(|error| {
            let lines: Vec<_> = error
                .violations()
                .map(|violations| violations.0.iter().map(|fault| line(fault.field, &fault.rule)).collect())
                .unwrap_or_default();
            view! {
                <Icon glyph=Glyph::Alert/>
                <div class="summary__words">
                    <p>{error.sentence(locale)}</p>
                    {(!lines.is_empty()).then(|| view! { <ul class="summary__list">{lines}</ul> })}
                </div>
            }
        })
    };
    view! {
        <div
            class="summary"
            class:summary--shown=move || outcome.with(Option::is_some)
            // Not by the stylesheet alone, which may come later than the page.
            hidden=move || outcome.with(Option::is_none)
            role="alert"
            tabindex="-1"
            node_ref=element
        >
            {content}
        </div>
    }
}

fn leave_for_sign_in() {
    let location = window().location();
    let page = location.pathname().unwrap_or_default();
    drop(location.set_href(&crate::embedding::sign_in_from(&page)));
}
