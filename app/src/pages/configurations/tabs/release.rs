//! One Helm release: how it stands, what may be done about it, and what helm keeps of it.

use catalogue::{release_wish_sentence, text};
use domain::id::ConfigurationId;
use domain::release::ReleaseKey;
use domain::service::{KeptRelease, ReleaseDetail, ReleaseHelm, ReleaseRevision, ReleaseRow};
use leptos::prelude::*;

use super::releases::{chart_words, last_action, tests_words};
use crate::components::{
    AbsoluteTime, CallForm, CopyBlock, Disclosure, Essential, Essentials, Glyph, ReleaseMark, Submit,
    Summary, use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::releases::{RepairRelease, RetryRelease, RollBackRelease};

/// What a person may ask for. Outlives what is fetched anew after it.
#[derive(Clone, Copy)]
pub struct Acts {
    retry: ServerAction<RetryRelease>,
    roll_back: ServerAction<RollBackRelease>,
    repair: ServerAction<RepairRelease>,
}

impl Acts {
    /// Nothing asked for yet.
    pub fn begin() -> Self {
        Self { retry: ServerAction::new(), roll_back: ServerAction::new(), repair: ServerAction::new() }
    }

    /// Grows with everything that was asked for.
    pub fn asked(self) -> usize {
        self.retry.version().get() + self.roll_back.version().get() + self.repair.version().get()
    }
}

/// All that is shown of it.
#[component]
pub fn Opened(id: ConfigurationId, detail: ReleaseDetail, acts: Acts) -> impl IntoView {
    let locale = use_locale();
    let ReleaseDetail { row, notes, helm, now, may_write } = detail;
    let may_act = may_write && !row.rest;
    let named = Named { id, key: row.key.clone() };
    let action = last_action(&row, now);
    let pending = matches!(&helm, ReleaseHelm::Told(kept) if kept.is_pending()) && !row.busy;
    let notes = if notes.is_empty() {
        view! { <p class="nothing">{text::release_notes_none(locale)}</p> }.into_any()
    } else {
        view! { <CopyBlock label=text::release_notes(locale) content=Signal::stored(notes)/> }.into_any()
    };
    let kept = match helm {
        ReleaseHelm::Told(kept) => {
            view! { <Kept kept=kept named=named.clone() may_act=may_act acts=acts/> }.into_any()
        }
        ReleaseHelm::Nothing => {
            view! { <p class="nothing">{text::release_history_none(locale)}</p> }.into_any()
        }
        ReleaseHelm::Silent { said } => view! {
            <p class="note">{text::release_silent(locale)}</p>
            <CopyBlock label=text::said_verbatim(locale) content=Signal::stored(said)/>
        }
        .into_any(),
    };
    view! {
        <h3 class="release__title"><span class="mono">{row.key.to_string()}</span></h3>
        <Said row=row.clone()/>
        {may_act.then(|| view! { <Retry named=named.clone() acts=acts/> })}
        {(pending && may_act).then(|| view! { <Repair named=named acts=acts/> })}
        <Facts row=row action=action/>
        <section class="section" aria-labelledby="release-notes">
            <h4 class="section__title" id="release-notes">{text::release_notes(locale)}</h4>
            {notes}
        </section>
        {kept}
    }
}

#[component]
fn Facts(row: ReleaseRow, action: Option<AnyView>) -> impl IntoView {
    let locale = use_locale();
    let chart = match &row.chart {
        Some(chart) => chart_words(locale, chart),
        None => text::release_chart_none(locale).to_owned(),
    };
    let revision = if row.helm_revision == 0 { String::new() } else { row.helm_revision.to_string() };
    let action = action.unwrap_or_else(|| text::never(locale).into_any());
    let tests = row.tests.as_ref().map(|tests| tests_words(locale, tests.passed));
    let ReleaseRow { helm_status, release_name, target_namespace, .. } = row.clone();
    view! {
        <Essentials>
            <Essential label=text::column_state(locale)><ReleaseMark release=row/></Essential>
            <Essential label=text::essential_helm_status(locale) mono=true>{or_dash(helm_status)}</Essential>
            <Essential label=text::essential_release(locale) mono=true>{or_dash(release_name)}</Essential>
            <Essential label=text::essential_release_namespace(locale) mono=true>
                {or_dash(target_namespace)}
            </Essential>
            <Essential label=text::essential_chart(locale)>{chart}</Essential>
            <Essential label=text::essential_helm_revision(locale)>{or_dash(revision)}</Essential>
            <Essential label=text::essential_last_action(locale)>{action}</Essential>
            {tests.map(|tests| view! { <Essential label=text::essential_tests(locale)>{tests}</Essential> })}
        </Essentials>
    }
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

/// What there is to say before any fact: what is asked for, what holds, and the machine's own sentence.
#[component]
fn Said(row: ReleaseRow) -> impl IntoView {
    let locale = use_locale();
    let asked = row.asked.as_ref().map(|wish| release_wish_sentence(locale, wish));
    let rest = row.rest.then(|| text::releases_off(locale).to_owned());
    let unwanted = (!row.wanted && !row.rest).then(|| text::release_unwanted_words(locale).to_owned());
    let chosen = row.chosen.then(|| text::release_chosen(locale).to_owned());
    let told = [asked, rest, unwanted, chosen]
        .into_iter()
        .flatten()
        .map(|words| view! { <p class="note">{words}</p> })
        .collect_view();
    let message = if row.message.is_empty() {
        ().into_any()
    } else if row.failed {
        view! { <CopyBlock label=text::said_verbatim(locale) content=Signal::stored(row.message)/> }
            .into_any()
    } else {
        view! { <p class="releases__words">{row.message}</p> }.into_any()
    };
    let tests = row.tests.filter(|tests| !tests.passed && !tests.message.is_empty()).map(|tests| {
        view! { <CopyBlock label=text::release_tests_failed(locale) content=Signal::stored(tests.message)/> }
    });
    view! { {told}{message}{tests} }
}

/// Which release a form is about.
#[derive(Clone)]
struct Named {
    id: ConfigurationId,
    key: ReleaseKey,
}

#[component]
fn NameFields(named: Named) -> impl IntoView {
    view! {
        <input type="hidden" name="configuration" value=named.id.to_string()/>
        <input type="hidden" name="namespace" value=named.key.namespace/>
        <input type="hidden" name="name" value=named.key.name/>
    }
}

#[component]
fn Retry(named: Named, acts: Acts) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div class="commands release__acts">
            <CallForm action=acts.retry>
                <NameFields named=named/>
                <Submit
                    label=text::release_retry(locale)
                    look="plain"
                    glyph=Glyph::Sync
                    pending=acts.retry.pending()
                />
            </CallForm>
            <p class="meta">{text::release_retry_words(locale)}</p>
        </div>
        <Summary outcome=use_outcome(acts.retry)/>
    }
}

