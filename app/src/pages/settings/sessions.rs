//! The browsers one is signed in with.

use catalogue::text;
use domain::service::{SessionList, SessionRow};
use leptos::prelude::*;

use crate::components::{
    AbsoluteTime, CallForm, Failure, Glyph, Head, RelativeTime, Submit, Summary, TableFrame,
    use_failure_status, use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::account::{EndSession, list_sessions};
use crate::wire::resource;

/// All of them, and ending one.
#[component]
pub fn Sessions() -> impl IntoView {
    let locale = use_locale();
    let end = ServerAction::<EndSession>::new();
    let ending = use_outcome(end);
    let sessions = resource(move || end.version().get(), async |_| list_sessions().await);
    let content = move || {
        Suspend::new(async move {
            match sessions.await {
                Ok(list) => view! { <Table list=list end=end/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! {
        <section class="section" aria-labelledby="sessions">
            <h2 class="section__title" id="sessions">{text::sessions_title(locale)}</h2>
            <p class="lead">{text::sessions_words(locale)}</p>
            <Summary outcome=ending/>
            <Transition>{content}</Transition>
        </section>
    }
}

#[component]
fn Table(list: SessionList, end: ServerAction<EndSession>) -> impl IntoView {
    let locale = use_locale();
    let SessionList { sessions, now } = list;
    let rows = sessions
        .into_iter()
        .map(|row| {
            let SessionRow { id, present, created_at, last_used_at, expires_at, user_agent, address, parent } = row;
            let browser = user_agent.unwrap_or_else(|| text::session_unknown(locale).to_owned());
            let label = text::session_end_named(locale, &browser);
            // The present one ends by signing out.
            let act = if present {
                text::session_this(locale).into_any()
            } else {
                view! {
                    <CallForm action=end label=label>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <Submit label=text::session_end(locale) look="plain" glyph=Glyph::Bin/>
                    </CallForm>
                }
                .into_any()
            };
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main table__wrap">
                        {browser}
                        {parent.map(|parent| view! { <span class="table__note">{text::session_embedded(locale, &parent)}</span> })}
                    </th>
                    <td class="mono table__where">{address}</td>
                    <td class="table__time"><AbsoluteTime moment=created_at/></td>
                    <td class="table__time"><RelativeTime moment=last_used_at told=now.clone()/></td>
                    <td class="table__time"><AbsoluteTime moment=expires_at/></td>
                    <td class="table__act">{act}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableFrame
            caption=text::sessions_title(locale)
            heads=vec![
                Head::Words(text::column_browser(locale)),
                Head::Words(text::column_from(locale)),
                Head::Words(text::column_opened(locale)),
                Head::Words(text::column_last_used(locale)),
                Head::Words(text::column_ends(locale)),
                Head::Hidden(text::session_end(locale)),
            ]
        >
            {rows}
        </TableFrame>
    }
}
