//! Beside the form: what will be created in the cluster, and the same by other means.

use catalogue::text;
use domain::preview::{PreviewPlace, draft_arm_body, draft_az_command};
use domain::service::ClusterRow;
use leptos::prelude::*;

use super::editor::Editor;
use crate::components::{CopyBlock, Disclosure};
use crate::preferences::use_locale;

/// Follows what is typed.
#[component]
pub fn Preview(
    /// What is typed.
    editor: Editor,
    /// Where it will be.
    cluster: ClusterRow,
) -> impl IntoView {
    let locale = use_locale();
    let typed = Memo::new(move |_| editor.form.get());
    let body = Signal::derive(move || typed.with(|form| draft_arm_body(&form.draft())));
    let command = Signal::derive(move || {
        let place = PreviewPlace {
            subscription: &cluster.subscription,
            resource_group: &cluster.resource_group,
            cluster: &cluster.name,
            cluster_type: cluster.cluster_type,
        };
        typed.with(|form| draft_az_command(&form.draft(), &place))
    });
    let created = move || {
        let (name, namespace, scope) = typed.with(|form| {
            let name = Some(form.operator_instance_name.clone()).filter(|name| !name.is_empty());
            let namespace = Some(form.operator_namespace.clone()).filter(|name| !name.is_empty());
            (
                name.unwrap_or_else(|| if form.name.is_empty() { "…".to_owned() } else { form.name.clone() }),
                namespace.unwrap_or_else(|| domain::configuration::DEFAULT_OPERATOR_NAMESPACE.to_owned()),
                form.operator_scope.clone(),
            )
        });
        let binding = if scope == "namespace" { "RoleBinding" } else { "ClusterRoleBinding" };
        [
            ("Namespace", namespace.clone()),
            ("ServiceAccount", format!("{namespace}/{name}")),
            (binding, "cluster-admin".to_owned()),
            ("Lease", format!("{namespace}/{name}")),
        ]
        .into_iter()
        .map(|(kind, name)| {
            view! {
                <li class="objects__item">
                    <span class="objects__kind">{kind}</span>
                    <span class="mono">{name}</span>
                </li>
            }
        })
        .collect_view()
    };
    view! {
        <aside class="preview" aria-labelledby="preview-title">
            <h3 class="preview__title" id="preview-title">{text::preview_title(locale)}</h3>
            <p class="preview__words">{text::preview_words(locale)}</p>
            <ul class="objects">{created}</ul>
            <Disclosure label=text::preview_command(locale)>
                <CopyBlock label=text::preview_command(locale) content=command/>
            </Disclosure>
            <Disclosure label=text::preview_body(locale)>
                <CopyBlock label=text::preview_body(locale) content=body/>
            </Disclosure>
        </aside>
    }
}
