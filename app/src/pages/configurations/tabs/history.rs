//! The syncs before, newest first.

use catalogue::{compliance_label, duration, reason_sentence, text};
use domain::service::HistoryRow;
use leptos::prelude::*;

use crate::components::AbsoluteTime;
use crate::pages::configurations::list::short;
use crate::pages::configurations::pane::Fetched;
use crate::preferences::use_locale;

/// By revision.
#[component]
pub fn History(fetched: Fetched) -> impl IntoView {
    let locale = use_locale();
    let history = Memo::new(move |_| fetched.0.with(|detail| detail.history.clone()));
    move || {
        let history = history.get();
        if history.is_empty() {
            return view! { <p class="nothing">{text::history_none(locale)}</p> }.into_any();
        }
        view! {
            <ol class="history">
                {history.into_iter().map(|row| view! { <Item row=row/> }).collect_view()}
            </ol>
        }
        .into_any()
    }
}

#[component]
fn Item(row: HistoryRow) -> impl IntoView {
    let locale = use_locale();
    let HistoryRow {
        id: _,
        revision,
        subject,
        compliance,
        reason,
        ended_at,
        duration_milliseconds,
        counts,
        resumed,
    } = row;
    let counts = text::history_counts(
        locale,
        &counts.created.to_string(),
        &counts.configured.to_string(),
        &counts.unchanged.to_string(),
        &counts.refused.to_string(),
    );
    view! {
        <li class="history__item">
            <p class="history__line">
                <strong>{compliance_label(locale, compliance)}</strong>
                " "
                {revision.map(|revision| view! { <span class="mono">{short(&revision).to_owned()}</span> })}
                " "
                {subject}
            </p>
            <p class="history__words">{reason_sentence(locale, &reason)}</p>
            {resumed.then(|| view! { <p class="history__words">{text::history_resumed(locale)}</p> })}
            <p class="meta">
                <AbsoluteTime moment=ended_at/>" · "{duration(locale, duration_milliseconds)}" · "{counts}
            </p>
        </li>
    }
}
