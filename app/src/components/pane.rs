//! A pane over the list: a page of its own, with its own path.

use catalogue::text;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::{Glyph, Icon, keys};
use crate::preferences::use_locale;

/// Class of the frame.
const PANE: &str = "pane";
/// Id of the title.
const TITLE: &str = "pane-title";

/// The frame of a pane. The focus goes to its title when it opens; Esc closes it, and the focus goes back to
/// where it came from.
#[component]
pub fn Pane(
    /// Its title.
    #[prop(into)]
    title: String,
    /// The path without it.
    #[prop(into)]
    close: Signal<String>,
    /// Id of the element the focus goes back to.
    #[prop(optional, into)]
    return_to: Option<String>,
    /// Whether it needs the larger width: trees and diffs.
    #[prop(optional)]
    wide: bool,
    /// Below the title, above what scrolls.
    #[prop(optional)]
    head: Option<Children>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let locale = use_locale();
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |opened: Option<bool>| {
        let opened = opened.unwrap_or_default();
        let there = heading.get().is_some();
        if there && !opened {
            // Somebody may be typing already into a pane that the server rendered.
            keys::focus_soon_unless_within(TITLE, PANE);
        }
        opened || there
    });
    let navigate = use_navigate();
    let leave = StoredValue::new(move || {
        navigate(&close.get_untracked(), NavigateOptions::default());
        if let Some(id) = return_to.clone() {
            keys::focus_soon(id);
        }
    });
    keys::on_escape(move || leave.with_value(|leave| leave()));
    view! {
        <section class=PANE class:pane--wide=wide aria-labelledby=TITLE>
            <header class="pane__head">
                <h2 class="pane__title" id=TITLE tabindex="-1" node_ref=heading>{title}</h2>
                <a
                    class="button button--quiet pane__close"
                    href=move || close.get()
                    aria-label=text::pane_close(locale)
                    title=text::pane_close(locale)
                >
                    <Icon glyph=Glyph::Cross/>
                </a>
                {head.map(|head| view! { <div class="pane__below">{head()}</div> })}
            </header>
            <div class="pane__body">{children()}</div>
        </section>
    }
}
