//! The Helm releases of a configuration: all of them, or one with what helm says of it.

use catalogue::{release_action_label, text};
use domain::clock::Moment;
use domain::id::ConfigurationId;
use domain::release::ReleaseKey;
use domain::service::{OtherReleases, RELEASES_MAX, ReleaseChart, ReleaseDetail, ReleaseList, ReleaseRow};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::release::{Acts, Opened};
use crate::components::{EmptyState, Failure, RelativeTime, ReleaseMark};
use crate::error::WireError;
use crate::pages::configurations::pane::Fetched;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::releases::{get_release, list_other_releases, list_releases};
use crate::wire::{WireResource, resource};

/// `&release=NAMESPACE/NAME` opens one.
#[component]
pub fn Releases(fetched: Fetched) -> impl IntoView {
    let id = fetched.0.with_untracked(|detail| detail.row.id);
    let query = use_query_map();
    let opened =
        Memo::new(move |_| query.with(|query| query.get("release").as_deref().and_then(routes::release_of)));
    let acts = Acts::begin();
    // Whatever a release comes to is told with the version of its configuration.
    let version = Memo::new(move |_| fetched.0.with(|detail| detail.row.state.version));
    let list = resource(move || (version.get(), acts.asked()), move |_| list_releases(id));
    let changes = changes_of(list, opened);
    let detail = resource(
        move || (opened.get(), changes.get(), acts.asked()),
        move |(key, ..)| async move {
            match key {
                Some(ReleaseKey { namespace, name }) => get_release(id, namespace, name).await,
                None => Ok(None),
            }
        },
    );
    move || match opened.get() {
        None => view! { <All id=id list=list/><Others id=id/> }.into_any(),
        Some(_) => view! { <One id=id detail=detail acts=acts/> }.into_any(),
    }
}

/// Counts how often the release that is open has changed: helm is asked about that one, and not whenever another one
/// comes to something.
fn changes_of(
    list: WireResource<Result<ReleaseList, WireError>>,
    opened: Memo<Option<ReleaseKey>>,
) -> RwSignal<u32> {
    let changes = RwSignal::new(0_u32);
    Effect::new(move |before: Option<(Option<ReleaseKey>, Option<i64>)>| {
        let key = opened.get();
        let list = list.get();
        let rows = list.iter().flatten().flat_map(|list| &list.releases);
        let version = rows.into_iter().find(|row| Some(&row.key) == key.as_ref()).map(|row| row.version);
        let now = (key, version);
        if before.is_some_and(|before| before.0 == now.0 && before.1 != now.1) {
            changes.update(|changes| *changes = changes.wrapping_add(1));
        }
        now
    });
    changes
}

