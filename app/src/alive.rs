//! Whether the page has come alive: the browser's code has taken over everything the server rendered, also the part
//! of it that was loaded later. Until then nothing may change what is shown, nor tell people that it could.

use leptos::prelude::*;

/// The signal of it, as a context; there is none on the server.
#[derive(Clone, Default)]
pub(crate) struct Alive(ArcRwSignal<bool>);

#[cfg(feature = "hydrate")]
impl Alive {
    /// Tells everybody.
    pub(crate) fn come(&self) {
        self.0.set(true);
    }
}

/// False on the server and at first, true for good once the page lives.
pub(crate) fn use_alive() -> Signal<bool> {
    use_context::<Alive>().unwrap_or_default().0.into()
}
