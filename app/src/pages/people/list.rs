//! The list of people.

use catalogue::text;
use domain::service::{NewLink, PersonList, PersonRow};
use domain::violation::Field as FieldName;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::Link;
use crate::components::{
    AbsoluteTime, Failure, Field, FormState, Head, NativeForm, PageHead, RelativeTime, Submit, Summary,
    TableFrame, TextInput, form_name, use_failure_status, use_outcome,
};
use crate::forms::Answered;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::people::{CreatePerson, list_people};
use crate::wire::resource;

/// The page.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let locale = use_locale();
    let query = use_query_map();
    let after = Memo::new(move |_| query.with(|query| query.get("after").unwrap_or_default()));
    let people = resource(move || after.get(), list_people);
    let content = move || {
        Suspend::new(async move {
            match people.await {
                Ok(list) => view! { <Table list=list/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    let link = expect_context::<Answered>().of::<NewLink>(form_name::<CreatePerson>());
    view! {
        <PageHead title=text::people_title(locale)/>
        <p class="lead">{text::people_words(locale)}</p>
        <Link link=link/>
        <Create/>
        <Transition>{content}</Transition>
    }
}

#[component]
fn Create() -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<CreatePerson>::new());
    let form = form_name::<CreatePerson>();
    FormState::plain(form, outcome, Vec::new()).provide();
    view! {
        <NativeForm form=form class="form" label=text::person_create(locale)>
            <Summary outcome=outcome/>
            <Field field=FieldName::UserName><TextInput/></Field>
            <div class="form__acts"><Submit label=text::person_create(locale)/></div>
        </NativeForm>
    }
}

#[component]
fn Table(list: PersonList) -> impl IntoView {
    let locale = use_locale();
    let PersonList { people, next, now } = list;
    let rows = people
        .into_iter()
        .map(|row| {
            let PersonRow { id, name, administrator, has_password, created_at, last_seen } = row;
            let password = if has_password {
                text::person_has_password(locale)
            } else {
                text::person_no_password(locale)
            };
            let seen = match last_seen {
                Some(moment) => view! { <RelativeTime moment=moment told=now.clone()/> }.into_any(),
                None => text::never(locale).into_any(),
            };
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main">
                        <a class="table__link" href=routes::person(id)>{name}</a>
                    </th>
                    <td class="table__state">{administrator.then(|| text::person_administrator(locale))}</td>
                    <td class="table__where">{password}</td>
                    <td class="table__time"><AbsoluteTime moment=created_at/></td>
                    <td class="table__time">{seen}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableFrame
            caption=text::people_title(locale)
            heads=vec![
                Head::Words(text::column_name(locale)),
                Head::Words(text::column_role(locale)),
                Head::Words(text::column_password(locale)),
                Head::Words(text::column_since(locale)),
                Head::Words(text::column_last_seen_here(locale)),
            ]
        >
            {rows}
        </TableFrame>
        {next.map(|name| view! {
            <p><a class="button button--plain" href=routes::people_behind(&name)>{text::people_more(locale)}</a></p>
        })}
    }
}
