//! Signing in.

use catalogue::text;
use domain::violation;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Field, FormState, NativeForm, PlainPage, Submit, Summary, TextInput, form_name, use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::account;

/// User name and password. Always a form post: what follows is another page with another visitor.
#[component]
pub fn SignIn() -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<account::SignIn>::new());
    let form = form_name::<account::SignIn>();
    FormState::plain(form, outcome, Vec::new()).provide();
    let then = use_query_map().with_untracked(|query| query.get("then").unwrap_or_default());
    view! {
        <PlainPage title=text::sign_in_title(locale)>
            <Summary outcome=outcome/>
            <NativeForm form=form class="form" label=text::sign_in_title(locale)>
                <input type="hidden" name="then" value=then/>
                <Field field=violation::Field::UserName>
                    <TextInput autocomplete="username"/>
                </Field>
                <Field field=violation::Field::Password>
                    <TextInput kind="password" autocomplete="current-password"/>
                </Field>
                <div class="form__acts"><Submit label=text::sign_in(locale)/></div>
            </NativeForm>
        </PlainPage>
    }
}
