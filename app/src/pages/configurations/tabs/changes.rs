//! What the last sync that changed something did.

use catalogue::{action_label, object_reason_sentence, text};
use domain::change::{Action, Change};
use domain::service::ChangeSetView;
use leptos::prelude::*;

use crate::components::AbsoluteTime;
use crate::pages::configurations::list::short;
use crate::pages::configurations::pane::Fetched;
use crate::preferences::use_locale;

/// What belongs together: refused things first, since they want something.
const GROUPS: [Group; 5] = [
    Group::Refused,
    Group::Done(Action::Create),
    Group::Done(Action::Configure),
    Group::Done(Action::Delete),
    Group::Done(Action::Skip),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Refused,
    Done(Action),
}

impl Group {
    fn of(change: &Change) -> Self {
        if change.refused() { Self::Refused } else { Self::Done(change.action) }
    }
}

/// Grouped by what was done.
#[component]
pub fn Changes(fetched: Fetched) -> impl IntoView {
    let locale = use_locale();
    let last = Memo::new(move |_| fetched.0.with(|detail| detail.last_change_set.clone()));
    move || match last.get() {
        None => view! { <p class="nothing">{text::changes_none(locale)}</p> }.into_any(),
        Some(set) => view! { <Set set=set/> }.into_any(),
    }
}

#[component]
fn Set(set: ChangeSetView) -> impl IntoView {
    let locale = use_locale();
    let ChangeSetView { id: _, revision, ended_at, changes } = set;
    let groups =
        GROUPS
            .into_iter()
            .filter_map(|group| {
                let items: Vec<Change> =
                    changes.iter().filter(|change| Group::of(change) == group).cloned().collect();
                let label = match group {
                    Group::Refused => text::changes_refused(locale),
                    Group::Done(action) => action_label(locale, action),
                };
                (!items.is_empty()).then(|| view! {
                <section class="tree__group">
                    <h3 class="tree__title">{label}</h3>
                    <ul class="tree__list">
                        {items.into_iter().map(|change| view! { <Item change=change/> }).collect_view()}
                    </ul>
                </section>
            })
            })
            .collect_view();
    view! {
        <p class="meta">
            <AbsoluteTime moment=ended_at/>
            " "
            {revision.map(|revision| view! { <span class="mono">{short(&revision).to_owned()}</span> })}
        </p>
        <div class="tree">{groups}</div>
    }
}

#[component]
fn Item(change: Change) -> impl IntoView {
    let locale = use_locale();
    let Change { object, action: _, place, reason, detail } = change;
    let namespace = object.namespace.clone().map(|namespace| format!("{namespace}/"));
    view! {
        <li class="tree__item">
            <span class="tree__kind">{object.kind}</span>
            <span class="tree__name mono">{namespace}{object.name}</span>
            <span class="tree__place mono">{place}</span>
            {reason.map(|reason| view! { <p class="tree__words">{object_reason_sentence(locale, &reason)}</p> })}
            {detail.map(|detail| view! { <pre class="tree__detail" tabindex="0">{detail}</pre> })}
        </li>
    }
}
