//! The sentence that every page begins with: is it all right, and if not, what to do.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// How a state looks: an icon's shape and a tint, always beside a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Installed, healthy.
    Good,
    /// Pending, out of date, something was left out.
    Wait,
    /// Failed.
    Bad,
    /// Something is going on.
    Busy,
    /// Suspended, unknown, offline.
    Still,
    /// Neither.
    Plain,
}

impl Tone {
    /// The last part of its class names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Busy => "busy",
            Self::Still => "still",
            Self::Plain => "plain",
        }
    }

    fn glyph(self) -> Option<Glyph> {
        match self {
            Self::Good => Some(Glyph::Tick),
            Self::Wait => Some(Glyph::Clock),
            Self::Bad => Some(Glyph::Alert),
            Self::Busy => Some(Glyph::Turning),
            Self::Still => Some(Glyph::Pause),
            Self::Plain => None,
        }
    }
}

/// A sentence with its tone. It is a polite live region: a change is read out without moving the focus.
#[component]
pub fn Sentence(
    /// What it says.
    #[prop(into)]
    words: Signal<String>,
    /// How that is.
    #[prop(into)]
    tone: Signal<Tone>,
) -> impl IntoView {
    view! {
        <p class=move || format!("sentence sentence--{}", tone.get().word()) role="status">
            {move || tone.get().glyph().map(|glyph| view! { <Icon glyph=glyph/> })}
            <span class="sentence__words">{move || words.get()}</span>
        </p>
    }
}
