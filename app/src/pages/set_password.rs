//! Setting the password by a one-time link.

use catalogue::text;
use domain::violation;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Failure, Field, FormState, NativeForm, PlainPage, Sentence, Submit, Summary, TextInput, Tone, form_name,
    use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::account::{self, link_user};
use crate::wire::resource;

/// `?link=…`: the link says whose password it is.
#[component]
pub fn SetPassword() -> impl IntoView {
    let locale = use_locale();
    let link = use_query_map().with_untracked(|query| query.get("link").unwrap_or_default());
    let user = {
        let link = link.clone();
        resource(move || link.clone(), link_user)
    };
    let content = move || {
        let link = link.clone();
        Suspend::new(async move {
            match user.await {
                Ok(Some(user)) => view! { <PasswordForm user=user link=link/> }.into_any(),
                Ok(None) => view! {
                    <Sentence words=text::conflict_link_used(locale).to_owned() tone=Tone::Bad/>
                    <p>{text::set_password_again(locale)}</p>
                }
                .into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    view! { <PlainPage title=text::set_password_title(locale)><Suspense>{content}</Suspense></PlainPage> }
}

#[component]
fn PasswordForm(user: String, link: String) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<account::SetPassword>::new());
    let form = form_name::<account::SetPassword>();
    FormState::plain(form, outcome, Vec::new()).provide();
    view! {
        <p>{text::set_password_for(locale, &user)}</p>
        <Summary outcome=outcome/>
        <NativeForm form=form class="form" label=text::set_password_title(locale)>
            <input type="hidden" name="link" value=link/>
            <input class="visually-hidden" type="text" autocomplete="username" value=user tabindex="-1" aria-hidden="true" readonly/>
            <Field field=violation::Field::Password hint=Signal::stored(text::set_password_hint(locale).to_owned())>
                <TextInput kind="password" autocomplete="new-password"/>
            </Field>
            <Field field=violation::Field::PasswordAgain>
                <TextInput kind="password" autocomplete="new-password"/>
            </Field>
            <div class="form__acts"><Submit label=text::set_password(locale)/></div>
        </NativeForm>
    }
}
