//! The keyboard: `/` filter, `j` `k` rows, `Enter` open, `Esc` close, `?` this list. Each has a visible way too.

use catalogue::text;
use leptos::ev::{self, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement};

use super::{Glyph, Icon};
use crate::preferences::use_locale;

/// The link of each row that `j` and `k` step through.
const ROW_LINKS: &str = "[data-row] a";
/// The field that `/` goes to.
const FILTER: &str = "#filter";

/// Listens while the page lives. `help` opens the list of keys.
pub fn listen_for_keys(help: Callback<()>) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() || is_typing(&event) {
                return;
            }
            let done = match event.key().as_str() {
                "/" => focus(FILTER),
                "j" => step(1),
                "k" => step(-1),
                "?" => {
                    help.run(());
                    true
                }
                _ => false,
            };
            if done {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Calls `act` when Esc is pressed outside of a dialog, as long as the present view lives.
pub(super) fn on_escape(act: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let dialog = document().query_selector("dialog[open]").ok().flatten();
            if event.key() == "Escape" && !event.default_prevented() && dialog.is_none() {
                act();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Moves the focus to an element that the coming view will have.
pub(super) fn focus_soon(id: String) {
    soon(move || {
        focus(&format!("#{id}"));
    });
}

/// The same, but leaves the focus where it is when that is inside of an element with this class.
pub(super) fn focus_soon_unless_within(id: &'static str, class: &'static str) {
    soon(move || {
        let within = |focused: Element| focused.closest(&format!(".{class}")).ok().flatten().is_some();
        if !document().active_element().is_some_and(within) {
            focus(&format!("#{id}"));
        }
    });
}

/// The first frame renders the new view, the second has it in place.
fn soon(act: impl FnOnce() + 'static) {
    request_animation_frame(move || request_animation_frame(act));
}

fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.closest("dialog").ok().flatten().is_some()
    })
}

fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else {
        return false;
    };
    element.focus().is_ok()
}

/// The focus to the next or previous row's link; the first when no row has it.
fn step(by: i32) -> bool {
    let Ok(links) = document().query_selector_all(ROW_LINKS) else { return false };
    let at = |index: u32| links.item(index).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    let focused = document().active_element();
    let present = (0..links.length())
        .find(|index| at(*index).map(Element::from).is_some_and(|link| Some(link) == focused));
    let next = match present {
        None => 0,
        Some(index) => index.saturating_add_signed(by).min(links.length().saturating_sub(1)),
    };
    at(next).is_some_and(|link| link.focus().is_ok())
}

/// The list of keys, as a dialog; `open` is counted up to open it.
#[component]
pub fn KeyHelp(
    /// Each change opens it.
    open: RwSignal<u32>,
) -> impl IntoView {
    let locale = use_locale();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if open.get() > 0
            && let Some(dialog) = dialog.get_untracked()
            && !dialog.open()
        {
            drop(dialog.show_modal());
        }
    });
    let keys = [
        ("/", text::key_filter(locale)),
        ("j  k", text::key_rows(locale)),
        ("Enter", text::key_open(locale)),
        ("Esc", text::key_close(locale)),
        ("?", text::key_help(locale)),
    ];
    view! {
        <dialog class="dialog" aria-labelledby="keys-title" node_ref=dialog>
            <form method="dialog" class="dialog__head">
                <h2 class="dialog__title" id="keys-title">{text::keys_title(locale)}</h2>
                <button class="button button--quiet" aria-label=text::pane_close(locale)>
                    <Icon glyph=Glyph::Cross/>
                </button>
            </form>
            <dl class="keys">
                {keys
                    .into_iter()
                    .map(|(key, act)| view! {
                        <div class="keys__item"><dt><kbd>{key}</kbd></dt><dd>{act}</dd></div>
                    })
                    .collect_view()}
            </dl>
        </dialog>
    }
}
