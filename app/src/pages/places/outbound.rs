//! Which hosts a subscription's configurations and clusters may lead to.

use catalogue::text;
use domain::id::SubscriptionId;
use domain::service::OutboundView;
use domain::violation::Field as FieldName;
use leptos::prelude::*;

use crate::components::{
    CallForm, Disclosure, Failure, Field, FormState, Submit, Summary, TextArea, form_name, use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::access::{SetOutbound, get_outbound};
use crate::wire::resource;

/// Lines of the field; more are scrolled.
const ROWS: u32 = 6;

/// The section of a subscription's page.
#[component]
pub fn Outbound(id: SubscriptionId) -> impl IntoView {
    let locale = use_locale();
    let change = ServerAction::<SetOutbound>::new();
    let outbound = resource(move || change.version().get(), move |_| get_outbound(id));
    let content = move || {
        Suspend::new(async move {
            match outbound.await {
                Ok(outbound) => view! { <Content id=id outbound=outbound change=change/> }.into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    view! {
        <section class="section" aria-labelledby="outbound">
            <h2 class="section__title" id="outbound">{text::outbound_title(locale)}</h2>
            <p class="lead">{text::outbound_words(locale)}</p>
            <Transition>{content}</Transition>
        </section>
    }
}

#[component]
fn Content(id: SubscriptionId, outbound: OutboundView, change: ServerAction<SetOutbound>) -> impl IntoView {
    let locale = use_locale();
    let may_change = outbound.may_change;
    let list = if outbound.hosts.is_empty() {
        view! { <p class="nothing">{text::outbound_none(locale)}</p> }.into_any()
    } else {
        let entries =
            outbound.hosts.iter().cloned().map(|host| view! { <li class="objects__item mono">{host}</li> });
        view! { <ul class="objects">{entries.collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        {may_change.then(|| view! { <Change id=id outbound=outbound action=change/> })}
    }
}

#[component]
fn Change(id: SubscriptionId, outbound: OutboundView, action: ServerAction<SetOutbound>) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    let initial = vec![(FieldName::OutboundHosts.input(), outbound.hosts.join("\n"))];
    FormState::plain(form_name::<SetOutbound>(), outcome, initial).provide();
    let refused = outcome.with_untracked(Option::is_some);
    let hint = Signal::stored(text::outbound_hint(locale).to_owned());
    view! {
        <Disclosure label=text::outbound_change(locale) open=refused>
            <CallForm action=action class="form" label=text::outbound_change(locale)>
                <Summary outcome=outcome/>
                <p class="lead">{text::outbound_form_words(locale)}</p>
                <input type="hidden" name="subscription" value=id.to_string()/>
                <input type="hidden" name="version" value=outbound.version.to_string()/>
                <Field field=FieldName::OutboundHosts hint=hint>
                    <TextArea rows=ROWS/>
                </Field>
                <div class="form__acts">
                    <Submit label=text::outbound_save(locale) pending=action.pending()/>
                </div>
            </CallForm>
        </Disclosure>
    }
}
