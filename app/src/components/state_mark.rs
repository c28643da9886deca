//! States in a row: icon shape, word and colour together.

use catalogue::{Locale, compliance_label, connectivity_label, health_label, release_phase_label, text};
use domain::cluster::{CheckOutcome, Connectivity};
use domain::health::Health;
use domain::reason::Reason;
use domain::service::{ConfigurationState, ReleaseRow};
use domain::status::{Compliance, MessageLevel};
use leptos::prelude::*;

use super::{Glyph, Icon, Tone};
use crate::preferences::use_locale;

/// How a configuration stands, in a word. Changes in place.
#[component]
pub fn ConfigurationMark(
    /// Its live state.
    #[prop(into)]
    state: Signal<ConfigurationState>,
) -> impl IntoView {
    let locale = use_locale();
    let look = Memo::new(move |_| state.with(|state| configuration_look(locale, state)));
    view! {
        {move || {
            let (glyph, tone, word) = look.get();
            view! { <Mark glyph=glyph tone=tone word=word/> }
        }}
    }
}

/// The tone of a configuration's sentence.
pub fn configuration_tone(state: &ConfigurationState) -> Tone {
    if state.offline_since.is_some() {
        return Tone::Still;
    }
    configuration_look(Locale::English, state).1
}

fn configuration_look(locale: Locale, state: &ConfigurationState) -> (Glyph, Tone, &'static str) {
    if state.deleting {
        return (Glyph::Turning, Tone::Still, text::state_deleting(locale));
    }
    if state.syncing.is_some() {
        return (Glyph::Turning, Tone::Busy, text::state_syncing(locale));
    }
    if state.suspended_since.is_some() {
        return (Glyph::Pause, Tone::Still, text::state_suspended(locale));
    }
    if matches!(state.reason, Reason::PruneWaits { .. } | Reason::ClusterReplaced) {
        return (Glyph::Question, Tone::Wait, text::state_needs_you(locale));
    }
    let word = compliance_label(locale, state.compliance);
    match (state.compliance, state.level) {
        (Compliance::Installed, MessageLevel::Information) => (Glyph::Tick, Tone::Good, word),
        (Compliance::Installed, _) => (Glyph::Remark, Tone::Wait, text::compliance_installed_warning(locale)),
        (Compliance::Pending, _) => (Glyph::Clock, Tone::Wait, word),
        (Compliance::Failed, _) => (Glyph::Alert, Tone::Bad, word),
    }
}

/// How an object does.
#[component]
pub fn HealthMark(
    /// Its health.
    health: Health,
) -> impl IntoView {
    let (glyph, tone) = match health {
        Health::Healthy => (Glyph::Tick, Tone::Good),
        Health::Suspended => (Glyph::Pause, Tone::Still),
        Health::Progressing => (Glyph::Turning, Tone::Busy),
        Health::Unknown => (Glyph::Dash, Tone::Still),
        Health::Missing => (Glyph::Hole, Tone::Bad),
        Health::Degraded => (Glyph::Alert, Tone::Bad),
    };
    view! { <Mark glyph=glyph tone=tone word=health_label(use_locale(), health)/> }
}

/// How a Helm release stands.
#[component]
pub fn ReleaseMark(
    /// The release.
    release: ReleaseRow,
) -> impl IntoView {
    let (glyph, tone, word) = release_look(use_locale(), &release);
    view! { <Mark glyph=glyph tone=tone word=word/> }
}

fn release_look(locale: Locale, release: &ReleaseRow) -> (Glyph, Tone, &'static str) {
    if release.rest {
        return (Glyph::Pause, Tone::Still, text::release_rest(locale));
    }
    if release.asked.is_some() && !release.busy {
        return (Glyph::Clock, Tone::Wait, text::release_asked(locale));
    }
    let word = release_phase_label(locale, &release.phase);
    match release.phase.as_str() {
        "Installing" | "Migrating" | "Upgrading" | "Testing" | "RollingBack" => {
            (Glyph::Turning, Tone::Busy, word)
        }
        "ChartFetchFailed" | "DeployFailed" | "TestFailed" | "Failed" | "RollbackFailed" => {
            (Glyph::Alert, Tone::Bad, word)
        }
        "RolledBack" if release.failed => (Glyph::Alert, Tone::Bad, word),
        // What failed meanwhile, without a phase of its own: nothing of it can be looked at.
        _ if release.failed => (Glyph::Alert, Tone::Bad, text::release_failed(locale)),
        "RolledBack" => (Glyph::Remark, Tone::Wait, word),
        "Deployed" | "Tested" | "Succeeded" => (Glyph::Tick, Tone::Good, word),
        _ => (Glyph::Clock, Tone::Wait, word),
    }
}

/// Whether a cluster answers.
#[component]
pub fn ConnectivityMark(
    /// As last seen.
    connectivity: Connectivity,
) -> impl IntoView {
    let (glyph, tone) = match connectivity {
        Connectivity::Connected => (Glyph::Plug, Tone::Good),
        Connectivity::Connecting => (Glyph::Turning, Tone::Busy),
        Connectivity::Offline => (Glyph::Unplugged, Tone::Bad),
        Connectivity::Expired => (Glyph::Clock, Tone::Bad),
    };
    view! { <Mark glyph=glyph tone=tone word=connectivity_label(use_locale(), connectivity)/> }
}

/// How a line of a checklist came out.
#[component]
pub fn OutcomeMark(
    /// As it came out.
    outcome: CheckOutcome,
) -> impl IntoView {
    let locale = use_locale();
    let (glyph, tone, word) = match outcome {
        CheckOutcome::Passed => (Glyph::Tick, Tone::Good, text::outcome_passed(locale)),
        CheckOutcome::Failed { .. } => (Glyph::Alert, Tone::Bad, text::outcome_failed(locale)),
        CheckOutcome::Missing => (Glyph::Question, Tone::Wait, text::outcome_missing(locale)),
        CheckOutcome::Skipped => (Glyph::Dash, Tone::Still, text::outcome_skipped(locale)),
    };
    view! { <Mark glyph=glyph tone=tone word=word/> }
}

#[component]
fn Mark(glyph: Glyph, tone: Tone, word: &'static str) -> impl IntoView {
    view! {
        <span class=format!("mark mark--{}", tone.word())>
            <Icon glyph=glyph/>
            <span class="mark__word">{word}</span>
        </span>
    }
}
