//! The list of configurations, of one cluster or of all.

use catalogue::{Locale, scope_label, text};
use domain::clock::Moment;
use domain::id::ConfigurationId;
use domain::page::PageQuery;
use domain::service::{ComplianceCounts, ConfigurationList, ConfigurationRow, ConfigurationState};
use leptos::prelude::*;

use super::blade::Blade;
use crate::components::{
    ConfigurationMark, Crumb, EmptyState, FilterBar, Glyph, Icon, PageHead, Pager, RelativeTime, Sentence,
    Tone,
};
use crate::live::Live;
use crate::preferences::use_locale;
use crate::routes::{self, Tab};
use crate::server_fns::configurations::list_configurations;

/// How many hexadecimal digits of a revision people read.
const SHORT_REVISION: usize = 7;

/// A page of the list with its sentence, acts and filter.
#[component]
pub fn List(list: ConfigurationList, query: PageQuery, open: Memo<Option<ConfigurationId>>) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let ConfigurationList { page, counts, now, cluster, may_write, reached: _ } = list;
    let cluster_id = cluster.as_ref().map(|cluster| cluster.id);
    let path = cluster_id.map_or_else(|| routes::CONFIGURATIONS.to_owned(), routes::gitops);
    let title = match &cluster {
        Some(_) => text::gitops_title(locale),
        None => text::configurations_title(locale),
    };
    let crumbs = cluster.as_ref().map_or_else(Vec::new, |cluster| {
        vec![
            Crumb::new(text::clusters_title(locale), routes::CLUSTERS),
            Crumb::new(cluster.name.clone(), routes::cluster(cluster.id)),
        ]
    });
    let pages = page.pages();
    let nothing = page.items.is_empty();
    let rows: Vec<ShownRow> = page
        .items
        .into_iter()
        .map(|row| ShownRow { state: live.configuration(&row.state).into(), row })
        .collect();
    let states: Vec<RwSignal<ConfigurationState>> = rows.iter().map(|row| row.state).collect();
    let add = move || {
        cluster_id.filter(|_| may_write).map(|cluster| view! {
            <a class="button button--primary" id="add-configuration" href=routes::add_configuration(cluster)>
                <Icon glyph=Glyph::Plus/>
                <span>{text::add_configuration(locale)}</span>
            </a>
        })
    };
    let body = if nothing && query.filter.is_empty() {
        let words = match cluster_id {
            Some(_) => text::configurations_empty_cluster(locale),
            None => text::configurations_empty(locale),
        };
        view! { <EmptyState title=text::configurations_empty_title(locale) words=words>{add()}</EmptyState> }
            .into_any()
    } else {
        let first =
            StoredValue::new((counts, states.iter().map(|state| state.get_untracked()).collect::<Vec<_>>()));
        let present =
            Memo::new(move |_| first.with_value(|(counts, before)| now_counts(*counts, before, &states)));
        let words = Signal::derive(move || sentence_of(locale, present.get()));
        let tone = Signal::derive(move || tone_of(present.get()));
        let table = if nothing {
            view! { <p class="nothing">{text::filter_nothing(locale, &query.filter)}</p> }.into_any()
        } else {
            view! { <Table rows=rows now=now across=cluster_id.is_none() open=open/> }.into_any()
        };
        view! {
            <Sentence words=words tone=tone/>
            <div class="commands">
                {add()}
                <FilterBar path=path.clone() filter=query.filter.clone() label=text::configurations_filter(locale)/>
            </div>
            <News cluster=cluster_id query=query.clone() total=page.total/>
            {table}
            <Pager path=path filter=query.filter page=page.page pages=pages total=page.total/>
        }
        .into_any()
    };
    view! { <PageHead title=title crumbs=crumbs/>{body} }
}

/// A row with its live state.
struct ShownRow {
    row: ConfigurationRow,
    state: RwSignal<ConfigurationState>,
}

/// Rows that came meanwhile wait behind a button: nothing jumps under the hand.
#[component]
fn News(cluster: Option<domain::id::ClusterId>, query: PageQuery, total: u32) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let blade = expect_context::<Blade>();
    let more = RwSignal::new(0_u32);
    let looking = StoredValue::new(false);
    let news = live.news();
    let seen = news.get_untracked();
    Effect::new(move |_| {
        if news.get() == seen || looking.get_value() {
            return;
        }
        looking.set_value(true);
        let query = query.clone();
        leptos::task::spawn_local(async move {
            if let Ok(list) = list_configurations(cluster, query).await {
                more.try_set(list.page.total.saturating_sub(total));
            }
            looking.try_set_value(false);
        });
    });
    let button = move || {
        let count = more.get();
        (count > 0).then(|| view! {
            <button type="button" class="button button--plain news__button" on:click=move |_| blade.list.refetch()>
                {text::news_show(locale, count)}
            </button>
        })
    };
    view! { <div class="news" aria-live="polite">{button}</div> }
}

