//! The form of a configuration that is there.

use catalogue::text;
use leptos::prelude::*;

use crate::components::{CallForm, Submit, Summary, form_name, use_outcome};
use crate::configuration_form::ConfigurationForm;
use crate::embedding::in_frame;
use crate::pages::configurations::blade::Blade;
use crate::pages::configurations::editor::{Editor, EditorFields, Stored};
use crate::pages::configurations::pane::Fetched;
use crate::pages::configurations::tabs::Webhook;
use crate::preferences::use_locale;
use crate::server_fns::configurations::ReplaceConfiguration;

/// Begins with the spec as it was fetched. What is typed stays when the state changes meanwhile; a spec that
/// somebody else changed is refused by its version when this one is saved.
#[component]
pub fn Settings(fetched: Fetched) -> impl IntoView {
    let locale = use_locale();
    let (id, draft, version, access) = fetched
        .0
        .with_untracked(|detail| (detail.row.id, detail.draft.clone(), detail.spec_version, detail.access));
    let stored = Stored { access, repository_url: draft.repository_url.clone() };
    let action = expect_context::<Blade>().replace;
    action.clear();
    let outcome = use_outcome(action);
    let form = ConfigurationForm::of(draft);
    let editor = Editor::provide(form_name::<ReplaceConfiguration>(), outcome, form, stored);
    view! {
        <CallForm action=action class="form" label=text::tab_settings(locale)>
            <Summary outcome=outcome/>
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="spec_version" value=version.to_string()/>
            <EditorFields editor=editor named=true/>
            <div class="form__acts form__acts--sticky">
                <Submit label=text::settings_submit(locale) pending=action.pending()/>
            </div>
        </CallForm>
        // A secret is shown in no frame of another origin's page.
        {(!in_frame()).then(|| view! { <Webhook fetched=fetched/> })}
    }
}
