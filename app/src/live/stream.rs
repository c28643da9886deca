//! The browser's end of the stream.

use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent};

use super::{Live, PATH};
use crate::embedding;
use crate::wire;

/// Opens the stream for as long as the page lives. The browser connects again by itself when it is cut.
pub(crate) fn listen(live: Live) {
    let Ok(stream) = EventSource::new(&embedding::address_of(PATH)) else { return };
    on(&stream, "configuration", move |data| {
        if let Some(state) = read(data) {
            live.take_configuration(&state);
        }
    });
    on(&stream, "cluster", move |data| {
        if let Some(row) = read(data) {
            live.take_cluster(&row);
        }
    });
    on(&stream, "removed", move |data| {
        if let Some(removed) = read(data) {
            live.take_removed(removed);
        }
    });
    on(&stream, "reload", move |_| live.reload());
    // From here on everything is told. What happened between the making of the page and now, or while the stream
    // was cut, is not: that is fetched.
    on(&stream, "ready", move |_| live.reload());
}

fn on(stream: &EventSource, name: &str, mut act: impl FnMut(&str) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let message = event.dyn_into::<MessageEvent>().ok();
        act(&message.and_then(|message| message.data().as_string()).unwrap_or_default());
    });
    drop(stream.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()));
    // It lives as long as the page.
    closure.forget();
}

/// An event that cannot be read comes from a newer server; the next fetch tells the same.
fn read<Thing: DeserializeOwned>(data: &str) -> Option<Thing> {
    wire::read(data.as_bytes()).ok()
}
