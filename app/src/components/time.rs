//! Moments: their age in a row, the moment itself in a pane.

use catalogue::{absolute, age};
use domain::clock::Moment;
use leptos::prelude::*;

use crate::preferences::use_locale;

/// Lets ages grow while a page is open, by the server's clock: the browser's may be wrong.
#[derive(Clone, Copy)]
pub struct Ticker {
    /// Milliseconds the server's clock is ahead of the browser's.
    #[cfg(feature = "hydrate")]
    ahead: StoredValue<Option<i64>>,
    /// The server's time, once it was told by a page and time has passed.
    now: RwSignal<Option<i64>>,
}

impl Ticker {
    /// Puts one into the context of the application.
    pub fn provide() -> Self {
        let ticker = Self {
            #[cfg(feature = "hydrate")]
            ahead: StoredValue::new(None),
            now: RwSignal::new(None),
        };
        provide_context(ticker);
        ticker
    }

    /// The server's time: as told with the data that is shown, and later as it has become.
    pub fn now(self, told: &Moment) -> i64 {
        self.now.get().unwrap_or(told.at.0).max(told.at.0)
    }

    /// Takes the server's clock from data it sent.
    #[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "only a browser's page lives on"))]
    pub fn observe(self, told: &Moment) {
        #[cfg(feature = "hydrate")]
        if self.ahead.get_value().is_none() {
            self.ahead.set_value(Some(told.at.0 - browser_now()));
        }
    }

    /// Begins to tick.
    #[cfg(feature = "hydrate")]
    pub fn start(self) {
        /// Ages change in steps of seconds; a finer step would only cost.
        const STEP: std::time::Duration = std::time::Duration::from_secs(5);
        set_interval(
            move || {
                if let Some(ahead) = self.ahead.get_value() {
                    self.now.set(Some(browser_now() + ahead));
                }
            },
            STEP,
        );
    }
}

#[cfg(feature = "hydrate")]
#[expect(clippy::cast_possible_truncation, reason = "whole milliseconds of this age fit")]
fn browser_now() -> i64 {
    js_sys::Date::now() as i64
}

/// `12 s ago`, with the moment as its title.
#[component]
pub fn RelativeTime(
    /// When.
    moment: Moment,
    /// The server's now when it was told.
    told: Moment,
) -> impl IntoView {
    let locale = use_locale();
    let ticker = expect_context::<Ticker>();
    ticker.observe(&told);
    let at = moment.at.0;
    view! {
        <time class="time" datetime=moment.iso.clone() title=absolute(&moment.iso)>
            {move || age(locale, ticker.now(&told) - at)}
        </time>
    }
}

/// `2026-11-23 14:02:07 UTC`.
#[component]
pub fn AbsoluteTime(
    /// When.
    moment: Moment,
) -> impl IntoView {
    view! { <time class="time" datetime=moment.iso.clone()>{absolute(&moment.iso)}</time> }
}
