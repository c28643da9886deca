//! What is known of a cluster.

use catalogue::{cluster_type_label, text};
use domain::clock::Moment;
use domain::cluster::ClusterFacts;
use domain::service::{ClusterDetail, ClusterRow, HelmProgram};
use leptos::prelude::*;

use crate::components::{AbsoluteTime, ConnectivityMark, Essential, Essentials, RelativeTime};
use crate::preferences::use_locale;
use crate::routes;

/// The facts, those that change as they are told live.
#[component]
pub fn Facts(
    row: RwSignal<ClusterRow>,
    fetched: RwSignal<ClusterDetail>,
    helm: Option<HelmProgram>,
    told: Moment,
) -> impl IntoView {
    let locale = use_locale();
    let ClusterRow { id, cluster_type, .. } = row.get_untracked();
    let connected_at = fetched.with_untracked(|detail| detail.connected_at.clone());
    let connectivity = Memo::new(move |_| row.with(|row| row.status.connectivity));
    let last_seen = Memo::new(move |_| row.with(|row| row.last_seen.clone()));
    let seen = move || match last_seen.get() {
        Some(moment) => view! { <RelativeTime moment=moment told=told.clone()/> }.into_any(),
        None => text::never(locale).into_any(),
    };
    let place = Memo::new(move |_| {
        fetched.with(|ClusterDetail { row, .. }| {
            let subscription = (row.subscription.clone(), row.subscription_name.clone());
            (subscription, (row.resource_group.clone(), row.resource_group_display_name.clone()))
        })
    });
    let named = |(name, display_name): (String, String)| view! { <span title=name>{display_name}</span> };
    let address = Memo::new(move |_| fetched.with(|detail| (detail.server.clone(), detail.uid.clone())));
    let facts = Memo::new(move |_| row.with(|row| row.status.facts.clone()));
    let fact = move |of: fn(&ClusterFacts) -> String| {
        move || facts.with(|facts| facts.as_ref().map(of)).unwrap_or_else(|| "–".to_owned())
    };
    let total = Memo::new(move |_| row.with(|row| row.configurations.total()));
    view! {
        <Essentials>
            <Essential label=text::column_state(locale)>
                {move || view! { <ConnectivityMark connectivity=connectivity.get()/> }}
            </Essential>
            <Essential label=text::column_last_seen(locale)>{seen}</Essential>
            <Essential label=text::field_subscription(locale)>{move || named(place.get().0)}</Essential>
            <Essential label=text::column_resource_group(locale)>{move || named(place.get().1)}</Essential>
            <Essential label=text::field_cluster_type(locale)>{cluster_type_label(locale, cluster_type)}</Essential>
            <Essential label=text::essential_server(locale) mono=true>{move || address.get().0}</Essential>
            <Essential label=text::essential_uid(locale) mono=true>{move || address.get().1}</Essential>
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
                <a class="link" href=routes::gitops(id)>
                    {move || text::count_configurations(locale, total.get())}
                </a>
            </Essential>
        </Essentials>
    }
}
