//! One cluster.

use catalogue::{cluster_type_label, connection_reason_sentence, retirement_sentence, text};
use domain::access::Role;
use domain::cluster::Connectivity;
use domain::id::ClusterId;
use domain::reason::{ConnectionReason, RetirementState};
use domain::service::{ClusterDetail, ClusterRow, HelmProgram, RetirementRow, ServiceError};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::preflight::PreflightList;
use super::renew::RenewKubeconfig;
use crate::components::{
    AbsoluteTime, CallForm, ConnectivityMark, CopyBlock, Crumb, Disclosure, Essential, Essentials, Failure,
    Glyph, Icon, PageHead, RelativeTime, Sentence, Submit, Summary, Tone, use_failure_status, use_outcome,
};
use crate::live::Live;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::clusters::{CheckCluster, ConfirmReplaced, DisconnectCluster, get_cluster};
use crate::server_fns::releases::get_helm;
use crate::wire::resource;

/// State, facts, rights, and leaving it.
#[component]
pub fn ClusterPage() -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("cluster")?.parse::<ClusterId>().ok()));
    let check = ServerAction::<CheckCluster>::new();
    let cluster = resource(
        move || (id.get(), live.reloads(), check.version().get()),
        async |(id, _, _)| match id {
            Some(id) => get_cluster(id).await,
            None => Err(ServiceError::NotFound.into()),
        },
    );
    let helm = resource(move || live.reloads(), |_| get_helm());
    let content = move || {
        Suspend::new(async move {
            match cluster.await {
                Ok(detail) => view! { <Detail detail=detail helm=helm.await.ok() check=check/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <PageHead title=text::clusters_title(locale)/><Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn Detail(
    detail: ClusterDetail,
    helm: Option<HelmProgram>,
    check: ServerAction<CheckCluster>,
) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let ClusterDetail { row, server, uid, connected_at, preflight, retirements, now, role } = detail;
    let ClusterRow { id, name, cluster_type, subscription_name, subscription, resource_group, .. } =
        row.clone();
    let configurations = row.configurations;
    let row: RwSignal<ClusterRow> = live.cluster(&row).into();
    let status = Memo::new(move |_| row.with(|row| row.status.clone()));
    let words =
        Signal::derive(move || status.with(|status| connection_reason_sentence(locale, &status.reason)));
    let tone = Signal::derive(move || match status.with(|status| status.connectivity) {
        Connectivity::Connected => Tone::Good,
        Connectivity::Connecting => Tone::Busy,
        Connectivity::Offline | Connectivity::Expired => Tone::Bad,
    });
    let said = move || {
        let detail = status.with(|status| status.detail.clone())?;
        Some(view! { <CopyBlock label=text::said_by_cluster(locale) content=detail/> })
    };
    let fact = move |of: fn(&domain::cluster::ClusterFacts) -> String| {
        move || status.with(|status| status.facts.as_ref().map(of)).unwrap_or_else(|| "–".to_owned())
    };
    let last_seen = Memo::new(move |_| row.with(|row| row.last_seen.clone()));
    let seen = move || match last_seen.get() {
        Some(moment) => view! { <RelativeTime moment=moment told=now.clone()/> }.into_any(),
        None => text::never(locale).into_any(),
    };
    let total = configurations.installed + configurations.pending + configurations.failed;
    let crumbs = vec![Crumb::new(text::clusters_title(locale), routes::CLUSTERS)];
    let outcome = use_outcome(check);
    let confirm = ServerAction::<ConfirmReplaced>::new();
    let confirmed = use_outcome(confirm);
    let waiting = retirements.iter().filter(|row| row.state == RetirementState::Waiting).count();
    let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
    view! {
        <PageHead title=name.clone() crumbs=crumbs>
            <a class="button button--primary" href=routes::gitops(id)>
                <Icon glyph=Glyph::Configuration/>
                <span>{text::gitops_title(locale)}</span>
            </a>
            {(role == Role::Owner).then(|| view! {
                <a class="button button--plain" href=routes::place(id.0)>
                    <Icon glyph=Glyph::People/>
                    <span>{text::place_open_access(locale)}</span>
                </a>
                <CallForm action=check>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Submit
                        label=text::cluster_check(locale)
                        look="plain"
                        glyph=Glyph::Sync
                        pending=check.pending()
                    />
                </CallForm>
            })}
        </PageHead>
        <Sentence words=words tone=tone/>
        <Summary outcome=outcome/>
        {said}
        {move || {
            let replaced = status.with(|status| status.reason == ConnectionReason::Replaced);
            let answering = status.with(|status| status.detail.clone()).filter(|_| replaced && role == Role::Owner);
            answering.map(|uid| view! { <Replaced id=id uid=uid action=confirm/> })
        }}
        <Summary outcome=confirmed/>
        <Essentials>
            <Essential label=text::column_state(locale)>
                {move || view! { <ConnectivityMark connectivity=status.with(|status| status.connectivity)/> }}
            </Essential>
            <Essential label=text::column_last_seen(locale)>{seen}</Essential>
            <Essential label=text::field_subscription(locale)>
                <span title=subscription>{subscription_name}</span>
            </Essential>
            <Essential label=text::column_resource_group(locale)>{resource_group}</Essential>
            <Essential label=text::field_cluster_type(locale)>{cluster_type_label(locale, cluster_type)}</Essential>
            <Essential label=text::essential_server(locale) mono=true>{server}</Essential>
            <Essential label=text::essential_uid(locale) mono=true>{uid}</Essential>
            <Essential label=text::column_version(locale) mono=true>
                {fact(|facts| facts.kubernetes_version.clone())}
            </Essential>
            <Essential label=text::essential_distribution(locale)>
                {fact(|facts| facts.distribution.clone())}
            </Essential>
            <Essential label=text::essential_nodes(locale)>
                {fact(|facts| facts.node_count.to_string())}
            </Essential>
            <Essential label=text::essential_cores(locale)>
                {fact(|facts| facts.core_count.to_string())}
            </Essential>
            {helm.map(|helm| view! {
                <Essential label=text::essential_helm(locale)>
                    {match helm {
                        HelmProgram::Installed { version } => text::helm_installed(locale, &version).into_any(),
                        HelmProgram::Missing { said } => view! {
                            {text::helm_missing(locale)}<span class="essentials__words">{said}</span>
                        }
                        .into_any(),
                    }}
                </Essential>
            })}
            <Essential label=text::essential_connected(locale)><AbsoluteTime moment=connected_at/></Essential>
            <Essential label=text::column_configurations(locale)>
                <a class="link" href=routes::gitops(id)>{text::count_configurations(locale, total)}</a>
            </Essential>
        </Essentials>
        {preflight.map(|preflight| view! {
            <section class="section" aria-labelledby="preflight-title">
                <h2 class="section__title" id="preflight-title">{text::preflight_title(locale)}</h2>
                <PreflightList preflight=preflight/>
            </section>
        })}
        {(!retirements.is_empty()).then(|| view! { <Retirements retirements=retirements/> })}
        {(role == Role::Owner).then(|| view! {
            <RenewKubeconfig id=id/>
            <Disconnect id=id name=name total=total waiting=waiting/>
        })}
    }
}

/// Deleting a configuration goes on after its page is gone: here one sees how it ends.
#[component]
fn Retirements(retirements: Vec<RetirementRow>) -> impl IntoView {
    let locale = use_locale();
    let each = retirements.into_iter().map(
        move |RetirementRow { configuration, operator, state, detail, requested_at }| {
            let said = detail
                .map(|detail| view! { <CopyBlock label=text::said_by_cluster(locale) content=detail/> });
            view! {
                <Essential label=text::retirement_of(locale, &operator, &configuration)>
                    <p>{retirement_sentence(locale, &state)} " " <AbsoluteTime moment=requested_at/></p>
                    {said}
                </Essential>
            }
        },
    );
    view! {
        <section class="section" aria-labelledby="retirements-title">
            <h2 class="section__title" id="retirements-title">{text::retirements_title(locale)}</h2>
            <Essentials>{each.collect_view()}</Essentials>
        </section>
    }
}

/// Another cluster answers: nothing is written to it until an owner says that it is the one meant.
#[component]
fn Replaced(id: ClusterId, uid: String, action: ServerAction<ConfirmReplaced>) -> impl IntoView {
    let locale = use_locale();
    view! {
        <section class="section" aria-labelledby="replaced-title">
            <h2 class="section__title" id="replaced-title">{text::replaced_title(locale)}</h2>
            <p>{text::replaced_words(locale)}</p>
            <CallForm action=action class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="uid" value=uid/>
                <Submit
                    label=text::replaced_submit(locale)
                    look="danger"
                    glyph=Glyph::Question
                    pending=action.pending()
                />
            </CallForm>
        </section>
    }
}

/// What happens first, then the button that names the act.
#[component]
fn Disconnect(id: ClusterId, name: String, total: u32, waiting: u32) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<DisconnectCluster>::new();
    let outcome = use_outcome(action);
    let refused = outcome.with_untracked(Option::is_some);
    let act = if total == 0 {
        view! {
            <CallForm action=action class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit
                    label=text::disconnect_submit(locale, &name)
                    look="danger"
                    glyph=Glyph::Unplugged
                    pending=action.pending()
                />
            </CallForm>
        }
        .into_any()
    } else {
        view! { <p>{text::conflict_cluster_has_configurations(locale, total)}</p> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="disconnect-title">
            <h2 class="section__title" id="disconnect-title">{text::disconnect_title(locale)}</h2>
            <Summary outcome=outcome/>
            <Disclosure label=text::disconnect_open(locale) open=refused>
                <p>{text::disconnect_words(locale)}</p>
                {(waiting > 0).then(|| view! { <p>{text::disconnect_waiting(locale, waiting)}</p> })}
                {act}
            </Disclosure>
        </section>
    }
}
