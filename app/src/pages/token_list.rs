//! Tokens in a table, and the one that was made just now: for people and for service accounts.

use catalogue::{Locale, role_label, text};
use domain::access::Role;
use domain::service::{NewToken, TokenList, TokenRow};
use leptos::prelude::*;

use super::places::path_of;
use crate::components::{AbsoluteTime, CopyBlock, Glyph, Head, Icon, RelativeTime, TableFrame};
use crate::preferences::use_locale;

/// The token that was made just now, once.
#[component]
pub fn Made(made: Option<NewToken>) -> impl IntoView {
    let locale = use_locale();
    made.map(|made| {
        let content = Signal::stored(made.token);
        view! {
            <div class="made" role="status">
                <p class="made__words"><Icon glyph=Glyph::Tick/><span>{text::token_made(locale, &made.row.name)}</span></p>
                <CopyBlock label=text::token_label(locale) content=content/>
            </div>
        }
    })
}

/// The choice of nothing: the token is not narrowed.
pub(super) fn no_choice(locale: Locale) -> (String, String) {
    (String::new(), text::choose_none(locale).to_owned())
}

/// The roles that a token can be narrowed to.
pub(super) fn role_choices(locale: Locale) -> Vec<(String, String)> {
    let roles = [Role::Reader, Role::Contributor, Role::Owner];
    let roles = roles.map(|role| (role.as_str().to_owned(), role_label(locale, role).to_owned()));
    std::iter::once(no_choice(locale)).chain(roles).collect()
}

/// Live tokens; `end` is the form that ends one, with its label.
#[component]
pub fn TokenTable<End, Form>(list: TokenList, end: End) -> impl IntoView
where
    End: Fn(&TokenRow, String) -> Form,
    Form: IntoView + 'static,
{
    let locale = use_locale();
    let TokenList { tokens, now } = list;
    if tokens.is_empty() {
        return view! { <p class="nothing">{text::tokens_none(locale)}</p> }.into_any();
    }
    let rows = tokens
        .into_iter()
        .map(|row| {
            let act = end(&row, text::token_end_named(locale, &row.name));
            let limit = match row.role {
                None => text::token_whole(locale).to_owned(),
                Some(role) => text::token_limited(locale, role_label(locale, role), &path_of(&row.place)),
            };
            let used = match row.last_used_at {
                Some(moment) => view! { <RelativeTime moment=moment told=now.clone()/> }.into_any(),
                None => text::never(locale).into_any(),
            };
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main">{row.name}</th>
                    <td class="mono">{row.prefix}"…"</td>
                    <td class="table__where">{limit}</td>
                    <td class="table__time"><AbsoluteTime moment=row.created_at/></td>
                    <td class="table__time"><AbsoluteTime moment=row.expires_at/></td>
                    <td class="table__time">{used}</td>
                    <td class="table__act">{act}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableFrame
            caption=text::tokens_title(locale)
            heads=vec![
                Head::Words(text::column_name(locale)),
                Head::Words(text::column_token(locale)),
                Head::Words(text::column_limit(locale)),
                Head::Words(text::column_made(locale)),
                Head::Words(text::column_ends(locale)),
                Head::Words(text::column_last_used(locale)),
                Head::Hidden(text::token_end(locale)),
            ]
        >
            {rows}
        </TableFrame>
    }
    .into_any()
}
