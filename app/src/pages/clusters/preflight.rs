//! What a kubeconfig may do, as a checklist, with the rights that are missing as YAML to copy.

use catalogue::{permission_label, text};
use domain::cluster::{CheckOutcome, Preflight, PreflightItem};
use leptos::prelude::*;

use crate::components::{CopyBlock, OutcomeMark, Sentence, Tone};
use crate::preferences::use_locale;

/// The result of a preflight.
#[component]
pub fn PreflightList(
    /// The result.
    preflight: Preflight,
) -> impl IntoView {
    let locale = use_locale();
    let passed = preflight.passed();
    let complete = preflight.items.iter().all(|item| item.outcome == CheckOutcome::Passed);
    let (words, tone) = match (passed, complete) {
        (true, true) => (text::preflight_passed(locale), Tone::Good),
        (true, false) => (text::preflight_less(locale), Tone::Wait),
        (false, _) => (text::preflight_failed(locale), Tone::Bad),
    };
    let facts = preflight.facts.map(|facts| {
        let nodes = text::preflight_facts(
            locale,
            &facts.kubernetes_version,
            &facts.distribution,
            facts.node_count,
            &facts.core_count.to_string(),
        );
        view! { <p class="checklist__facts">{nodes}</p> }
    });
    let missing = preflight.missing_rbac.map(|yaml| {
        view! {
            <p>{text::preflight_missing(locale)}</p>
            <CopyBlock label=text::preflight_missing_label(locale) content=yaml/>
        }
    });
    view! {
        <div class="checklist">
            <Sentence words=words.to_owned() tone=tone/>
            {facts}
            <ul class="checklist__list">
                {preflight.items.into_iter().map(|item| view! { <Item item=item/> }).collect_view()}
            </ul>
            {missing}
        </div>
    }
}

#[component]
fn Item(item: PreflightItem) -> impl IntoView {
    let locale = use_locale();
    let PreflightItem { permission, outcome } = item;
    let detail = match &outcome {
        CheckOutcome::Failed { detail } if !detail.is_empty() => Some(detail.clone()),
        _ => None,
    };
    view! {
        <li class="checklist__item">
            <span class="checklist__outcome"><OutcomeMark outcome=outcome/></span>
            <span class="checklist__words">{permission_label(locale, permission)}</span>
            {detail.map(|detail| view! { <pre class="checklist__detail" tabindex="0">{detail}</pre> })}
        </li>
    }
}
