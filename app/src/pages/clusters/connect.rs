//! Connecting a cluster: one page, three steps that stay visible.

use catalogue::{cluster_type_label, field_label, kubeconfig_refusal_sentence, text};
use domain::cluster::{ClusterType, Preflight};
use domain::id::ClusterDraftId;
use domain::quota::QuotaReached;
use domain::service::{ConnectView, ContextView, PlaceChoice};
use domain::violation::Field as FieldName;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::preflight::PreflightList;
use crate::components::{
    Choice, Crumb, Failure, Field, FilePicker, FormState, Glyph, Icon, NativeForm, PageHead, Submit, Summary,
    TextArea, TextInput, form_name, use_failure_status, use_outcome,
};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::clusters::{BeginConnect, ConnectCluster, connect_draft};
use crate::wire::resource;

/// `?draft=…` once a kubeconfig waits, `&context=…` once one of its contexts is chosen.
#[component]
pub fn Connect() -> impl IntoView {
    let locale = use_locale();
    let query = use_query_map();
    let draft = Memo::new(move |_| query.with(|query| query.get("draft")?.parse::<ClusterDraftId>().ok()));
    let context =
        Memo::new(move |_| query.with(|query| query.get("context").filter(|name| !name.is_empty())));
    let view = resource(
        move || (draft.get(), context.get()),
        async |(draft, context)| match draft {
            Some(draft) => Some(connect_draft(draft, context).await),
            None => None,
        },
    );
    let steps = move || {
        Suspend::new(async move {
            match view.await {
                None => {
                    view! { <KubeconfigStep/> <LaterStep number="2" title=text::connect_step_context(locale)/>
                    <LaterStep number="3" title=text::connect_step_place(locale)/> }
                    .into_any()
                }
                Some(Ok(view)) => view! { <LaterSteps view=view/> }.into_any(),
                Some(Err(error)) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/><KubeconfigStep/> }.into_any()
                }
            }
        })
    };
    let crumbs = vec![Crumb::new(text::clusters_title(locale), routes::CLUSTERS)];
    view! {
        <PageHead title=text::connect_cluster(locale) crumbs=crumbs/>
        <p class="lead">{text::connect_words(locale)}</p>
        <ol class="steps"><Transition>{steps}</Transition></ol>
    }
}

#[component]
fn Step(number: &'static str, title: &'static str, children: Children) -> impl IntoView {
    let id = format!("step-{number}");
    view! {
        <li class="step">
            <section aria-labelledby=id.clone()>
                <h2 class="step__title" id=id.clone()><span class="step__number">{number}</span>{title}</h2>
                {children()}
            </section>
        </li>
    }
}

#[component]
fn LaterStep(number: &'static str, title: &'static str) -> impl IntoView {
    view! {
        <li class="step step--later">
            <h2 class="step__title"><span class="step__number">{number}</span>{title}</h2>
        </li>
    }
}

#[component]
fn KubeconfigStep() -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<BeginConnect>::new());
    let form = form_name::<BeginConnect>();
    FormState::plain(form, outcome, Vec::new()).provide();
    let text_area = NodeRef::<html::Textarea>::new();
    view! {
        <Step number="1" title=text::connect_step_kubeconfig(locale)>
            <NativeForm form=form class="form" label=text::connect_step_kubeconfig(locale)>
                <Summary outcome=outcome/>
                <Field
                    field=FieldName::Kubeconfig
                    hint=Signal::stored(text::hint_kubeconfig(locale).to_owned())
                >
                    <TextArea rows=10 node_ref=text_area/>
                </Field>
                <FilePicker field=FieldName::Kubeconfig text_area=text_area label=text::connect_file(locale)/>
                <div class="form__acts"><Submit label=text::connect_read(locale)/></div>
            </NativeForm>
        </Step>
    }
}

#[component]
fn LaterSteps(view: ConnectView) -> impl IntoView {
    let locale = use_locale();
    let ConnectView { draft, contexts, context, preflight, proposed_name, places } = view;
    let connectable = preflight.as_ref().is_some_and(Preflight::passed);
    let third = match (&context, connectable) {
        (Some(context), true) => {
            view! { <PlaceStep draft=draft context=context.clone() proposed_name=proposed_name places=places/> }
                .into_any()
        }
        _ => view! { <LaterStep number="3" title=text::connect_step_place(locale)/> }.into_any(),
    };
    view! {
        <Step number="1" title=text::connect_step_kubeconfig(locale)>
            <p class="step__done">
                <Icon glyph=Glyph::Tick/>
                <span>{text::connect_kept(locale)}</span>
                " "
                <a class="link" href=routes::CONNECT>{text::connect_other(locale)}</a>
            </p>
        </Step>
        <ContextStep draft=draft contexts=contexts context=context preflight=preflight/>
        {third}
    }
}

