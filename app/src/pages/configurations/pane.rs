//! The pane of a configuration: its sentence, its facts, and its parts as tabs.

use catalogue::{scope_label, state_sentence, step_label, text};
use domain::clock::Moment;
use domain::service::{ConfigurationDetail, ConfigurationState};
use domain::status::SyncStep;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::blade::Blade;
use super::list::{row_id, short};
use super::public_key::{HostKey, PublicKey};
use super::tabs::{Changes, Delete, History, Releases, Resources, Settings};
use crate::components::{
    AbsoluteTime, CallForm, ConfigurationMark, CopyBlock, Essential, Essentials, Failure, Glyph, Pane,
    RelativeTime, Sentence, Submit, Summary, Ticker, configuration_tone, page_title, use_failure_status,
    use_outcome,
};
use crate::live::{Live, keep_fresh};
use crate::preferences::use_locale;
use crate::routes::{self, Tab};
use crate::server_fns::configurations::{
    ResumeConfiguration, SuspendConfiguration, SyncConfiguration, get_configuration,
};

/// The steps of a sync that people are shown, in order.
const STEPS: [SyncStep; 5] =
    [SyncStep::Prepare, SyncStep::Fetch, SyncStep::Read, SyncStep::Compare, SyncStep::Apply];

/// The pane, or why there is none.
#[component]
pub fn ConfigurationPage() -> impl IntoView {
    let locale = use_locale();
    let blade = expect_context::<Blade>();
    let content = move || {
        Suspend::new(async move {
            match blade.detail.await {
                Ok(detail) => view! { <Detail detail=detail/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! {
                        <Title text=page_title(text::configuration(locale))/>
                        <Pane title=text::configuration(locale) close=blade.list_path>
                            <Failure error=error/>
                        </Pane>
                    }
                    .into_any()
                }
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

/// What the tabs share: the configuration as last fetched.
#[derive(Clone, Copy)]
pub struct Fetched(pub RwSignal<ConfigurationDetail>);

#[component]
fn Detail(detail: ConfigurationDetail) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let blade = expect_context::<Blade>();
    let id = detail.row.id;
    let name = detail.row.name.clone();
    let may_write = detail.may_write;
    let told = detail.now.clone();
    let state: RwSignal<ConfigurationState> = live.configuration(&detail.row.state).into();
    let fetched = RwSignal::new(detail);
    let saves = blade.replace.version();
    refetch_when_newer(live, state, fetched, saves.into());
    let has_releases = Memo::new(move |_| fetched.with(|detail| detail.has_releases));
    let removed = Memo::new(move |_| live.is_removed(&id.to_string()));
    let query = use_query_map();
    let tab = Memo::new(move |_| Tab::parse(&query.with(|query| query.get("tab").unwrap_or_default())));
    let sync = ServerAction::<SyncConfiguration>::new();
    let sync_outcome = use_outcome(sync);
    let suspended = Memo::new(move |_| state.with(|state| state.suspended_since.is_some()));
    let body = move || {
        if removed.get() {
            return view! { <p>{text::configuration_removed(locale)}</p> }.into_any();
        }
        let fetched = Fetched(fetched);
        match tab.get() {
            Tab::Resources => view! { <Resources fetched=fetched/> }.into_any(),
            Tab::Releases => view! { <Releases fetched=fetched/> }.into_any(),
            Tab::Changes => view! { <Changes fetched=fetched/> }.into_any(),
            Tab::History => view! { <History fetched=fetched/> }.into_any(),
            Tab::Settings => view! { <Settings fetched=fetched/> }.into_any(),
            Tab::Delete => view! { <Delete fetched=fetched/> }.into_any(),
        }
    };
    let head = move || {
        view! {
            <Standing state=state told=told fetched=fetched/>
            <div class="commands commands--pane">
                {may_write.then(|| view! {
                    {move || (!suspended.get()).then(|| view! {
                        <CallForm action=sync>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <Submit
                                label=text::sync_now(locale)
                                look="plain"
                                glyph=Glyph::Sync
                                pending=sync.pending()
                            />
                        </CallForm>
                    })}
                    <Suspension id=id suspended=suspended/>
                })}
            </div>
            <Summary outcome=sync_outcome/>
        }
    };
    view! {
        <Title text=page_title(&name)/>
        <Pane title=name close=blade.list_path return_to=row_id(id) wide=true>
            {head()}
            <div class="pane__facts" class:pane__facts--aside=move || tab.get() != Tab::Resources>
                <Facts fetched=fetched state=state/>
            </div>
            <Tabs tab=tab id=id may_write=may_write has_releases=has_releases/>
            <div class="tab">{body}</div>
        </Pane>
    }
}

/// Stops the syncs, or lets them go on.
#[component]
fn Suspension(id: domain::id::ConfigurationId, suspended: Memo<bool>) -> impl IntoView {
    let locale = use_locale();
    let suspend = ServerAction::<SuspendConfiguration>::new();
    let resume = ServerAction::<ResumeConfiguration>::new();
    let (suspending, resuming) = (use_outcome(suspend), use_outcome(resume));
    let form = move || {
        if suspended.get() {
            view! {
                <CallForm action=resume>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Submit label=text::resume(locale) look="plain" glyph=Glyph::Sync pending=resume.pending()/>
                </CallForm>
            }
            .into_any()
        } else {
            view! {
                <CallForm action=suspend>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Submit label=text::suspend(locale) look="plain" glyph=Glyph::Pause pending=suspend.pending()/>
                </CallForm>
            }
            .into_any()
        }
    };
    view! {
        {form}
        <Summary outcome=suspending/>
        <Summary outcome=resuming/>
    }
}

/// Fetches the rest when the live state says that there is more to know, and when settings were saved.
fn refetch_when_newer(
    live: Live,
    state: RwSignal<ConfigurationState>,
    fetched: RwSignal<ConfigurationDetail>,
    saves: Signal<usize>,
) {
    let id = state.with_untracked(|state| state.id);
    let outdated =
        move || state.with(|state| state.version) > fetched.with(|detail| detail.row.state.version);
    keep_fresh(
        live,
        saves,
        outdated,
        move || get_configuration(id),
        move |answer| {
            if let Ok(detail) = answer {
                drop(live.configuration(&detail.row.state));
                fetched.try_set(detail);
            }
        },
    );
}

/// How it stands: the sentence, what was said verbatim, and the steps while a sync runs.
#[component]
fn Standing(
    state: RwSignal<ConfigurationState>,
    told: Moment,
    fetched: RwSignal<ConfigurationDetail>,
) -> impl IntoView {
    let locale = use_locale();
    let ticker = expect_context::<Ticker>();
    ticker.observe(&told);
    let branch = Memo::new(move |_| fetched.with(|fetched| fetched.row.branch.clone()));
    let words = Signal::derive(move || {
        let now = ticker.now(&told);
        branch.with(|branch| state.with(|state| state_sentence(locale, state, branch, now)))
    });
    let tone = Signal::derive(move || state.with(configuration_tone));
    let detail = Memo::new(move |_| fetched.with(|fetched| fetched.detail.clone()));
    let ignored = Memo::new(move |_| fetched.with(|fetched| fetched.parameters_without_effect.join(" ")));
    let ignored_values =
        Memo::new(move |_| fetched.with(|fetched| fetched.chart_values_without_effect.join(", ")));
    view! {
        <Sentence words=words tone=tone/>
        <Stepper state=state/>
        <HostKey fetched=fetched state=state/>
        <PublicKey fetched=fetched state=state/>
        {move || detail.get().map(|detail| view! {
            <CopyBlock label=text::said_verbatim(locale) content=detail/>
        })}
        {move || (!ignored.with(String::is_empty)).then(|| view! {
            <p class="note">{text::parameters_without_effect(locale, &ignored.get())}</p>
        })}
        {move || (!ignored_values.with(String::is_empty)).then(|| view! {
            <p class="note">{text::chart_values_without_effect(locale, &ignored_values.get())}</p>
        })}
    }
}

#[component]
fn Stepper(state: RwSignal<ConfigurationState>) -> impl IntoView {
    let locale = use_locale();
    let running = Memo::new(move |_| state.with(|state| state.syncing));
    let steps = move || {
        let running = running.get()?;
        let steps = STEPS
            .into_iter()
            .map(|step| {
                let class = match step.cmp(&running) {
                    std::cmp::Ordering::Less => "stepper__step stepper__step--done",
                    std::cmp::Ordering::Equal => "stepper__step stepper__step--now",
                    std::cmp::Ordering::Greater => "stepper__step",
                };
                let current = (step == running).then_some("step");
                view! { <li class=class aria-current=current>{step_label(locale, step)}</li> }
            })
            .collect_view();
        Some(view! { <ol class="stepper" aria-label=text::state_syncing(locale)>{steps}</ol> })
    };
    view! { <div class="stepper-place">{steps}</div> }
}

#[component]
fn Facts(fetched: RwSignal<ConfigurationDetail>, state: RwSignal<ConfigurationState>) -> impl IntoView {
    let locale = use_locale();
    let (row, created_at, told) =
        fetched.with_untracked(|detail| (detail.row.clone(), detail.created_at.clone(), detail.now.clone()));
    let revision = move || match state.with(|state| state.revision.clone()) {
        Some(revision) => {
            let subject = fetched.with(|detail| detail.revision_subject.clone()).unwrap_or_default();
            view! { <span class="mono" title=revision.clone()>{short(&revision).to_owned()}</span>" "{subject} }.into_any()
        }
        None => text::never(locale).into_any(),
    };
    let last_sync = Memo::new(move |_| state.with(|state| state.last_sync.clone()));
    let synced = move || match last_sync.get() {
        Some(moment) => view! { <RelativeTime moment=moment told=told.clone()/> }.into_any(),
        None => text::never(locale).into_any(),
    };
    let applied = Memo::new(move |_| fetched.with(|detail| detail.last_config_applied.clone()));
    let namespaces = Memo::new(move |_| fetched.with(|detail| detail.namespaces.join(", ")));
    let repository = Memo::new(move |_| fetched.with(|detail| detail.row.repository_url.clone()));
    let branch = Memo::new(move |_| fetched.with(|detail| detail.row.branch.clone()));
    let operator = Memo::new(move |_| {
        fetched
            .with(|detail| format!("{}/{}", detail.row.operator_namespace, detail.row.operator_instance_name))
    });
    let scope = Memo::new(move |_| fetched.with(|detail| detail.row.operator_scope.clone()));
    view! {
        <Essentials>
            <Essential label=text::column_compliance(locale)><ConfigurationMark state=state/></Essential>
            <Essential label=text::column_cluster(locale)>
                <a class="link" href=routes::cluster(row.cluster)>{row.cluster_name}</a>
            </Essential>
            <Essential label=text::column_repository(locale) mono=true>{move || repository.get()}</Essential>
            <Essential label=text::field_git_branch(locale) mono=true>{move || branch.get()}</Essential>
            <Essential label=text::column_revision(locale)>{revision}</Essential>
            <Essential label=text::column_last_sync(locale)>{synced}</Essential>
            <Essential label=text::column_operator(locale) mono=true>{move || operator.get()}</Essential>
            <Essential label=text::column_scope(locale)>{move || scope_label(locale, &scope.get())}</Essential>
            <Essential label=text::essential_namespaces(locale) mono=true>{move || namespaces.get()}</Essential>
            <Essential label=text::essential_applied(locale)>
                {move || match applied.get() {
                    Some(moment) => view! { <AbsoluteTime moment=moment/> }.into_any(),
                    None => text::never(locale).into_any(),
                }}
            </Essential>
            <Essential label=text::essential_created(locale)><AbsoluteTime moment=created_at/></Essential>
        </Essentials>
    }
}

#[component]
fn Tabs(
    tab: Memo<Tab>,
    id: domain::id::ConfigurationId,
    may_write: bool,
    has_releases: Memo<bool>,
) -> impl IntoView {
    let locale = use_locale();
    let label = move |tab: Tab| match tab {
        Tab::Resources => text::tab_resources(locale),
        Tab::Releases => text::tab_releases(locale),
        Tab::Changes => text::tab_changes(locale),
        Tab::History => text::tab_history(locale),
        Tab::Settings => text::tab_settings(locale),
        Tab::Delete => text::tab_delete(locale),
    };
    let links = Tab::ALL
        .into_iter()
        .filter(|tab| may_write || !matches!(tab, Tab::Settings | Tab::Delete))
        .map(|each| {
            let current = move || (tab.get() == each).then_some("page");
            // Whoever is there already, by an address, finds it among the others.
            let hidden = move || each == Tab::Releases && !has_releases.get() && tab.get() != each;
            view! {
                <li hidden=hidden>
                    <a class="tabs__link" href=routes::configuration(id, each) aria-current=current>
                        {label(each)}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=text::tabs_label(locale)><ul class="tabs__list">{links}</ul></nav> }
}
