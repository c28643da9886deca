//! The people of the installation, for administrators.

pub mod detail;
pub mod list;

pub use detail::PersonPage;
pub use list::PeoplePage;

use catalogue::text;
use domain::service::NewLink;
use leptos::prelude::*;

use crate::components::{CopyBlock, Glyph, Icon};
use crate::preferences::use_locale;

/// The link that was made just now, once.
#[component]
fn Link(link: Option<NewLink>) -> impl IntoView {
    let locale = use_locale();
    link.map(|link| {
        // The page knows best under which address people reach the portal.
        let content = RwSignal::new(link.path.clone());
        Effect::new(move |_| {
            let origin = window().location().origin().unwrap_or_default();
            content.set(format!("{origin}{}", link.path));
        });
        view! {
            <div class="made" role="status">
                <p class="made__words"><Icon glyph=Glyph::Tick/><span>{text::person_link(locale, &link.name)}</span></p>
                <CopyBlock label=text::person_link_label(locale) content=content/>
            </div>
        }
    })
}
