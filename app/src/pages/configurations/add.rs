//! Adding a configuration to a cluster: a pane over its list.

use catalogue::{quota_sentence, text};
use domain::quota::QuotaReached;
use domain::service::{ClusterRow, ConfigurationList, ServiceError};
use leptos::prelude::*;
use leptos_meta::Title;

use super::blade::Blade;
use super::editor::{Editor, EditorFields, Stored};
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
    let outcome = use_outcome(blade.create);
    let form = ConfigurationForm::fresh();
    let editor = Editor::provide(form_name::<CreateConfiguration>(), outcome, form, Stored::default());
    view! {
        <Title text=page_title(text::add_configuration(locale))/>
        <Pane
            title=text::add_configuration(locale)
            close=blade.list_path
            return_to="add-configuration".to_owned()
            wide=true
        >
            <Transition><Content editor=editor outcome=outcome/></Transition>
        </Pane>
    }
}

/// Whether there is a form, and for which cluster, as the list below the pane says.
#[derive(Clone)]
enum Target {
    Form(ClusterRow, Option<QuotaReached>),
    Refused(ServiceError),
    /// The list says why.
    Nothing,
}

impl Target {
    fn of(list: Result<ConfigurationList, WireError>) -> Self {
        match list {
            Ok(ConfigurationList { cluster: Some(cluster), may_write: true, reached, .. }) => {
                Self::Form(cluster, reached)
            }
            Ok(ConfigurationList { cluster: Some(_), .. }) => Self::Refused(ServiceError::Denied),
            Ok(_) => Self::Refused(ServiceError::NotFound),
            Err(_) => Self::Nothing,
        }
    }

    #[cfg(not(feature = "ssr"))]
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Form(one, _), Self::Form(other, _)) => one.id == other.id,
            (Self::Refused(one), Self::Refused(other)) => one == other,
            (Self::Nothing, Self::Nothing) => true,
            _ => false,
        }
    }
}

/// The form, made once: the list is loaded again at times, and what is typed, opened and focused stays.
#[component]
fn Content(editor: Editor, outcome: Signal<Option<WireError>>) -> impl IntoView {
    let target = target(expect_context::<Blade>());
    move || {
        target.get().map(|target| match target {
            Target::Form(cluster, reached) => {
                view! { <Form cluster=cluster reached=reached editor=editor outcome=outcome/> }.into_any()
            }
            Target::Refused(error) => view! { <Failure error=error.into()/> }.into_any(),
            Target::Nothing => ().into_any(),
        })
    }
}

/// On the server a closure that reads the list itself: a memo may be asked in the moment between the list's arrival and
/// the memo being told of it, on another thread, and would leave the form out of the page.
#[cfg(feature = "ssr")]
fn target(blade: Blade) -> Signal<Option<Target>> {
    Signal::derive(move || blade.list.get().map(Target::of))
}

#[cfg(not(feature = "ssr"))]
fn target(blade: Blade) -> Signal<Option<Target>> {
    let differ = |one: Option<&Option<Target>>, other: Option<&Option<Target>>| match (one, other) {
        (Some(Some(one)), Some(Some(other))) => !one.is_same(other),
        (Some(None), Some(None)) => false,
        _ => true,
    };
    // While the list is loaded again, the form is the one it was.
    let keep = move |before: Option<&Option<Target>>| {
        blade.list.get().map(Target::of).or_else(|| before.cloned().flatten())
    };
    Memo::new_with_compare(keep, differ).into()
}

#[component]
fn Form(
    cluster: ClusterRow,
    reached: Option<QuotaReached>,
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
                {reached.map(|reached| view! { <p class="note">{quota_sentence(locale, &reached)}</p> })}
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