/// Helm says `pending-…`, and nobody here is at it.
#[component]
fn Repair(named: Named, acts: Acts) -> impl IntoView {
    let locale = use_locale();
    view! {
        <p class="note">{text::release_pending(locale)}</p>
        <Summary outcome=use_outcome(acts.repair)/>
        <Disclosure label=text::release_repair(locale)>
            <p>{text::release_repair_words(locale)}</p>
            <CallForm action=acts.repair>
                <NameFields named=named/>
                <Submit
                    label=text::release_repair_submit(locale)
                    look="danger"
                    glyph=Glyph::Sync
                    pending=acts.repair.pending()
                />
            </CallForm>
        </Disclosure>
    }
}

/// Values and revisions.
#[component]
fn Kept(kept: KeptRelease, named: Named, may_act: bool, acts: Acts) -> impl IntoView {
    let locale = use_locale();
    let values = if matches!(kept.values.as_str(), "" | "{}" | "null") {
        view! { <p class="nothing">{text::release_values_none(locale)}</p> }.into_any()
    } else {
        view! {
            <p class="meta">{text::release_values_words(locale)}</p>
            <CopyBlock label=text::release_values(locale) content=Signal::stored(kept.values.clone())/>
        }
        .into_any()
    };
    let revisions = kept
        .history
        .iter()
        .map(|revision| {
            let named = (may_act && kept.may_return_to(revision)).then(|| named.clone());
            view! { <Revision revision=revision.clone() named=named acts=acts/> }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="release-values">
            <h4 class="section__title" id="release-values">{text::release_values(locale)}</h4>
            {values}
        </section>
        <section class="section" aria-labelledby="release-history">
            <h4 class="section__title" id="release-history">{text::release_history(locale)}</h4>
            <Summary outcome=use_outcome(acts.roll_back)/>
            <ol class="history">{revisions}</ol>
        </section>
    }
}

/// A revision, and the way back to it: first what will happen, then the button that names the act.
#[component]
fn Revision(revision: ReleaseRevision, named: Option<Named>, acts: Acts) -> impl IntoView {
    let locale = use_locale();
    let ReleaseRevision { revision, updated, status, chart, app_version, description } = revision;
    let number = revision.to_string();
    let app_version = Some(app_version).filter(|version| !version.is_empty());
    let title = text::release_revision(locale, &number);
    let way = named.map(|named| {
        let words = text::release_roll_back_words(locale, &number);
        let submit = text::release_roll_back_submit(locale, &number);
        view! {
            <Disclosure label=text::release_roll_back(locale)>
                <p>{words}</p>
                <CallForm action=acts.roll_back>
                    <NameFields named=named/>
                    <input type="hidden" name="revision" value=number/>
                    <Submit
                        label=submit
                        look="danger"
                        pending=acts.roll_back.pending()
                    />
                </CallForm>
            </Disclosure>
        }
    });
    view! {
        <li class="history__item">
            <p class="history__line">
                <strong>{title}</strong>
                " "
                <span class="mono">{status}</span>
                " · "
                {chart}
                {app_version.map(|version| view! { " · " {version} })}
            </p>
            <p class="history__words">{description}</p>
            <p class="meta">{updated.map(|moment| view! { <AbsoluteTime moment=moment/> })}</p>
            {way}
        </li>
    }
}