#[component]
fn All(id: ConfigurationId, list: WireResource<Result<ReleaseList, WireError>>) -> impl IntoView {
    let content = move || {
        Suspend::new(async move {
            match list.await {
                Ok(list) => view! { <List id=id list=list/> }.into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

/// What the cluster has besides: nobody here looks after it. It is asked for once, when the part is opened.
#[component]
fn Others(id: ConfigurationId) -> impl IntoView {
    let locale = use_locale();
    let others = resource(|| (), move |()| list_other_releases(id));
    let content = move || {
        Suspend::new(async move {
            // What is wrong is told by what stands above.
            let OtherReleases { keys, more } = others.await.unwrap_or_default();
            (!keys.is_empty()).then(|| {
                let keys = keys.into_iter().map(|key| view! { <li>{key.to_string()}</li> }).collect_view();
                view! {
                    <section class="releases__others">
                        <h3 class="release__title">{text::releases_others(locale)}</h3>
                        <p class="note">{text::releases_others_words(locale)}</p>
                        <ul class="releases__facts">{keys}</ul>
                        {more.then(|| view! { <p class="note">{text::releases_more(locale, RELEASES_MAX)}</p> })}
                    </section>
                }
            })
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn One(
    id: ConfigurationId,
    detail: WireResource<Result<Option<ReleaseDetail>, WireError>>,
    acts: Acts,
) -> impl IntoView {
    let locale = use_locale();
    let content = move || {
        Suspend::new(async move {
            match detail.await {
                Ok(Some(detail)) => view! { <Opened id=id detail=detail acts=acts/> }.into_any(),
                Ok(None) => view! { <p class="nothing">{text::release_gone(locale)}</p> }.into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    let all = routes::configuration(id, routes::Tab::Releases);
    view! {
        <p class="release__way"><a class="link" href=all>{text::releases_all(locale)}</a></p>
        <Transition>{content}</Transition>
    }
}

#[component]
fn List(id: ConfigurationId, list: ReleaseList) -> impl IntoView {
    let locale = use_locale();
    let ReleaseList { releases, more, switched_on, now } = list;
    if releases.is_empty() {
        return if switched_on {
            view! { <EmptyState title=text::releases_none_title(locale) words=text::releases_none(locale)/> }
                .into_any()
        } else {
            view! { <p class="nothing">{text::releases_off_none(locale)}</p> }.into_any()
        };
    }
    let rows = releases.into_iter().map(|row| view! { <Item id=id row=row now=now.clone()/> }).collect_view();
    view! {
        {(!switched_on).then(|| view! { <p class="note">{text::releases_off(locale)}</p> })}
        <ul class="releases">{rows}</ul>
        {more.then(|| view! { <p class="note">{text::releases_more(locale, RELEASES_MAX)}</p> })}
    }
    .into_any()
}

#[component]
fn Item(id: ConfigurationId, row: ReleaseRow, now: Moment) -> impl IntoView {
    let locale = use_locale();
    let path = routes::release(id, &row.key);
    let chart = row.chart.as_ref().map(|chart| chart_words(locale, chart));
    let revision =
        (row.helm_revision > 0).then(|| text::release_revision(locale, &row.helm_revision.to_string()));
    let tests = row.tests.as_ref().map(|tests| tests_words(locale, tests.passed));
    let unwanted = (!row.wanted).then(|| text::release_unwanted(locale));
    let action = last_action(&row, now);
    let facts = [chart, revision, tests.map(str::to_owned), unwanted.map(str::to_owned)]
        .into_iter()
        .flatten()
        .map(|fact| view! { <li>{fact}</li> })
        .collect_view();
    let failed = row.failed;
    view! {
        <li class="releases__item">
            <a class="link releases__name" href=path>{row.key.to_string()}</a>
            <span class="releases__state"><ReleaseMark release=row.clone()/></span>
            <ul class="releases__facts">{facts}{action.map(|action| view! { <li>{action}</li> })}</ul>
            {(!row.message.is_empty()).then(|| view! {
                <p class="releases__words" class:releases__words--failed=failed>{row.message}</p>
            })}
        </li>
    }
}

/// The chart of a release, in a line.
pub(super) fn chart_words(locale: catalogue::Locale, chart: &ReleaseChart) -> String {
    match &chart.commit {
        Some(commit) if chart.version.is_empty() => text::release_chart_commit(locale, &chart.name, commit),
        Some(commit) => text::release_chart_from_git(locale, &chart.name, &chart.version, commit),
        None => text::release_chart_version(locale, &chart.name, &chart.version),
    }
}

/// How its tests went.
pub(super) fn tests_words(locale: catalogue::Locale, passed: bool) -> &'static str {
    if passed { text::release_tests_passed(locale) } else { text::release_tests_failed(locale) }
}

/// What was done last, and how long ago.
pub(super) fn last_action(row: &ReleaseRow, now: Moment) -> Option<AnyView> {
    let label = release_action_label(use_locale(), row.last_action?);
    let age = row.last_action_at.clone().map(|moment| view! { " · " <RelativeTime moment=moment told=now/> });
    Some(view! { {label}{age} }.into_any())
}
