//! Adding a configuration to a cluster: a pane over its list.

use catalogue::text;
use leptos::prelude::*;
use leptos_meta::Title;

use super::blade::Blade;
use super::editor::{Editor, EditorFields};
use super::preview::Preview;
use crate::components::{CallForm, Failure, Pane, Submit, Summary, form_name, page_title, use_outcome};
use crate::configuration_form::ConfigurationForm;
use crate::error::WireError;
use crate::preferences::use_locale;
use crate::server_fns::configurations::CreateConfiguration;

/// The pane.
#[component]
pub fn AddConfiguration() -> impl IntoView {
    let locale = use_locale();
    let blade = expect_context::<Blade>();
    blade.create.clear();
    // Out here: the list below the pane is loaded again at times, and what is typed stays.
    let outcome = use_outcome(blade.create);
    let editor = Editor::provide(form_name::<CreateConfiguration>(), outcome, ConfigurationForm::fresh());
    let content = move || {
        Suspend::new(async move {
            match blade.list.await {
                Ok(list) => match list.cluster {
                    Some(cluster) if list.may_write => {
                        view! { <Form cluster=cluster editor=editor outcome=outcome/> }.into_any()
                    }
                    Some(_) => {
                        view! { <Failure error=domain::service::ServiceError::Denied.into()/> }.into_any()
                    }
                    None => {
                        view! { <Failure error=domain::service::ServiceError::NotFound.into()/> }.into_any()
                    }
                },
                // The list says it already.
                Err(_) => ().into_any(),
            }
        })
    };
    view! {
        <Title text=page_title(text::add_configuration(locale))/>
        <Pane
            title=text::add_configuration(locale)
            close=blade.list_path
            return_to="add-configuration".to_owned()
            wide=true
        >
            <Transition>{content}</Transition>
        </Pane>
    }
}

#[component]
fn Form(
    cluster: domain::service::ClusterRow,
    editor: Editor,
    outcome: Signal<Option<WireError>>,
) -> impl IntoView {
    let locale = use_locale();
    let blade = expect_context::<Blade>();
    let action = blade.create;
    view! {
        <div class="editor">
            <CallForm action=action class="form editor__form" label=text::add_configuration(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="cluster" value=cluster.id.to_string()/>
                <EditorFields editor=editor/>
                <div class="form__acts form__acts--sticky">
                    <Submit label=text::add_configuration_submit(locale) pending=action.pending()/>
                    <a class="button button--quiet" href=move || blade.list_path.get()>{text::cancel(locale)}</a>
                </div>
            </CallForm>
            <Preview editor=editor cluster=cluster/>
        </div>
    }
}
