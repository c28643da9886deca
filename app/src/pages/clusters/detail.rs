//! One cluster.

use catalogue::{connection_reason_sentence, text};
use domain::access::Role;
use domain::cluster::Connectivity;
use domain::id::ClusterId;
use domain::reason::{ConnectionReason, RetirementState};
use domain::service::{ClusterDetail, ClusterRow, HelmProgram, RetirementRow, ServiceError};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::facts::Facts;
use super::preflight::PreflightList;
use super::renew::RenewKubeconfig;
use super::retirements::Retirements;
use crate::components::{
    CallForm, CopyBlock, Crumb, Disclosure, Failure, Glyph, Icon, PageHead, Sentence, Submit, Summary, Tone,
    use_failure_status, use_outcome,
};
use crate::error::WireError;
use crate::live::{Live, keep_fresh};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::clusters::{
    CheckCluster, ConfirmReplaced, DisconnectCluster, RenewRetirement, ReplaceKubeconfig, get_cluster,
};
use crate::server_fns::releases::get_helm;
use crate::wire::{WireResource, resource};

/// State, facts, rights, and leaving it.
#[component]
pub fn ClusterPage() -> impl IntoView {
    let locale = use_locale();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("cluster")?.parse::<ClusterId>().ok()));
    let cluster = resource(
        move || id.get(),
        async |id| match id {
            Some(id) => get_cluster(id).await,
            None => Err(ServiceError::NotFound.into()),
        },
    );
    let helm = resource(|| (), |()| get_helm());
    let content = move || {
        Suspend::new(async move {
            match cluster.await {
                Ok(detail) => {
                    view! { <Detail detail=detail helm=helm.await.ok() cluster=cluster/> }.into_any()
                }
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
    cluster: WireResource<Result<ClusterDetail, WireError>>,
) -> impl IntoView {
    let locale = use_locale();
    let live = expect_context::<Live>();
    let ClusterRow { id, name, .. } = detail.row.clone();
    let row: RwSignal<ClusterRow> = live.cluster(&detail.row).into();
    let told = detail.now.clone();
    let fetched = RwSignal::new(detail);
    let check = ServerAction::<CheckCluster>::new();
    let confirm = ServerAction::<ConfirmReplaced>::new();
    let replace = ServerAction::<ReplaceKubeconfig>::new();
    let renew = ServerAction::<RenewRetirement>::new();
    let done = Signal::derive(move || {
        let versions = [check.version(), confirm.version(), replace.version(), renew.version()];
        versions.into_iter().map(|version| version.get()).sum::<usize>()
    });
    keep_fresh(
        live,
        done,
        || false,
        move || get_cluster(id),
        move |answer| match answer {
            Ok(detail) => {
                drop(live.cluster(&detail.row));
                fetched.try_set(detail);
            }
            // Gone, or no longer to be seen.
            Err(error) if error.is_not_found() || error.is_unauthenticated() => cluster.set(Some(Err(error))),
            Err(_) => {}
        },
    );
    // A form that did what it is for begins anew.
    let replaced = Memo::new(move |_| {
        let done = replace.value().with(|answer| matches!(answer, Some(Ok(()))));
        done.then(|| replace.version().get_untracked())
    });
    let status = Memo::new(move |_| row.with(|row| row.status.clone()));
    let words =
        Signal::derive(move || status.with(|status| connection_reason_sentence(locale, &status.reason)));
    let tone = Signal::derive(move || match status.with(|status| status.connectivity) {
        Connectivity::Connected => Tone::Good,
        Connectivity::Connecting => Tone::Busy,
        Connectivity::Offline | Connectivity::Expired => Tone::Bad,
    });
    let said = Memo::new(move |_| status.with(|status| status.detail.clone()));
    let owns = Memo::new(move |_| fetched.with(|detail| detail.role == Role::Owner));
    let writes = Memo::new(move |_| fetched.with(|detail| detail.role >= Role::Contributor));
    let answering = Memo::new(move |_| {
        let replaced = status.with(|status| status.reason == ConnectionReason::Replaced);
        said.get().filter(|_| replaced && owns.get())
    });
    let preflight = Memo::new(move |_| fetched.with(|detail| detail.preflight.clone()));
    let retirements = Memo::new(move |_| fetched.with(|detail| detail.retirements.clone()));
    let crumbs = vec![Crumb::new(text::clusters_title(locale), routes::CLUSTERS)];
    view! {
        <PageHead title=name.clone() crumbs=crumbs>
            <a class="button button--primary" href=routes::gitops(id)>
                <Icon glyph=Glyph::Configuration/>
                <span>{text::gitops_title(locale)}</span>
            </a>
            {move || owns.get().then(|| view! {
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
        <Summary outcome=use_outcome(check)/>
        {move || said.get().map(|said| view! { <CopyBlock label=text::said_by_cluster(locale) content=said/> })}
        {move || answering.get().map(|uid| view! { <Replaced id=id uid=uid action=confirm/> })}
        <Summary outcome=use_outcome(confirm)/>
        <Facts row=row fetched=fetched helm=helm told=told/>
        {move || preflight.get().map(|preflight| view! {
            <section class="section" aria-labelledby="preflight-title">
                <h2 class="section__title" id="preflight-title">{text::preflight_title(locale)}</h2>
                <PreflightList preflight=preflight/>
            </section>
        })}
        {move || (!retirements.with(Vec::is_empty)).then(|| view! {
            <Retirements cluster=id retirements=retirements.get() may_renew=writes action=renew/>
        })}
        {move || (owns.get(), replaced.get()).0.then(|| view! { <RenewKubeconfig id=id action=replace/> })}
        {move || owns.get().then(|| view! {
            <Disconnect id=id name=name.clone() row=row retirements=retirements/>
        })}
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
fn Disconnect(
    id: ClusterId,
    name: String,
    row: RwSignal<ClusterRow>,
    retirements: Memo<Vec<RetirementRow>>,
) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<DisconnectCluster>::new();
    let outcome = use_outcome(action);
    let refused = outcome.with_untracked(Option::is_some);
    let total = Memo::new(move |_| row.with(|row| row.configurations.total()));
    let waiting = Memo::new(move |_| {
        let waiting = |row: &&RetirementRow| {
            matches!(row.state, RetirementState::Waiting | RetirementState::WishTooOld)
        };
        let count = retirements.with(|rows| rows.iter().filter(waiting).count());
        u32::try_from(count).unwrap_or(u32::MAX)
    });
    let submit = StoredValue::new(text::disconnect_submit(locale, &name));
    let act = move || match total.get() {
        0 => view! {
            <CallForm action=action class="form">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit
                    label=submit.get_value()
                    look="danger"
                    glyph=Glyph::Unplugged
                    pending=action.pending()
                />
            </CallForm>
        }
        .into_any(),
        total => view! { <p>{text::conflict_cluster_has_configurations(locale, total)}</p> }.into_any(),
    };
    let still = move || match waiting.get() {
        0 => None,
        waiting => Some(view! { <p>{text::disconnect_waiting(locale, waiting)}</p> }),
    };
    view! {
        <section class="section" aria-labelledby="disconnect-title">
            <h2 class="section__title" id="disconnect-title">{text::disconnect_title(locale)}</h2>
            <Summary outcome=outcome/>
            <Disclosure label=text::disconnect_open(locale) open=refused>
                <p>{text::disconnect_words(locale)}</p>
                {still}
                {act}
            </Disclosure>
        </section>
    }
}
