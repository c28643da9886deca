//! The inputs of the Helm operator, and what of its chart values was understood.

use catalogue::text;
use domain::configuration::DEFAULT_CHART_VERSION;
use domain::configuration::helm::{ChartValue, HelmOptions};
use domain::service::HelmProgram;
use domain::violation;
use leptos::prelude::*;

use super::editor::{Editor, Group};
use crate::components::{CheckBox, Field, TextArea, TextInput};
use crate::preferences::use_locale;
use crate::server_fns::releases::get_helm;
use crate::wire::resource;

/// Whether there is one, and its settings.
#[component]
pub fn HelmOperator(
    /// What is typed.
    editor: Editor,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <Group title=text::group_helm(locale) words=text::group_helm_words(locale)>
            <CheckBox name="enable_helm_operator" label=text::label_helm_operator(locale)/>
            <HelmMissing/>
            <Field field=violation::Field::ChartVersion hint=Signal::stored(text::hint_chart_version(locale).to_owned())>
                <TextInput mono=true placeholder=DEFAULT_CHART_VERSION/>
            </Field>
            <Field field=violation::Field::ChartValues hint=Signal::stored(text::hint_chart_values(locale).to_owned())>
                <TextArea rows=2/>
            </Field>
            <Understood editor=editor/>
        </Group>
    }
}

/// Said before anything is saved: nothing comes of the switch while there is no helm.
#[component]
fn HelmMissing() -> impl IntoView {
    let locale = use_locale();
    let helm = resource(|| (), |()| get_helm());
    let content = move || {
        Suspend::new(async move {
            match helm.await {
                Ok(HelmProgram::Missing { said }) => Some(view! {
                    <div class="note">
                        <p>{text::helm_missing_words(locale)}</p>
                        <p>{said}</p>
                    </div>
                }),
                Ok(HelmProgram::Installed { .. }) | Err(_) => None,
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

/// The values as they are read, while one types; without scripts, those that the page came with. Nothing while
/// there is a fault, which stands at the field.
#[component]
fn Understood(
    /// What is typed.
    editor: Editor,
) -> impl IntoView {
    let locale = use_locale();
    let given = Memo::new(move |_| {
        let options = editor.form.with(|form| HelmOptions::parse(&form.chart_values));
        options.map(|options| options.given).unwrap_or_default()
    });
    let list = move || {
        let given = given.get();
        (!given.is_empty()).then(|| {
            let values = given.into_iter().map(|ChartValue { name, value, works }| {
                let without = (!works).then(|| {
                    view! { <span class="understood__note">" "{text::chart_value_without_effect(locale)}</span> }
                });
                view! { <li><code>{format!("{name} = {value}")}</code>{without}</li> }
            });
            view! {
                <p class="understood__title">{text::chart_values_understood(locale)}</p>
                <ul class="understood__list">{values.collect_view()}</ul>
            }
        })
    };
    view! { <div class="understood" aria-live="polite">{list}</div> }
}
