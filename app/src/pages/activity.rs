//! The audit. `filter` is what is asked for.

pub mod filter;

use catalogue::{Locale, target_kind_label, text};
use domain::service::{ActivityChange, ActivityList, ActivityQuery, ActivityRow};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::filter::{ActivityFilter, activity_query};
use crate::components::{AbsoluteTime, Failure, PageHead, use_failure_status};
use crate::embedding::in_frame;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::activity::list_activity;
use crate::wire::resource;

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let locale = use_locale();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(activity_query));
    let list = resource(
        move || wanted.get(),
        |ActivityQuery { filter, outcome, from, to, before }| {
            list_activity(filter, outcome, from, to, before)
        },
    );
    let content = move || {
        Suspend::new(async move {
            match list.await {
                Ok(list) => view! { <Table list=list query=wanted.get_untracked()/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    let all = move || ActivityQuery { before: None, ..wanted.get() };
    view! {
        <PageHead title=text::activity_title(locale)/>
        <p class="lead">{text::activity_words(locale)}</p>
        <div class="commands">
            // A file is no part of what a frame may ask for.
            {(!in_frame()).then(|| view! {
                <a
                    class="button button--plain"
                    href=move || routes::activity(routes::ACTIVITY_FILE, &all())
                    rel="external"
                    download="activity.jsonl"
                >
                    {text::activity_export(locale)}
                </a>
            })}
            {move || view! { <ActivityFilter query=all()/> }}
        </div>
        <Transition>{content}</Transition>
    }
}

#[component]
fn Table(list: ActivityList, query: ActivityQuery) -> impl IntoView {
    let locale = use_locale();
    let ActivityList { entries, next, now: _ } = list;
    if entries.is_empty() {
        let words =
            if query.is_all() { text::activity_empty(locale) } else { text::activity_nothing(locale) };
        return view! { <p class="nothing">{words}</p> }.into_any();
    }
    let rows = entries.into_iter().map(|row| view! { <Row row=row/> }).collect_view();
    let older = next.map(|before| {
        let href = routes::activity(routes::ACTIVITY, &ActivityQuery { before: Some(before), ..query });
        view! { <p><a class="button button--plain" href=href>{text::activity_older(locale)}</a></p> }
    });
    view! {
        // Nothing in it can be focused, and yet it may be wider than the screen.
        <div class="table-frame" tabindex="0" role="region" aria-label=text::activity_title(locale)>
            <table class="table">
                <caption class="visually-hidden">{text::activity_title(locale)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::column_when(locale)}</th>
                        <th scope="col">{text::column_who(locale)}</th>
                        <th scope="col">{text::column_what(locale)}</th>
                        <th scope="col">{text::column_which(locale)}</th>
                        <th scope="col">{text::column_changes(locale)}</th>
                        <th scope="col">{text::column_from(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {older}
    }
    .into_any()
}

#[component]
fn Row(row: ActivityRow) -> impl IntoView {
    let locale = use_locale();
    let by = row.token.map(|name| {
        view! { <span class="table__means">{text::activity_by_token(locale, &name)}</span> }
    });
    let framed = row.parent.map(|parent| {
        view! { <span class="table__means">{text::activity_in_frame(locale, &parent)}</span> }
    });
    let kind = target_kind_label(locale, &row.target_kind).to_owned();
    // Nobody signed in: what was refused came from a foreign page, or with a credential of no worth.
    let who = if row.actor.is_empty() { text::activity_unknown(locale).to_owned() } else { row.actor };
    let refused =
        row.refused.then(|| view! { <span class="count count--bad">{text::activity_refused(locale)}</span> });
    let changes =
        row.changes.iter().map(|change| view! { <li>{changed(locale, change)}</li> }).collect_view();
    let request = row.request_id.map(|id| text::activity_request(locale).to_owned() + " " + &id);
    view! {
        <tr class="table__row">
            <td class="table__time"><AbsoluteTime moment=row.at/></td>
            <th scope="row" class="table__main">{who}" "{by}{framed}</th>
            <td class="table__state"><span class="mono" title=request>{row.action}</span>" "{refused}</td>
            <td class="table__where" title=row.target_id>{row.target}" "<span class="table__type">{kind}</span></td>
            <td class="table__wrap"><ul class="changes">{changes}</ul></td>
            <td class="mono">{row.address}</td>
        </tr>
    }
}

/// A value that was not there before is only told; the way to it in a body is what programs need.
fn changed(locale: Locale, change: &ActivityChange) -> String {
    let field = change.field.rsplit('.').next().unwrap_or(&change.field);
    match (&change.before, &change.after) {
        (None, None) => text::activity_set(locale, field),
        (None, Some(after)) => text::activity_new(locale, field, after),
        (Some(before), None) => text::activity_gone(locale, field, before),
        (Some(before), Some(after)) => text::activity_changed(locale, field, before, after),
    }
}
