//! The form of a configuration: of a new one and of one that is there.

use catalogue::text;
use domain::configuration::{StoredAccess, same_host};
use domain::repository::{RepositoryUrl, Transport};
use domain::violation::{self, Violations};
use leptos::prelude::*;

use super::access::Access;
use super::helm_operator::HelmOperator;
use crate::components::{CheckBox, Choice, Disclosure, Field, FormState, TextArea, TextInput};
use crate::configuration_form::ConfigurationForm;
use crate::error::WireError;
use crate::forms::Refused;
use crate::preferences::use_locale;

/// What is typed, and which of it is to be told faulty.
#[derive(Clone, Copy)]
pub struct Editor {
    /// The present values.
    pub form: RwSignal<ConfigurationForm>,
    /// What is there already.
    pub stored: StoredValue<Stored>,
}

/// The credential of a configuration that is there, and what it is for; nothing of a new one.
#[derive(Clone, Default)]
pub struct Stored {
    /// Which secrets there are.
    pub access: StoredAccess,
    /// As saved.
    pub repository_url: String,
}

impl Stored {
    /// What of it may be used for a URL.
    fn for_url(&self, url: &RepositoryUrl) -> StoredAccess {
        match RepositoryUrl::parse(&self.repository_url) {
            Ok(saved) if same_host(&saved, url) => self.access,
            _ => StoredAccess::default(),
        }
    }

    /// What is wrong with a form.
    fn faults(&self, form: &ConfigurationForm) -> Violations {
        let mut faults = form.draft().validate().err().unwrap_or_default();
        if let Ok(url) = RepositoryUrl::parse(&form.repository_url) {
            faults.append(form.credential().validate(&url, self.for_url(&url)).err().unwrap_or_default());
        }
        faults
    }
}