#[component]
fn ContextStep(
    draft: ClusterDraftId,
    contexts: Vec<ContextView>,
    context: Option<String>,
    preflight: Option<Preflight>,
) -> impl IntoView {
    let locale = use_locale();
    let chosen = context.clone().or_else(|| {
        contexts.iter().find(|context| context.refused.is_empty()).map(|context| context.name.clone())
    });
    let any = contexts.iter().any(|context| context.refused.is_empty());
    let chosen = StoredValue::new(chosen.unwrap_or_default());
    FormState {
        value: Callback::new(move |_| chosen.get_value()),
        typed: Callback::new(|_| {}),
        left: Callback::new(|_| {}),
        violations: Signal::stored(domain::violation::Violations::default()),
    }
    .provide();
    let check =
        if context.is_some() { text::connect_check_again(locale) } else { text::connect_check(locale) };
    view! {
        <Step number="2" title=text::connect_step_context(locale)>
            // A plain form that reads: the check changes nothing, and the page can be loaded again.
            <form class="form" method="get" action=routes::CONNECT>
                <input type="hidden" name="draft" value=draft.to_string()/>
                <fieldset class="choices">
                    <legend class="visually-hidden">{field_label(locale, FieldName::KubeconfigContext)}</legend>
                    {contexts.into_iter().map(|context| view! { <ContextCard context=context/> }).collect_view()}
                </fieldset>
                {any.then(|| view! { <div class="form__acts"><Submit label=check/></div> })}
            </form>
            {preflight.map(|preflight| view! { <PreflightList preflight=preflight/> })}
        </Step>
    }
}

#[component]
fn ContextCard(context: ContextView) -> impl IntoView {
    let locale = use_locale();
    let ContextView { name, server, user, namespace, refused } = context;
    let faults = refused
        .iter()
        .map(|field| view! { <li>{kubeconfig_refusal_sentence(locale, &field.field, field.reason)}</li> })
        .collect_view();
    view! {
        <Choice name="context" value=name.clone() label=name disabled=!refused.is_empty()>
            <dl class="facts">
                <div><dt>{text::context_server(locale)}</dt><dd class="mono">{server}</dd></div>
                <div><dt>{text::context_user(locale)}</dt><dd class="mono">{user}</dd></div>
                {namespace.map(|namespace| view! {
                    <div><dt>{text::context_namespace(locale)}</dt><dd class="mono">{namespace}</dd></div>
                })}
            </dl>
            {(!refused.is_empty()).then(|| view! { <ul class="choice__faults">{faults}</ul> })}
        </Choice>
    }
}

#[component]
fn PlaceStep(
    draft: ClusterDraftId,
    context: String,
    proposed_name: String,
    places: Vec<PlaceChoice>,
) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<ConnectCluster>::new());
    let form = form_name::<ConnectCluster>();
    let room = places.iter().find(|place| place.reached.is_none()).or(places.first());
    let first = room.map(|place| place.value.clone()).unwrap_or_default();
    let initial = vec![
        (FieldName::ClusterName.input(), proposed_name),
        (FieldName::ClusterType.input(), ClusterType::default().as_str().to_owned()),
        (FieldName::ResourceGroup.input(), first),
    ];
    let state = FormState::plain(form, outcome, initial);
    state.provide();
    let group = state.value.run(FieldName::ResourceGroup.input());
    let options = places
        .into_iter()
        .map(|place| {
            let selected = place.value == group;
            let (subscription, group) = (&place.subscription_name, &place.resource_group);
            let label = match place.reached {
                None => text::connect_place(locale, subscription, group),
                Some(QuotaReached { used, limit, .. }) => text::connect_place_full(
                    locale,
                    subscription,
                    group,
                    &used.to_string(),
                    &limit.to_string(),
                ),
            };
            view! { <option value=place.value selected=selected>{label}</option> }
        })
        .collect_view();
    let card = move |kind: ClusterType, words: &'static str| {
        view! {
            <Choice
                name="cluster_type"
                value=kind.as_str().to_owned()
                label=cluster_type_label(locale, kind)
                hint=words.to_owned()
            />
        }
    };
    view! {
        <Step number="3" title=text::connect_step_place(locale)>
            <NativeForm form=form class="form" label=text::connect_step_place(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="draft" value=draft.to_string()/>
                <input type="hidden" name="context" value=context/>
                <Field field=FieldName::ClusterName>
                    <TextInput/>
                </Field>
                <Field field=FieldName::ResourceGroup>
                    <select class="input" id=FieldName::ResourceGroup.input() name=FieldName::ResourceGroup.input()>
                        {options}
                    </select>
                </Field>
                <fieldset class="choices">
                    <legend class="field__label">{field_label(locale, FieldName::ClusterType)}</legend>
                    {card(ClusterType::ConnectedClusters, text::cluster_type_connected_words(locale))}
                    {card(ClusterType::ManagedClusters, text::cluster_type_managed_words(locale))}
                </fieldset>
                <div class="form__acts"><Submit label=text::connect_submit(locale)/></div>
            </NativeForm>
        </Step>
    }
}
