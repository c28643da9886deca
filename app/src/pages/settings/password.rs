//! One's own password, for those who have one here.

use catalogue::text;
use domain::service::OwnAccount;
use domain::violation;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Failure, Field, FormState, NativeForm, Sentence, Submit, Summary, TextInput, Tone, form_name, use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::account::{ChangePassword, get_account};
use crate::wire::resource;

/// The form; nothing for somebody whom an identity provider vouches for.
#[component]
pub fn Password() -> impl IntoView {
    let account = resource(|| (), |()| get_account());
    let content = move || {
        Suspend::new(async move {
            match account.await {
                Ok(OwnAccount { name, has_password: true }) => view! { <Change user=name/> }.into_any(),
                Ok(OwnAccount { has_password: false, .. }) => ().into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn Change(user: String) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<ChangePassword>::new());
    let form = form_name::<ChangePassword>();
    FormState::plain(form, outcome, Vec::new()).provide();
    let changed = use_query_map()
        .with_untracked(|query| query.get("password").is_some_and(|password| password == "changed"));
    let changed = (changed && outcome.with_untracked(Option::is_none)).then(|| {
        view! { <Sentence words=text::change_password_done(locale).to_owned() tone=Tone::Good/> }
    });
    view! {
        <section class="section" aria-labelledby="password-title">
            <h2 class="section__title" id="password-title">{text::change_password_title(locale)}</h2>
            {changed}
            <p class="lead">{text::change_password_words(locale)}</p>
            <Summary outcome=outcome/>
            <NativeForm form=form class="form" label=text::change_password(locale)>
                <input class="visually-hidden" type="text" autocomplete="username" value=user tabindex="-1" aria-hidden="true" readonly/>
                <Field field=violation::Field::PresentPassword>
                    <TextInput kind="password" autocomplete="current-password"/>
                </Field>
                <Field
                    field=violation::Field::Password
                    label=text::change_password_new(locale)
                    hint=Signal::stored(text::set_password_hint(locale).to_owned())
                >
                    <TextInput kind="password" autocomplete="new-password"/>
                </Field>
                <Field field=violation::Field::PasswordAgain label=text::change_password_new_again(locale)>
                    <TextInput kind="password" autocomplete="new-password"/>
                </Field>
                <div class="form__acts"><Submit label=text::change_password(locale)/></div>
            </NativeForm>
        </section>
    }
}
