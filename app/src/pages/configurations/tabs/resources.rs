//! The objects of a configuration, by namespace, with their health.

use std::collections::BTreeMap;

use catalogue::{object_reason_sentence, text};
use domain::health::Health;
use domain::service::ResourceRow;
use leptos::prelude::*;

use crate::components::{HealthMark, OutcomeMark};
use crate::pages::configurations::pane::Fetched;
use crate::pages::configurations::tabs::prune::PruneLists;
use crate::preferences::use_locale;

/// What failed comes first in each namespace.
#[component]
pub fn Resources(fetched: Fetched) -> impl IntoView {
    let locale = use_locale();
    let resources = Memo::new(move |_| fetched.0.with(|detail| detail.resources.clone()));
    let objects = move || {
        let resources = resources.get();
        if resources.is_empty() {
            return view! { <p class="nothing">{text::resources_none(locale)}</p> }.into_any();
        }
        let groups = by_namespace(resources)
            .into_iter()
            .map(|(namespace, rows)| view! { <Group namespace=namespace rows=rows/> })
            .collect_view();
        view! { <div class="tree">{groups}</div> }.into_any()
    };
    view! {
        <PruneLists fetched=fetched/>
        {objects}
    }
}

#[component]
fn Group(namespace: Option<String>, rows: Vec<ResourceRow>) -> impl IntoView {
    let locale = use_locale();
    let title = match &namespace {
        Some(namespace) => text::resources_namespace(locale, namespace),
        None => text::resources_cluster(locale).to_owned(),
    };
    view! {
        <section class="tree__group">
            <h3 class="tree__title">{title}</h3>
            <ul class="tree__list">
                {rows.into_iter().map(|row| view! { <Item row=row/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Item(row: ResourceRow) -> impl IntoView {
    let locale = use_locale();
    let ResourceRow { object, health, message, place, reason, detail } = row;
    let mark = match &reason {
        Some(_) => {
            view! { <OutcomeMark outcome=domain::cluster::CheckOutcome::Failed { detail: String::new() }/> }
                .into_any()
        }
        None => view! { <HealthMark health=health/> }.into_any(),
    };
    let kind =
        if object.group.is_empty() { object.kind } else { format!("{}.{}", object.kind, object.group) };
    let place = if place.is_empty() { text::resources_left_git(locale).to_owned() } else { place };
    view! {
        <li class="tree__item">
            <span class="tree__kind">{kind}</span>
            <span class="tree__name mono">{object.name}</span>
            <span class="tree__state">{mark}</span>
            <span class="tree__place mono">{place}</span>
            {message.map(|message| view! { <p class="tree__words">{message}</p> })}
            {reason.map(|reason| view! { <p class="tree__words">{object_reason_sentence(locale, &reason)}</p> })}
            {detail.map(|detail| view! { <pre class="tree__detail" tabindex="0">{detail}</pre> })}
        </li>
    }
}

/// Cluster-wide objects first, then the namespaces by name; inside, the worst first.
fn by_namespace(resources: Vec<ResourceRow>) -> BTreeMap<Option<String>, Vec<ResourceRow>> {
    let mut groups: BTreeMap<Option<String>, Vec<ResourceRow>> = BTreeMap::new();
    for row in resources {
        groups.entry(row.object.namespace.clone()).or_default().push(row);
    }
    for rows in groups.values_mut() {
        rows.sort_by_cached_key(|row| (std::cmp::Reverse(badness(row)), row.object.clone()));
    }
    groups
}

fn badness(row: &ResourceRow) -> (bool, Health) {
    (row.reason.is_some(), row.health)
}

#[cfg(test)]
mod tests {
    use domain::object::ObjectKey;
    use domain::reason::ObjectReason;

    use super::*;

    #[test]
    fn what_failed_comes_first_and_cluster_wide_objects_before_namespaces() {
        let rows = vec![
            row(Some("b"), "healthy", Health::Healthy, None),
            row(Some("b"), "missing", Health::Missing, None),
            row(Some("b"), "refused", Health::Unknown, Some(ObjectReason::Invalid)),
            row(None, "wide", Health::Healthy, None),
        ];
        let names: Vec<String> =
            by_namespace(rows).into_values().flatten().map(|row| row.object.name).collect();
        assert_eq!(names, ["wide", "refused", "missing", "healthy"]);
    }

    fn row(namespace: Option<&str>, name: &str, health: Health, reason: Option<ObjectReason>) -> ResourceRow {
        ResourceRow {
            object: ObjectKey {
                group: String::new(),
                kind: "ConfigMap".to_owned(),
                namespace: namespace.map(str::to_owned),
                name: name.to_owned(),
            },
            health,
            message: None,
            place: String::new(),
            reason,
            detail: None,
        }
    }
}
