//! How much a resource group may hold and do, and how much of that is used.

use catalogue::{field_label, text};
use domain::id::ResourceGroupId;
use domain::quota::{QuotaDraft, QuotaKind, QuotaReached};
use domain::service::QuotaView;
use leptos::prelude::*;

use crate::components::{
    CallForm, Disclosure, Failure, Field, FormState, Head, Submit, Summary, TableFrame, TextInput, form_name,
    use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::access::{SetQuota, get_quota};
use crate::wire::resource;

/// The section of a resource group's page.
#[component]
pub fn Quotas(id: ResourceGroupId) -> impl IntoView {
    let locale = use_locale();
    let change = ServerAction::<SetQuota>::new();
    let quota = resource(move || change.version().get(), move |_| get_quota(id));
    let content = move || {
        Suspend::new(async move {
            match quota.await {
                Ok(quota) => view! { <Content id=id quota=quota change=change/> }.into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    view! {
        <section class="section" aria-labelledby="quotas">
            <h2 class="section__title" id="quotas">{text::quota_title(locale)}</h2>
            <p class="lead">{text::quota_words(locale)}</p>
            <Transition>{content}</Transition>
        </section>
    }
}

#[component]
fn Content(id: ResourceGroupId, quota: QuotaView, change: ServerAction<SetQuota>) -> impl IntoView {
    let locale = use_locale();
    let may_change = quota.may_change;
    let rows = QuotaKind::ALL.map(|kind| view! { <Row quota=quota.clone() kind=kind/> });
    view! {
        <TableFrame
            caption=text::quota_title(locale)
            heads=vec![
                Head::Words(text::column_quota(locale)),
                Head::Number(text::column_used(locale)),
                Head::Number(text::column_quota_limit(locale)),
            ]
        >
            {rows.into_iter().collect_view()}
        </TableFrame>
        {may_change.then(|| view! { <Change id=id quota=quota action=change/> })}
    }
}

#[component]
fn Row(quota: QuotaView, kind: QuotaKind) -> impl IntoView {
    let locale = use_locale();
    let QuotaView { quota, usage, .. } = quota;
    let used = usage.of(kind).map(|used| used.to_string());
    let limit = quota.limit(kind).map(|limit| limit.to_string());
    // A sync is as large as it is: that it has as many objects as it may have is nothing to worry about.
    let reached = kind != QuotaKind::ObjectsPerSync && QuotaReached::of(&quota, &usage, kind).is_some();
    view! {
        <tr class="table__row">
            <th scope="row" class="table__main">{field_label(locale, kind.field())}</th>
            <td class="table__number">
                {used.unwrap_or_else(|| text::quota_unmeasured(locale).to_owned())}
                {reached.then(|| format!(" ({})", text::quota_reached(locale)))}
            </td>
            <td class="table__number">{limit.unwrap_or_else(|| text::quota_none(locale).to_owned())}</td>
        </tr>
    }
}

#[component]
fn Change(id: ResourceGroupId, quota: QuotaView, action: ServerAction<SetQuota>) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    let draft = QuotaDraft::of(&quota.quota);
    let initial = QuotaKind::ALL.map(|kind| (kind.field().input(), draft.text(kind).to_owned())).to_vec();
    FormState::plain(form_name::<SetQuota>(), outcome, initial).provide();
    let refused = outcome.with_untracked(Option::is_some);
    let field = move |kind: QuotaKind| {
        let hint = hint(locale, kind).map(|hint| Signal::stored(hint.to_owned()));
        match hint {
            Some(hint) => view! { <Field field=kind.field() hint=hint><TextInput/></Field> }.into_any(),
            None => view! { <Field field=kind.field()><TextInput/></Field> }.into_any(),
        }
    };
    view! {
        <Disclosure label=text::quota_change(locale) open=refused>
            <CallForm action=action class="form" label=text::quota_change(locale)>
                <Summary outcome=outcome/>
                <p class="lead">{text::quota_form_words(locale)}</p>
                <input type="hidden" name="group" value=id.to_string()/>
                <input type="hidden" name="version" value=quota.version.to_string()/>
                {QuotaKind::ALL.map(field).into_iter().collect_view()}
                <div class="form__acts">
                    <Submit label=text::quota_save(locale) pending=action.pending()/>
                </div>
            </CallForm>
        </Disclosure>
    }
}

fn hint(locale: catalogue::Locale, kind: QuotaKind) -> Option<&'static str> {
    match kind {
        QuotaKind::Configurations | QuotaKind::Clusters => None,
        QuotaKind::ObjectsPerSync => Some(text::quota_hint_objects_per_sync(locale)),
        QuotaKind::SyncsPerHour => Some(text::quota_hint_syncs_per_hour(locale)),
        QuotaKind::RepositorySize => Some(text::quota_hint_repository_mebibytes(locale)),
    }
}
