//! Around a list: the filter above, the pages below, and what an empty one says.

use catalogue::text;
use leptos::prelude::*;
use leptos_router::components::Form;

use super::{Glyph, Icon};
use crate::preferences::use_locale;
use crate::routes::list_page;

/// Filters the list by a plain form: the filter is part of the path.
#[component]
pub fn FilterBar(
    /// Path of the list.
    #[prop(into)]
    path: String,
    /// The present filter.
    #[prop(into)]
    filter: String,
    /// What is filtered by.
    label: &'static str,
) -> impl IntoView {
    let all = (!filter.is_empty()).then(|| path.clone());
    view! {
        <search class="filter">
            <Form method="GET" action=path attr:class="filter__form">
                <FilterField filter=filter label=label all=all/>
            </Form>
        </search>
    }
}

/// Inside such a form: the words to filter by, the button that does it, and the way back to the whole list.
#[component]
pub fn FilterField(
    /// The present filter.
    filter: String,
    /// What is filtered by.
    label: &'static str,
    /// Path of the whole list while only a part of it is shown.
    all: Option<String>,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <label class="filter__label" for="filter">{label}</label>
        <input
            class="input filter__input"
            type="search"
            id="filter"
            name="filter"
            value=filter
            placeholder=label
            autocomplete="off"
            spellcheck="false"
        />
        <button type="submit" class="button button--plain">
            <Icon glyph=Glyph::Funnel/>
            <span>{text::filter_apply(locale)}</span>
        </button>
        {all.map(|all| view! {
            <a class="button button--quiet" href=all>{text::filter_clear(locale)}</a>
        })}
    }
}

/// The pages of a list; nothing when there is only one.
#[component]
pub fn Pager(
    /// Path of the list.
    #[prop(into)]
    path: String,
    /// The present filter.
    #[prop(into)]
    filter: String,
    /// The present page, from 1.
    page: u32,
    /// How many there are.
    pages: u32,
    /// Rows in the whole list.
    total: u32,
) -> impl IntoView {
    let locale = use_locale();
    let link = move |to: u32, label: &'static str, rel: &'static str| {
        let here = (1..=pages).contains(&to);
        if here {
            view! { <a class="button button--plain" rel=rel href=list_page(&path, to, &filter)>{label}</a> }
                .into_any()
        } else {
            view! { <span class="button button--plain button--off" aria-disabled="true">{label}</span> }
                .into_any()
        }
    };
    (pages > 1).then(move || {
        view! {
            <nav class="pager" aria-label=text::pager_label(locale)>
                {link(page.saturating_sub(1), text::pager_previous(locale), "prev")}
                <span class="pager__where">
                    {text::pager_where(locale, &page.to_string(), &pages.to_string(), total)}
                </span>
                {link(page.saturating_add(1), text::pager_next(locale), "next")}
            </nav>
        }
    })
}

/// Says what to do when there is nothing yet.
#[component]
pub fn EmptyState(
    /// What is missing.
    title: &'static str,
    /// What it would be good for, and how to get it.
    words: &'static str,
    /// The one next step.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="empty__title">{title}</h2>
            <p class="empty__words">{words}</p>
            {children.map(|children| view! { <p class="empty__act">{children()}</p> })}
        </div>
    }
}
