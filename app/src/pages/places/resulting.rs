//! What people may when all is taken together, and what it comes from: at a place, and of a person.

use catalogue::{Locale, principal_label, role_label, text};
use domain::service::{ResultingRole, RoleSource};
use leptos::prelude::*;

use super::path_of;
use crate::components::{Head, TableFrame};
use crate::preferences::use_locale;
use crate::routes;

/// Everybody who has a role at a place.
#[component]
pub fn ResultingHere(rows: Vec<ResultingRole>, more: bool) -> impl IntoView {
    let locale = use_locale();
    let rows = rows
        .into_iter()
        .map(|row| {
            let ResultingRole { principal, name, at: _, role, sources } = row;
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main">{name}</th>
                    <td>{principal_label(locale, &principal)}</td>
                    <td class="table__state">{role_label(locale, role)}</td>
                    <td class="table__wrap"><Sources sources=sources/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="resulting">
            <h2 class="section__title" id="resulting">{text::resulting_title(locale)}</h2>
            <p class="lead">{text::resulting_words(locale)}</p>
            <TableFrame
                caption=text::resulting_title(locale)
                heads=vec![
                    Head::Words(text::column_who(locale)),
                    Head::Words(text::column_kind(locale)),
                    Head::Words(text::column_role(locale)),
                    Head::Words(text::column_comes_from(locale)),
                ]
            >
                {rows}
            </TableFrame>
            {more.then(|| view! { <p class="nothing">{text::resulting_more(locale)}</p> })}
        </section>
    }
}

/// Of one person, place by place.
#[component]
pub fn ResultingOf(rows: Vec<ResultingRole>) -> impl IntoView {
    let locale = use_locale();
    let rows = rows
        .into_iter()
        .map(|row| {
            let ResultingRole { principal: _, name: _, at, role, sources } = row;
            let place = at.last().map(|step| routes::place(step.place.id())).unwrap_or_default();
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main">
                        <a class="table__link" href=place>{path_of(&at)}</a>
                    </th>
                    <td class="table__state">{role_label(locale, role)}</td>
                    <td class="table__wrap"><Sources sources=sources/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableFrame
            caption=text::person_rights_title(locale)
            heads=vec![
                Head::Words(text::column_where(locale)),
                Head::Words(text::column_role(locale)),
                Head::Words(text::column_comes_from(locale)),
            ]
        >
            {rows}
        </TableFrame>
    }
}

#[component]
fn Sources(sources: Vec<RoleSource>) -> impl IntoView {
    let locale = use_locale();
    if sources.is_empty() {
        return text::resulting_administrator(locale).into_any();
    }
    let lines = sources.iter().map(|source| view! { <li>{source_words(locale, source)}</li> }).collect_view();
    view! { <ul class="changes">{lines}</ul> }.into_any()
}

fn source_words(locale: Locale, source: &RoleSource) -> String {
    let place = path_of(&source.at);
    match &source.group {
        None => text::resulting_assigned(locale, &place),
        Some(group) => text::resulting_through_group(locale, group, &place),
    }
}
