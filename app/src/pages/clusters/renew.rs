//! Another kubeconfig for a cluster.

use catalogue::text;
use domain::id::ClusterId;
use domain::violation::Field as FieldName;
use leptos::html;
use leptos::prelude::*;

use crate::components::{
    CallForm, Disclosure, Field, FilePicker, FormState, Submit, Summary, TextArea, TextInput, form_name,
    use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::clusters::ReplaceKubeconfig;

/// What it is for, then the form.
#[component]
pub fn RenewKubeconfig(id: ClusterId, action: ServerAction<ReplaceKubeconfig>) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    let refused = outcome.with_untracked(Option::is_some);
    let text_area = NodeRef::<html::Textarea>::new();
    FormState::plain(form_name::<ReplaceKubeconfig>(), outcome, Vec::new()).provide();
    view! {
        <section class="section" aria-labelledby="renew-title">
            <h2 class="section__title" id="renew-title">{text::renew_title(locale)}</h2>
            <Summary outcome=outcome/>
            <Disclosure label=text::renew_open(locale) open=refused>
                <p>{text::renew_words(locale)}</p>
                <CallForm action=action class="form" label=text::renew_open(locale)>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Field
                        field=FieldName::Kubeconfig
                        hint=Signal::stored(text::hint_kubeconfig(locale).to_owned())
                    >
                        <TextArea rows=8 node_ref=text_area/>
                    </Field>
                    <FilePicker
                        field=FieldName::Kubeconfig
                        text_area=text_area
                        label=text::connect_file(locale)
                    />
                    <Field
                        field=FieldName::KubeconfigContext
                        hint=Signal::stored(text::renew_context_hint(locale).to_owned())
                    >
                        <TextInput/>
                    </Field>
                    <div class="form__acts">
                        <Submit label=text::renew_submit(locale) pending=action.pending()/>
                    </div>
                </CallForm>
            </Disclosure>
        </section>
    }
}
