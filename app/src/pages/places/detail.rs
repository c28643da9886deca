//! One place: what is in it, who has access, and what its owners may do with it.

use catalogue::{role_label, text};
use domain::access::{Place, Role};
use domain::id::{ResourceGroupId, SubscriptionId};
use domain::service::{PlaceDetail, ResourceGroupRow, ServiceError};
use domain::violation::Field as FieldName;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

use super::assignments::{Assignments, ServiceAccounts};
use super::embedding::Embedding;
use super::outbound::Outbound;
use super::quota::Quotas;
use super::{crumbs, kind_label, own_role};
use crate::components::{
    CallForm, DeleteSection, Disclosure, Essential, Essentials, Failure, Field, FormState, Glyph, Head,
    PageHead, Submit, Summary, TableFrame, TextInput, form_name, use_failure_status, use_outcome,
};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::access::{
    AssignRole, CreateResourceGroup, DeleteResourceGroup, DeleteSubscription, RenamePlace, UnassignRole,
    get_place,
};
use crate::wire::resource;

/// The page.
#[component]
pub fn PlacePage() -> impl IntoView {
    let locale = use_locale();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("place")?.parse::<Uuid>().ok()));
    let assign = ServerAction::<AssignRole>::new();
    let unassign = ServerAction::<UnassignRole>::new();
    let rename = ServerAction::<RenamePlace>::new();
    let place = resource(
        move || (id.get(), assign.version().get(), unassign.version().get(), rename.version().get()),
        async |(id, ..)| match id {
            Some(id) => get_place(id).await,
            None => Err(ServiceError::NotFound.into()),
        },
    );
    let content = move || {
        Suspend::new(async move {
            match place.await {
                Ok(detail) => {
                    view! { <Detail detail=detail assign=assign unassign=unassign rename=rename/> }.into_any()
                }
                Err(error) => {
                    use_failure_status(&error);
                    view! { <PageHead title=text::places_title(locale)/><Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn Detail(
    detail: PlaceDetail,
    assign: ServerAction<AssignRole>,
    unassign: ServerAction<UnassignRole>,
    rename: ServerAction<RenamePlace>,
) -> impl IntoView {
    let locale = use_locale();
    let PlaceDetail { step, resource_group, way, role, groups, access, may_delete, now: _ } = detail;
    let place = step.place;
    let owner = role == Role::Owner;
    let groups = match place {
        Place::Subscription(id) => Some(view! { <Groups subscription=id groups=groups owner=owner/> }),
        Place::ResourceGroup(..) | Place::Cluster(..) => None,
    };
    let name = step.name.clone();
    view! {
        <PageHead title=step.name crumbs=crumbs(locale, &way)/>
        <Essentials>
            <Essential label=text::column_kind(locale)>{kind_label(locale, &place)}</Essential>
            <Essential label=text::place_your_role(locale)>{role_label(locale, role)}</Essential>
            {resource_group.map(|name| view! {
                <Essential label=text::column_name(locale) mono=true>{name}</Essential>
            })}
            <Essential label=text::place_id(locale) mono=true>{place.id().to_string()}</Essential>
        </Essentials>
        {groups}
        {match place {
            Place::Subscription(id) => view! { <Outbound id=id/><Embedding id=id owner=owner/> }.into_any(),
            Place::ResourceGroup(_, id) => view! { <Quotas id=id/> }.into_any(),
            Place::Cluster(..) => ().into_any(),
        }}
        {access.map(|access| {
            let accounts = access.service_accounts.clone();
            view! {
                <Assignments place=place access=access assign=assign unassign=unassign/>
                <ServiceAccounts place=place accounts=accounts/>
            }
        })}
        {(owner && !matches!(place, Place::Cluster(..))).then(|| view! {
            <Rename id=place.id() name=name action=rename/>
        })}
        {may_delete.then(|| match place {
            Place::Subscription(id) => view! { <DeleteSubscriptionForm id=id/> }.into_any(),
            Place::ResourceGroup(subscription, id) => {
                view! { <DeleteGroupForm id=id subscription=subscription/> }.into_any()
            }
            Place::Cluster(..) => ().into_any(),
        })}
    }
}

#[component]
fn Groups(subscription: SubscriptionId, groups: Vec<ResourceGroupRow>, owner: bool) -> impl IntoView {
    let locale = use_locale();
    let body = if groups.is_empty() {
        view! { <p class="nothing">{text::place_no_groups(locale)}</p> }.into_any()
    } else {
        let rows = groups
            .into_iter()
            .map(|ResourceGroupRow { id, name, display_name, role, clusters }| {
                view! {
                    <tr class="table__row">
                        <th scope="row" class="table__main">
                            <a class="table__link" href=routes::place(id.0) title=name>{display_name}</a>
                        </th>
                        <td class="table__state">{own_role(locale, role)}</td>
                        <td class="table__number">{text::place_clusters(locale, clusters)}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <TableFrame
                caption=text::groups_title(locale)
                heads=vec![
                    Head::Words(text::column_name(locale)),
                    Head::Words(text::place_your_role(locale)),
                    Head::Number(text::column_clusters(locale)),
                ]
            >
                {rows}
            </TableFrame>
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="groups">
            <h2 class="section__title" id="groups">{text::groups_title(locale)}</h2>
            {body}
            {owner.then(|| view! { <CreateGroup subscription=subscription/> })}
        </section>
    }
}

#[component]
fn CreateGroup(subscription: SubscriptionId) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<CreateResourceGroup>::new();
    let outcome = use_outcome(action);
    FormState::plain(form_name::<CreateResourceGroup>(), outcome, Vec::new()).provide();
    let refused = outcome.with_untracked(Option::is_some);
    view! {
        <Disclosure label=text::group_create(locale) open=refused>
            <CallForm action=action class="form" label=text::group_create(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="subscription" value=subscription.to_string()/>
                <Field field=FieldName::ResourceGroupName><TextInput/></Field>
                <div class="form__acts">
                    <Submit label=text::group_create(locale) pending=action.pending()/>
                </div>
            </CallForm>
        </Disclosure>
    }
}

#[component]
fn Rename(id: Uuid, name: String, action: ServerAction<RenamePlace>) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    let initial = vec![(FieldName::DisplayName.input(), name)];
    FormState::plain(form_name::<RenamePlace>(), outcome, initial).provide();
    view! {
        <section class="section" aria-labelledby="settings">
            <h2 class="section__title" id="settings">{text::settings_of_place(locale)}</h2>
            <CallForm action=action class="form" label=text::place_rename(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="id" value=id.to_string()/>
                <Field field=FieldName::DisplayName><TextInput/></Field>
                <div class="form__acts">
                    <Submit label=text::place_rename(locale) look="plain" pending=action.pending()/>
                </div>
            </CallForm>
        </section>
    }
}

#[component]
fn DeleteSubscriptionForm(id: SubscriptionId) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<DeleteSubscription>::new();
    let outcome = use_outcome(action);
    view! {
        <DeleteSection words=text::place_delete_words(locale) outcome=outcome>
            <CallForm action=action class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit
                    label=text::subscription_delete(locale)
                    look="danger"
                    glyph=Glyph::Bin
                    pending=action.pending()
                />
            </CallForm>
        </DeleteSection>
    }
}

#[component]
fn DeleteGroupForm(id: ResourceGroupId, subscription: SubscriptionId) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<DeleteResourceGroup>::new();
    let outcome = use_outcome(action);
    view! {
        <DeleteSection words=text::place_delete_words(locale) outcome=outcome>
            <CallForm action=action class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="subscription" value=subscription.to_string()/>
                <Submit
                    label=text::group_delete(locale)
                    look="danger"
                    glyph=Glyph::Bin
                    pending=action.pending()
                />
            </CallForm>
        </DeleteSection>
    }
}
