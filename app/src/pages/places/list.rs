//! All places that one sees something of.

use catalogue::text;
use domain::service::{PlaceList, ResourceGroupRow, SubscriptionRow};
use domain::violation::Field as FieldName;
use leptos::prelude::*;

use super::own_role;
use crate::components::{
    CallForm, Disclosure, EmptyState, Failure, Field, FormState, Glyph, Icon, PageHead, Submit, Summary,
    TextInput, form_name, use_failure_status, use_outcome,
};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::access::{CreateSubscription, list_places};
use crate::wire::resource;

/// The page.
#[component]
pub fn PlacesPage() -> impl IntoView {
    let locale = use_locale();
    let places = resource(|| (), |()| list_places());
    let content = move || {
        Suspend::new(async move {
            match places.await {
                Ok(list) => view! { <List list=list/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! {
        <PageHead title=text::places_title(locale)/>
        <p class="lead">{text::places_words(locale)}</p>
        <Transition>{content}</Transition>
    }
}

#[component]
fn List(list: PlaceList) -> impl IntoView {
    let locale = use_locale();
    let PlaceList { subscriptions, may_create } = list;
    let body = if subscriptions.is_empty() {
        view! {
            <EmptyState title=text::places_empty_title(locale) words=text::places_empty_words(locale)/>
        }
        .into_any()
    } else {
        let rows = subscriptions.into_iter().map(|row| view! { <Subscription row=row/> }).collect_view();
        view! {
            <div class="table-frame">
                <table class="table">
                    <caption class="visually-hidden">{text::places_title(locale)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{text::column_name(locale)}</th>
                            <th scope="col">{text::column_kind(locale)}</th>
                            <th scope="col">{text::place_your_role(locale)}</th>
                            <th scope="col" class="table__number">{text::column_clusters(locale)}</th>
                        </tr>
                    </thead>
                    {rows}
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        {body}
        {may_create.then(|| view! { <Create/> })}
    }
}

#[component]
fn Subscription(row: SubscriptionRow) -> impl IntoView {
    let locale = use_locale();
    let SubscriptionRow { id, name, role, groups } = row;
    let clusters: u32 = groups.iter().map(|group| group.clusters).sum();
    // Only a place of which one has a role can be opened as a whole.
    let name = match role {
        Some(_) => view! { <a class="table__link" href=routes::place(id.0)>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let groups = groups.into_iter().map(|group| view! { <Group row=group/> }).collect_view();
    view! {
        <tbody>
            <tr class="table__row">
                <th scope="row" class="table__main">{name}</th>
                <td class="table__where">{text::place_kind_subscription(locale)}</td>
                <td class="table__state">{own_role(locale, role)}</td>
                <td class="table__number">{clusters.to_string()}</td>
            </tr>
            {groups}
        </tbody>
    }
}

#[component]
fn Group(row: ResourceGroupRow) -> impl IntoView {
    let locale = use_locale();
    let ResourceGroupRow { id, name, display_name, role, clusters } = row;
    let name = match role {
        Some(_) => {
            view! { <a class="table__link" href=routes::place(id.0) title=name>{display_name}</a> }.into_any()
        }
        None => view! { <span title=name>{display_name}</span> }.into_any(),
    };
    view! {
        <tr class="table__row">
            <th scope="row" class="table__main table__inside"><Icon glyph=Glyph::Folder/>{name}</th>
            <td class="table__where">{text::place_kind_group(locale)}</td>
            <td class="table__state">{own_role(locale, role)}</td>
            <td class="table__number">{clusters.to_string()}</td>
        </tr>
    }
}

#[component]
fn Create() -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<CreateSubscription>::new();
    let outcome = use_outcome(action);
    FormState::plain(form_name::<CreateSubscription>(), outcome, Vec::new()).provide();
    let refused = outcome.with_untracked(Option::is_some);
    view! {
        <section class="section">
            <Disclosure label=text::subscription_create(locale) open=refused>
                <CallForm action=action class="form" label=text::subscription_create(locale)>
                    <Summary outcome=outcome/>
                    <Field field=FieldName::DisplayName><TextInput/></Field>
                    <Field
                        field=FieldName::Subscription
                        hint=Signal::stored(text::hint_subscription_id(locale).to_owned())
                    >
                        <TextInput mono=true/>
                    </Field>
                    <div class="form__acts">
                        <Submit label=text::subscription_create(locale) pending=action.pending()/>
                    </div>
                </CallForm>
            </Disclosure>
        </section>
    }
}