impl Editor {
    /// Begins with `initial`, or with what was posted and refused; ties the inputs below to it.
    ///
    /// A fault is told at its field once the field was left, by the same rules as the server's; what the server
    /// said stays until its field is changed.
    pub fn provide(
        name: &'static str,
        outcome: Signal<Option<WireError>>,
        initial: ConfigurationForm,
        stored: Stored,
    ) -> Self {
        let stored = StoredValue::new(stored);
        let posted = expect_context::<Refused>().of(name);
        let form = RwSignal::new(match posted {
            Some(refused) => ConfigurationForm::posted(&refused.fields),
            None => initial,
        });
        let left = RwSignal::new(Vec::<&'static str>::new());
        let changed = RwSignal::new(Vec::<&'static str>::new());
        Effect::new(move |_| {
            outcome.track();
            changed.update(Vec::clear);
        });
        let local = Memo::new(move |_| stored.with_value(|stored| form.with(|form| stored.faults(form))));
        let violations = Signal::derive(move || {
            let said = outcome.with(|error| error.as_ref().and_then(WireError::violations).cloned());
            let mut shown = Violations::default();
            for fault in said.unwrap_or_default().0 {
                if !changed.with(|changed| changed.contains(&fault.field.input())) {
                    shown.0.push(fault);
                }
            }
            for fault in local.get().0 {
                if left.with(|left| left.contains(&fault.field.input())) && !shown.0.contains(&fault) {
                    shown.0.push(fault);
                }
            }
            shown
        });
        FormState {
            value: Callback::new(move |input: &'static str| form.with(|form| form.value(input))),
            typed: Callback::new(move |(input, value): (&'static str, String)| {
                remember(changed, input);
                form.update(|form| form.type_into(input, value));
            }),
            left: Callback::new(move |input| remember(left, input)),
            violations,
        }
        .provide();
        Self { form, stored }
    }
}

fn remember(inputs: RwSignal<Vec<&'static str>>, input: &'static str) {
    if !inputs.with_untracked(|inputs| inputs.contains(&input)) {
        inputs.update(|inputs| inputs.push(input));
    }
}

/// The inputs, in groups with a line each on what they are for.
#[component]
pub fn EditorFields(
    /// What is typed.
    editor: Editor,
    /// A configuration that is there keeps its name.
    #[prop(optional)]
    named: bool,
) -> impl IntoView {
    view! {
        <NameAndOperator named=named/>
        <Source editor=editor/>
        <Access editor=editor/>
        <Parameters/>
        <HelmOperator editor=editor/>
    }
}

/// Some inputs and a line on what they are for.
#[component]
pub fn Group(
    /// What they are called.
    title: &'static str,
    /// The line.
    words: &'static str,
    /// The inputs.
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="group">
            <legend class="group__title">{title}</legend>
            <p class="group__words">{words}</p>
            {children()}
        </fieldset>
    }
}

#[component]
fn NameAndOperator(named: bool) -> impl IntoView {
    let locale = use_locale();
    let name = if named {
        let form = expect_context::<FormState>();
        let field = violation::Field::ConfigurationName;
        view! { <input type="hidden" name=field.input() value=untrack(|| form.value.run(field.input()))/> }
            .into_any()
    } else {
        view! {
            <Field field=violation::Field::ConfigurationName>
                <TextInput placeholder="cluster-config"/>
            </Field>
        }
        .into_any()
    };
    view! {
        <Group title=text::group_operator(locale) words=text::group_operator_words(locale)>
            {name}
            <Field
                field=violation::Field::OperatorInstanceName
                hint=Signal::stored(text::hint_operator_instance_name(locale).to_owned())
            >
                <TextInput/>
            </Field>
            <Field
                field=violation::Field::OperatorNamespace
                hint=Signal::stored(text::hint_operator_namespace(locale).to_owned())
            >
                <TextInput placeholder="default"/>
            </Field>
            <fieldset class="choices">
                <legend class="field__label">{catalogue::field_label(locale, violation::Field::OperatorScope)}</legend>
                <Choice
                    name="operator_scope"
                    value="cluster"
                    label=text::scope_cluster(locale)
                    hint=text::scope_cluster_words(locale).to_owned()
                />
                <Choice
                    name="operator_scope"
                    value="namespace"
                    label=text::scope_namespace(locale)
                    hint=text::scope_namespace_words(locale).to_owned()
                />
            </fieldset>
        </Group>
    }
}

#[component]
fn Source(editor: Editor) -> impl IntoView {
    let locale = use_locale();
    let understood = Signal::derive(move || {
        let typed = editor.form.with(|form| form.repository_url.clone());
        let Ok(url) = RepositoryUrl::parse(&typed) else {
            return text::hint_repository_url(locale).to_owned();
        };
        let shown = editor.form.with(|form| !form.access.https_key.is_empty());
        let stored = editor.stored.with_value(|stored| stored.for_url(&url).https_key);
        match url.transport() {
            Transport::Https if shown || stored => text::hint_url_https_private(locale, url.host()),
            Transport::Http if shown || stored => text::hint_url_http_private(locale, url.host()),
            Transport::Https => text::hint_url_https(locale, url.host()),
            Transport::Http => text::hint_url_http(locale, url.host()),
            Transport::Ssh => text::hint_url_ssh(locale, url.host()),
            Transport::Git => text::hint_url_git(locale, url.host()),
        }
    });
    view! {
        <Group title=text::group_source(locale) words=text::group_source_words(locale)>
            <Field field=violation::Field::RepositoryUrl hint=understood>
                <TextInput kind="url" mono=true placeholder="https://github.com/Azure/arc-k8s-demo"/>
            </Field>
        </Group>
    }
}

#[component]
fn Parameters() -> impl IntoView {
    let locale = use_locale();
    let form = expect_context::<FormState>();
    let given = |field: violation::Field| !form.value.run(field.input()).is_empty();
    // Open when there is something in it, which may be what was refused.
    let author = untrack(|| {
        [violation::Field::GitLabel, violation::Field::GitUser, violation::Field::GitEmail]
            .into_iter()
            .any(given)
    });
    view! {
        <Group title=text::group_parameters(locale) words=text::group_parameters_words(locale)>
            <div class="group__pair">
                <Field field=violation::Field::GitBranch hint=Signal::stored(text::hint_git_branch(locale).to_owned())>
                    <TextInput mono=true placeholder="master"/>
                </Field>
                <Field
                    field=violation::Field::GitPollInterval
                    hint=Signal::stored(text::hint_git_poll_interval(locale).to_owned())
                >
                    <TextInput mono=true placeholder="5m"/>
                </Field>
            </div>
            <Field field=violation::Field::GitPath hint=Signal::stored(text::hint_git_path(locale).to_owned())>
                <TextInput mono=true/>
            </Field>
            <CheckBox
                name="git_readonly"
                label=text::label_git_readonly(locale)
                hint=text::hint_git_readonly(locale).to_owned()
            />
            <CheckBox
                name="sync_garbage_collection"
                label=text::label_garbage_collection(locale)
                hint=text::hint_garbage_collection(locale).to_owned()
            />
            <CheckBox
                name="manifest_generation"
                label=text::label_manifest_generation(locale)
                hint=text::hint_manifest_generation(locale).to_owned()
            />
            <Disclosure label=text::group_author(locale) open=author>
                <Field field=violation::Field::GitLabel hint=Signal::stored(text::hint_git_label(locale).to_owned())>
                    <TextInput mono=true/>
                </Field>
                <div class="group__pair">
                    <Field field=violation::Field::GitUser>
                        <TextInput/>
                    </Field>
                    <Field field=violation::Field::GitEmail>
                        // No kind of its own: Chromium never lays out an input of another kind than text that
                        // a script makes inside what is closed.
                        <TextInput/>
                    </Field>
                </div>
            </Disclosure>
            <Field
                field=violation::Field::OperatorParams
                hint=Signal::stored(text::hint_operator_params(locale).to_owned())
            >
                <TextArea rows=3/>
            </Field>
        </Group>
    }
}