#[component]
fn Table(
    rows: Vec<ShownRow>,
    now: Moment,
    across: bool,
    open: Memo<Option<ConfigurationId>>,
) -> impl IntoView {
    let locale = use_locale();
    let rows = rows
        .into_iter()
        .map(|row| view! { <Row row=row now=now.clone() across=across open=open/> })
        .collect_view();
    view! {
        <div class="table-frame">
            <table class="table table--configurations" class:table--across=across>
                <caption class="visually-hidden">{text::configurations_title(locale)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::column_name(locale)}</th>
                        <th scope="col">{text::column_compliance(locale)}</th>
                        {across.then(|| view! { <th scope="col">{text::column_cluster(locale)}</th> })}
                        <th scope="col">{text::column_repository(locale)}</th>
                        <th scope="col">{text::column_revision(locale)}</th>
                        <th scope="col">{text::column_operator(locale)}</th>
                        <th scope="col">{text::column_namespace(locale)}</th>
                        <th scope="col">{text::column_scope(locale)}</th>
                        <th scope="col">{text::column_last_sync(locale)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(row: ShownRow, now: Moment, across: bool, open: Memo<Option<ConfigurationId>>) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let ShownRow { row, state } = row;
    let ConfigurationRow {
        id,
        cluster,
        cluster_name,
        name,
        repository_url,
        branch,
        operator_instance_name,
        operator_namespace,
        operator_scope,
        state: _, // lives in the signal
    } = row;
    let removed = {
        let id = id.to_string();
        Signal::derive(move || live.is_removed(&id))
    };
    let revision = Memo::new(move |_| {
        state.with(|state| state.revision.as_ref().map(|revision| short(revision).to_owned()))
    });
    let last_sync = Memo::new(move |_| state.with(|state| state.last_sync.clone()));
    let selected = move || open.get() == Some(id);
    let mark = move || {
        if removed.get() {
            view! { <span class="mark mark--still">{text::state_deleted(locale)}</span> }.into_any()
        } else {
            view! { <ConfigurationMark state=state/> }.into_any()
        }
    };
    view! {
        <tr
            class="table__row"
            class:table__row--gone=move || removed.get()
            class:table__row--open=selected
            data-row=id.to_string()
        >
            <th scope="row" class="table__main">
                <a
                    class="table__link"
                    id=row_id(id)
                    href=routes::configuration(id, Tab::default())
                    aria-current=move || selected().then_some("true")
                >
                    {name}
                </a>
            </th>
            <td class="table__state">{mark}</td>
            {across.then(|| view! {
                <td class="table__where">
                    <a class="link" href=routes::gitops(cluster)>{cluster_name}</a>
                </td>
            })}
            <td class="table__url" class:table__where=!across>
                <span class="mono" title=repository_url.clone()>{repository_url.clone()}</span>
            </td>
            <td class="table__revision">
                <span class="mono">{move || revision.get()}</span>
                " "
                <span class="mono table__branch">{branch}</span>
            </td>
            <td>{operator_instance_name}</td>
            <td>{operator_namespace}</td>
            <td>{scope_label(locale, &operator_scope)}</td>
            <td class="table__time">
                {move || last_sync.get().map(|moment| view! { <RelativeTime moment=moment told=now.clone()/> })}
            </td>
        </tr>
    }
}

/// Id of a row's link, which the focus goes back to when the pane is closed.
pub fn row_id(id: ConfigurationId) -> String {
    format!("row-{id}")
}

/// The first digits of a commit id.
pub fn short(revision: &str) -> &str {
    revision.get(..SHORT_REVISION).unwrap_or(revision)
}

/// The counts of the whole list, kept in step with the live states of the rows shown.
fn now_counts(
    first: ComplianceCounts,
    before: &[ConfigurationState],
    states: &[RwSignal<ConfigurationState>],
) -> ComplianceCounts {
    let mut counts = first;
    for (before, state) in before.iter().zip(states) {
        let place = |counts: &mut ComplianceCounts, state: &ConfigurationState, by: i32| {
            let count = match state.compliance {
                domain::status::Compliance::Installed => &mut counts.installed,
                domain::status::Compliance::Pending => &mut counts.pending,
                domain::status::Compliance::Failed => &mut counts.failed,
            };
            *count = count.saturating_add_signed(by);
        };
        place(&mut counts, before, -1);
        state.with(|state| place(&mut counts, state, 1));
    }
    counts
}

fn tone_of(counts: ComplianceCounts) -> Tone {
    match (counts.failed, counts.pending) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Wait,
        _ => Tone::Bad,
    }
}

fn sentence_of(locale: Locale, counts: ComplianceCounts) -> String {
    let total = counts.total();
    let ComplianceCounts { installed, pending, failed } = counts;
    let installed = installed.to_string();
    match (failed, pending) {
        (0, 0) => text::list_sentence_good(locale, total),
        (0, pending) => text::list_sentence_pending(locale, &installed, total, &pending.to_string()),
        (failed, 0) => text::list_sentence_failed(locale, &installed, total, &failed.to_string()),
        (failed, pending) => {
            text::list_sentence_both(locale, &installed, total, &pending.to_string(), &failed.to_string())
        }
    }
}
