//! Fetching again what a page shows, in place: what somebody opened or typed meanwhile stays as it is.

use leptos::prelude::*;

use super::Live;
use crate::error::WireError;

/// Fetches when `outdated` says that there is more to know than was fetched, when events may have been lost, and when
/// `asked` counts further; one at a time.
pub fn keep_fresh<Thing, Fetching>(
    live: Live,
    asked: Signal<usize>,
    outdated: impl Fn() -> bool + 'static,
    fetch: impl Fn() -> Fetching + 'static,
    take: impl Fn(Result<Thing, WireError>) + Copy + 'static,
) where
    Thing: 'static,
    Fetching: Future<Output = Result<Thing, WireError>> + 'static,
{
    let fetching = StoredValue::new(false);
    Effect::new(move |seen: Option<(u32, usize)>| {
        let asked = (live.reloads(), asked.get());
        let outdated = outdated();
        let seen = seen.unwrap_or(asked);
        if (!outdated && asked == seen) || fetching.get_value() {
            return seen;
        }
        fetching.set_value(true);
        let answer = fetch();
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            fetching.try_set_value(false);
            take(answer);
        });
        asked
    });
}
