//! One person: all rights there are, the password, and forgetting the person.

use catalogue::{principal_label, role_label, text};
use domain::access::Principal;
use domain::id::UserId;
use domain::service::{NewLink, PersonDetail, RoleAssignmentRow, ServiceError};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::Link;
use crate::components::{
    AbsoluteTime, CallForm, Crumb, DeleteSection, Essential, Essentials, Failure, Glyph, Head, NativeForm,
    PageHead, RelativeTime, Submit, Summary, TableFrame, form_name, use_failure_status, use_outcome,
};
use crate::forms::Answered;
use crate::pages::places::path_of;
use crate::pages::places::resulting::ResultingOf;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::people::{DeletePerson, ResetPassword, get_person};
use crate::wire::resource;

/// The page.
#[component]
pub fn PersonPage() -> impl IntoView {
    let locale = use_locale();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("person")?.parse::<UserId>().ok()));
    let person = resource(
        move || id.get(),
        async |id| match id {
            Some(id) => get_person(id).await,
            None => Err(ServiceError::NotFound.into()),
        },
    );
    let content = move || {
        Suspend::new(async move {
            match person.await {
                Ok(detail) => view! { <Detail detail=detail/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <PageHead title=text::people_title(locale)/><Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn Detail(detail: PersonDetail) -> impl IntoView {
    let locale = use_locale();
    let PersonDetail { row, assignments, resulting, oneself, now } = detail;
    let link = expect_context::<Answered>().of::<NewLink>(form_name::<ResetPassword>());
    let seen = match row.last_seen {
        Some(moment) => view! { <RelativeTime moment=moment told=now/> }.into_any(),
        None => text::never(locale).into_any(),
    };
    let password =
        if row.has_password { text::person_has_password(locale) } else { text::person_no_password(locale) };
    let rights = if row.administrator {
        view! { <p>{text::person_rights_all(locale)}</p> }.into_any()
    } else if assignments.is_empty() {
        view! { <p class="nothing">{text::person_rights_none(locale)}</p> }.into_any()
    } else {
        view! { <ResultingOf rows=resulting/> }.into_any()
    };
    let assigned = (!row.administrator && !assignments.is_empty())
        .then(|| view! { <Assigned assignments=assignments/> });
    let (id, name) = (row.id, row.name.clone());
    view! {
        <PageHead
            title=row.name
            crumbs=vec![Crumb::new(text::people_title(locale), routes::PEOPLE)]
        />
        <Link link=link/>
        <Essentials>
            <Essential label=text::column_password(locale)>{password}</Essential>
            <Essential label=text::column_since(locale)><AbsoluteTime moment=row.created_at/></Essential>
            <Essential label=text::column_last_seen_here(locale)>{seen}</Essential>
        </Essentials>
        <section class="section" aria-labelledby="rights">
            <h2 class="section__title" id="rights">{text::person_rights_title(locale)}</h2>
            {rights}
        </section>
        {assigned}
        <section class="section" aria-labelledby="password">
            <h2 class="section__title" id="password">{text::person_reset_title(locale)}</h2>
            <p>{text::person_reset_words(locale)}</p>
            <Reset id=id/>
        </section>
        {(!oneself).then(|| view! { <Delete id=id name=name/> })}
    }
}

#[component]
fn Assigned(assignments: Vec<RoleAssignmentRow>) -> impl IntoView {
    let locale = use_locale();
    let rows = assignments
        .into_iter()
        .map(|row| {
            let by = match &row.principal {
                Principal::Group { name, .. } => text::person_by_group(locale, name),
                other => principal_label(locale, other),
            };
            let place = row.at.last().map(|step| routes::place(step.place.id())).unwrap_or_default();
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main">
                        <a class="table__link" href=place>{path_of(&row.at)}</a>
                    </th>
                    <td class="table__state">{role_label(locale, row.role)}</td>
                    <td class="table__where">{by}</td>
                    <td class="table__time"><AbsoluteTime moment=row.created_at/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby="assigned">
            <h2 class="section__title" id="assigned">{text::person_assigned_title(locale)}</h2>
            <TableFrame
                caption=text::person_assigned_title(locale)
                heads=vec![
                    Head::Words(text::column_where(locale)),
                    Head::Words(text::column_role(locale)),
                    Head::Words(text::column_kind(locale)),
                    Head::Words(text::column_since(locale)),
                ]
            >
                {rows}
            </TableFrame>
        </section>
    }
}

#[component]
fn Reset(id: UserId) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<ResetPassword>::new());
    view! {
        <Summary outcome=outcome/>
        <NativeForm form={form_name::<ResetPassword>()} label=text::person_reset(locale)>
            <input type="hidden" name="id" value=id.to_string()/>
            <Submit label=text::person_reset(locale) look="plain" glyph=Glyph::Key/>
        </NativeForm>
    }
}

#[component]
fn Delete(id: UserId, name: String) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<DeletePerson>::new();
    let outcome = use_outcome(action);
    view! {
        <DeleteSection words=text::person_delete_words(locale) outcome=outcome>
            <CallForm action=action class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit
                    label=text::person_delete(locale, &name)
                    look="danger"
                    glyph=Glyph::Bin
                    pending=action.pending()
                />
            </CallForm>
        </DeleteSection>
    }
}
