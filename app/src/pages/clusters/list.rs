//! The clusters.

use catalogue::{Locale, cluster_type_label, text};
use domain::cluster::Connectivity;
use domain::page::PageQuery;
use domain::service::{ClusterList, ClusterRow};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    ConnectivityMark, EmptyState, Failure, FilterBar, Glyph, Icon, PageHead, Pager, RelativeTime, Sentence,
    Tone, use_failure_status,
};
use crate::live::Live;
use crate::pages::query::page_query;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::clusters::list_clusters;
use crate::wire::resource;

/// The list of clusters.
#[component]
pub fn Clusters() -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let query = page_query(use_query_map());
    let list = resource(move || (query.get(), live.reloads()), |(query, _)| list_clusters(query));
    let content = move || {
        Suspend::new(async move {
            match list.await {
                Ok(list) => view! { <List list=list query=query.get_untracked()/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <PageHead title=text::clusters_title(locale)/><Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn List(list: ClusterList, query: PageQuery) -> impl IntoView {
    let locale = use_locale();
    let ClusterList { page, now, may_connect } = list;
    let live = expect_context::<Live>();
    let pages = page.pages();
    let empty = page.items.is_empty();
    let filtered = !query.filter.is_empty();
    let rows: Vec<RwSignal<ClusterRow>> =
        page.items.iter().map(|row| RwSignal::from(live.cluster(row))).collect();
    let connect = move || {
        may_connect.then(|| {
            view! {
                <a class="button button--primary" href=routes::CONNECT>
                    <Icon glyph=Glyph::Plus/>
                    <span>{text::connect_cluster(locale)}</span>
                </a>
            }
        })
    };
    let body = if empty && !filtered {
        view! {
            <EmptyState title=text::clusters_empty_title(locale) words=text::clusters_empty_words(locale)>
                {connect()}
            </EmptyState>
        }
        .into_any()
    } else {
        let tone = {
            let rows = rows.clone();
            move || tone_of(&rows)
        };
        let words = {
            let rows = rows.clone();
            move || sentence_of(locale, &rows, page.total)
        };
        view! {
            <Sentence words=Signal::derive(words) tone=Signal::derive(tone)/>
            <div class="commands">
                {connect()}
                <FilterBar path=routes::CLUSTERS filter=query.filter.clone() label=text::clusters_filter(locale)/>
            </div>
            {if empty {
                view! { <p class="nothing">{text::filter_nothing(locale, &query.filter)}</p> }.into_any()
            } else {
                view! { <Table rows=rows now=now/> }.into_any()
            }}
            <Pager path=routes::CLUSTERS filter=query.filter page=page.page pages=pages total=page.total/>
        }
        .into_any()
    };
    view! { <PageHead title=text::clusters_title(locale)/>{body} }
}

#[component]
fn Table(rows: Vec<RwSignal<ClusterRow>>, now: domain::clock::Moment) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let rows = rows
        .into_iter()
        .map(|row| {
            let id = row.with_untracked(|row| row.id.to_string());
            let removed = move || live.is_removed(&id);
            view! { <Row row=row now=now.clone() removed=Signal::derive(removed)/> }
        })
        .collect_view();
    view! {
        <div class="table-frame">
            <table class="table table--clusters">
                <caption class="visually-hidden">{text::clusters_title(locale)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::column_name(locale)}</th>
                        <th scope="col">{text::column_state(locale)}</th>
                        <th scope="col">{text::column_resource_group(locale)}</th>
                        <th scope="col">{text::column_version(locale)}</th>
                        <th scope="col" class="table__number">{text::column_nodes(locale)}</th>
                        <th scope="col">{text::column_configurations(locale)}</th>
                        <th scope="col">{text::column_last_seen(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(row: RwSignal<ClusterRow>, now: domain::clock::Moment, removed: Signal<bool>) -> impl IntoView {
    let locale = use_locale();
    let ClusterRow { id, name, cluster_type, resource_group, resource_group_display_name, .. } =
        row.get_untracked();
    let facts = Memo::new(move |_| row.with(|row| row.status.facts.clone()));
    let version = move || facts.get().map(|facts| facts.kubernetes_version);
    let nodes = move || facts.get().map(|facts| facts.node_count.to_string());
    let connectivity = Memo::new(move |_| row.with(|row| row.status.connectivity));
    let counts = Memo::new(move |_| row.with(|row| row.configurations));
    let last_seen = Memo::new(move |_| row.with(|row| row.last_seen.clone()));
    let failing = move || {
        let failed = counts.get().failed;
        (failed > 0)
            .then(|| view! { <span class="count count--bad">{text::count_failed(locale, failed)}</span> })
    };
    view! {
        <tr class="table__row" class:table__row--gone=removed data-row=id.to_string()>
            <th scope="row" class="table__main">
                <a class="table__link" href=routes::cluster(id)>{name}</a>
                <span class="table__type">{cluster_type_label(locale, cluster_type)}</span>
            </th>
            <td class="table__state">
                {move || if removed.get() {
                    view! { <span class="mark mark--still">{text::state_deleted(locale)}</span> }.into_any()
                } else {
                    view! { <ConnectivityMark connectivity=connectivity.get()/> }.into_any()
                }}
            </td>
            <td title=resource_group>{resource_group_display_name}</td>
            <td class="mono">{version}</td>
            <td class="table__number">{nodes}</td>
            <td class="table__where">
                <a class="link" href=routes::gitops(id)>
                    {move || text::count_configurations(locale, counts.get().total())}
                </a>
                {failing}
            </td>
            <td class="table__time">
                {move || last_seen.get().map(|moment| view! { <RelativeTime moment=moment told=now.clone()/> })}
            </td>
        </tr>
    }
}

fn away(rows: &[RwSignal<ClusterRow>]) -> u32 {
    let away = |row: &&RwSignal<ClusterRow>| {
        row.with(|row| matches!(row.status.connectivity, Connectivity::Offline | Connectivity::Expired))
    };
    u32::try_from(rows.iter().filter(away).count()).unwrap_or(u32::MAX)
}

fn failing(rows: &[RwSignal<ClusterRow>]) -> u32 {
    rows.iter().map(|row| row.with(|row| row.configurations.failed)).sum()
}

fn tone_of(rows: &[RwSignal<ClusterRow>]) -> Tone {
    match (away(rows), failing(rows)) {
        (0, 0) => Tone::Good,
        _ => Tone::Bad,
    }
}

fn sentence_of(locale: Locale, rows: &[RwSignal<ClusterRow>], total: u32) -> String {
    match (away(rows), failing(rows)) {
        (0, 0) => text::clusters_sentence_good(locale, total),
        (0, failing) => text::clusters_sentence_failing(locale, failing),
        (away, 0) => text::clusters_sentence_away(locale, away),
        (away, failing) => text::clusters_sentence_both(locale, failing, &away.to_string()),
    }
}
