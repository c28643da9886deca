//! The frame of a table: its name for assistive technology and its heads.

use leptos::prelude::*;

/// What stands over a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Words.
    Words(&'static str),
    /// Words over numbers.
    Number(&'static str),
    /// Words for assistive technology alone: over the buttons of the rows.
    Hidden(&'static str),
}

/// A table; its rows go inside.
#[component]
pub fn TableFrame(
    /// What it lists.
    #[prop(into)]
    caption: String,
    /// In the order of the columns.
    heads: Vec<Head>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let head = |head| match head {
        Head::Words(words) => view! { <th scope="col">{words}</th> }.into_any(),
        Head::Number(words) => view! { <th scope="col" class="table__number">{words}</th> }.into_any(),
        Head::Hidden(words) => {
            view! { <th scope="col"><span class="visually-hidden">{words}</span></th> }.into_any()
        }
    };
    let heads = heads.into_iter().map(head).collect_view();
    view! {
        <div class="table-frame">
            <table class="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
