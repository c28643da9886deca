//! Who has which role at a place, and its service accounts: for owners.

use catalogue::{principal_label, role_label, text};
use domain::access::Place;
use domain::service::{PlaceAccess, RoleAssignmentRow, ServiceAccountRow};
use domain::violation::Field as FieldName;
use leptos::prelude::*;

use super::resulting::ResultingHere;
use super::{path_of, roles};
use crate::components::{
    AbsoluteTime, CallForm, Disclosure, Field, FormState, Glyph, Head, Select, Submit, Summary, TableFrame,
    TextInput, form_name, use_outcome,
};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::access::{AssignRole, CreateServiceAccount, UnassignRole};

/// Who has which role, and assigning one.
#[component]
pub fn Assignments(
    place: Place,
    access: PlaceAccess,
    assign: ServerAction<AssignRole>,
    unassign: ServerAction<UnassignRole>,
) -> impl IntoView {
    let locale = use_locale();
    let PlaceAccess { assignments, resulting, more, service_accounts: _, providers } = access;
    let refused = use_outcome(unassign);
    let body = if assignments.is_empty() {
        view! { <p class="nothing">{text::access_none(locale)}</p> }.into_any()
    } else {
        let rows =
            assignments.into_iter().map(|row| view! { <Row row=row unassign=unassign/> }).collect_view();
        view! {
            <TableFrame
                caption=text::access_title(locale)
                heads=vec![
                    Head::Words(text::column_who(locale)),
                    Head::Words(text::column_kind(locale)),
                    Head::Words(text::column_role(locale)),
                    Head::Words(text::column_assigned_at(locale)),
                    Head::Words(text::column_since(locale)),
                    Head::Words(text::column_by(locale)),
                    Head::Hidden(text::access_end(locale)),
                ]
            >
                {rows}
            </TableFrame>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="access">
            <h2 class="section__title" id="access">{text::access_title(locale)}</h2>
            <p class="lead">{text::access_words(locale)}</p>
            <Summary outcome=refused/>
            {body}
            <Assign place=place providers=providers action=assign/>
        </section>
        {(!resulting.is_empty()).then(|| view! { <ResultingHere rows=resulting more=more/> })}
    }
}

#[component]
fn Row(row: RoleAssignmentRow, unassign: ServerAction<UnassignRole>) -> impl IntoView {
    let locale = use_locale();
    let RoleAssignmentRow { id, principal, name, role, at, inherited, created_at, created_by } = row;
    let role = role_label(locale, role);
    // What was assigned further out is taken back there.
    let act = if inherited {
        text::access_inherited(locale, &path_of(&at)).into_any()
    } else {
        view! {
            <CallForm action=unassign label=text::access_end_named(locale, role, &name)>
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit label=text::access_end(locale) look="plain" glyph=Glyph::Bin/>
            </CallForm>
        }
        .into_any()
    };
    view! {
        <tr class="table__row">
            <th scope="row" class="table__main">{name}</th>
            <td>{principal_label(locale, &principal)}</td>
            <td class="table__state">{role}</td>
            <td class="table__where">{path_of(&at)}</td>
            <td class="table__time"><AbsoluteTime moment=created_at/></td>
            <td>{created_by}</td>
            <td class="table__act">{act}</td>
        </tr>
    }
}

#[component]
fn Assign(place: Place, providers: Vec<String>, action: ServerAction<AssignRole>) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    FormState::plain(form_name::<AssignRole>(), outcome, Vec::new()).provide();
    let refused = outcome.with_untracked(Option::is_some);
    let from = (!providers.is_empty()).then(|| {
        let own = (String::new(), text::provider_portal(locale).to_owned());
        let groups = providers.into_iter().map(|name| (name.clone(), text::principal_group(locale, &name)));
        let options: Vec<_> = std::iter::once(own).chain(groups).collect();
        view! {
            <Field field=FieldName::Provider hint=Signal::stored(text::hint_provider(locale).to_owned())>
                <Select options=options/>
            </Field>
        }
    });
    view! {
        <Disclosure label=text::access_assign(locale) open=refused>
            <CallForm action=action class="form" label=text::access_assign(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="place" value=place.id().to_string()/>
                <Field field=FieldName::Principal hint=Signal::stored(text::hint_principal(locale).to_owned())>
                    <TextInput/>
                </Field>
                {from}
                <Field field=FieldName::Role><Select options=roles(locale)/></Field>
                <div class="form__acts">
                    <Submit label=text::access_assign(locale) pending=action.pending()/>
                </div>
            </CallForm>
        </Disclosure>
    }
}

/// The service accounts that belong here, and making one.
#[component]
pub fn ServiceAccounts(place: Place, accounts: Vec<ServiceAccountRow>) -> impl IntoView {
    let locale = use_locale();
    let body = if accounts.is_empty() {
        view! { <p class="nothing">{text::service_accounts_none(locale)}</p> }.into_any()
    } else {
        let rows = accounts
            .into_iter()
            .map(|ServiceAccountRow { id, name, created_at }| {
                view! {
                    <tr class="table__row">
                        <th scope="row" class="table__main">
                            <a class="table__link" href=routes::service_account(id)>{name}</a>
                        </th>
                        <td class="table__time"><AbsoluteTime moment=created_at/></td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <TableFrame
                caption=text::service_accounts_title(locale)
                heads=vec![
                    Head::Words(text::column_name(locale)),
                    Head::Words(text::column_since(locale)),
                ]
            >
                {rows}
            </TableFrame>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="service-accounts">
            <h2 class="section__title" id="service-accounts">{text::service_accounts_title(locale)}</h2>
            <p class="lead">{text::service_accounts_words(locale)}</p>
            {body}
            <CreateAccount place=place/>
        </section>
    }
}

#[component]
fn CreateAccount(place: Place) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<CreateServiceAccount>::new();
    let outcome = use_outcome(action);
    FormState::plain(form_name::<CreateServiceAccount>(), outcome, Vec::new()).provide();
    let refused = outcome.with_untracked(Option::is_some);
    view! {
        <Disclosure label=text::service_account_create(locale) open=refused>
            <CallForm action=action class="form" label=text::service_account_create(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="place" value=place.id().to_string()/>
                <Field field=FieldName::ServiceAccountName><TextInput/></Field>
                <Field field=FieldName::ServiceAccountRole><Select options=roles(locale)/></Field>
                <div class="form__acts">
                    <Submit label=text::service_account_create(locale) pending=action.pending()/>
                </div>
            </CallForm>
        </Disclosure>
    }
}
