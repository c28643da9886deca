//! Deleting a configuration: first what goes and what stays, then the button that names the act.

use catalogue::text;
use domain::object::ObjectKey;
use domain::service::DeletionPreview;
use leptos::prelude::*;

use crate::components::{CallForm, Glyph, Submit, Summary, use_outcome};
use crate::pages::configurations::blade::Blade;
use crate::pages::configurations::pane::Fetched;
use crate::preferences::use_locale;

/// The exact objects.
#[component]
pub fn Delete(fetched: Fetched) -> impl IntoView {
    let locale = use_locale();
    let action = expect_context::<Blade>().delete;
    action.clear();
    let outcome = use_outcome(action);
    let (id, cluster) = fetched.0.with_untracked(|detail| (detail.row.id, detail.row.cluster));
    let deletion = Memo::new(move |_| fetched.0.with(|detail| detail.deletion.clone()));
    let lists = move || {
        let DeletionPreview { removed, namespace, namespace_may_go, kept } = deletion.get();
        let fate = if namespace_may_go {
            text::delete_namespace_may_go(locale, &namespace)
        } else {
            text::delete_namespace_stays(locale, &namespace)
        };
        view! {
            <section class="tree__group" aria-labelledby="delete-removed">
                <h3 class="tree__title" id="delete-removed">{text::delete_removed(locale)}</h3>
                <Objects objects=removed/>
                <p>{fate}</p>
            </section>
            <section class="tree__group" aria-labelledby="delete-kept">
                <h3 class="tree__title" id="delete-kept">{text::delete_kept(locale)}</h3>
                {kept.is_empty().then(|| view! { <p class="nothing">{text::delete_kept_none(locale)}</p> })}
                <Objects objects=kept/>
            </section>
        }
    };
    let kept = u32::try_from(deletion.with_untracked(|deletion| deletion.kept.len())).unwrap_or(u32::MAX);
    view! {
        <Summary outcome=outcome/>
        <p class="lead">{text::delete_words(locale)}</p>
        <div class="tree">{lists}</div>
        <CallForm action=action class="form">
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="cluster" value=cluster.to_string()/>
            <div class="form__acts">
                <Submit
                    label=text::delete_submit(locale, kept)
                    look="danger"
                    glyph=Glyph::Bin
                    pending=action.pending()
                />
            </div>
        </CallForm>
    }
}

#[component]
fn Objects(objects: Vec<ObjectKey>) -> impl IntoView {
    let items = objects
        .into_iter()
        .map(|object| {
            let namespace = object.namespace.map(|namespace| format!("{namespace}/"));
            view! {
                <li class="objects__item">
                    <span class="objects__kind">{object.kind}</span>
                    <span class="mono">{namespace}{object.name}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="objects">{items}</ul> }
}
