//! One's own settings: the password, the tokens that programs use in one's name, and the browsers one is signed in with.

pub mod password;
pub mod sessions;

use catalogue::text;
use domain::service::{NewToken, PlaceList, TOKEN_DAYS, TokenRow};
use domain::violation::Field as FieldName;
use leptos::prelude::*;

use self::password::Password;
use self::sessions::Sessions;
use super::token_list::{Made, TokenTable, no_choice, role_choices};
use crate::components::{
    CallForm, Failure, Field, FormState, Glyph, NativeForm, PageHead, Select, Submit, Summary, TextInput,
    form_name, use_failure_status, use_outcome,
};
use crate::forms::Answered;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::access::list_places;
use crate::server_fns::tokens::{CreateToken, EndToken, list_tokens};
use crate::wire::resource;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let locale = use_locale();
    let end = ServerAction::<EndToken>::new();
    let ending = use_outcome(end);
    let tokens = resource(move || end.version().get(), async |_| list_tokens().await);
    let places = resource(|| (), |()| list_places());
    let form = move |row: &TokenRow, label: String| {
        let id = row.id.to_string();
        view! {
            <CallForm action=end label=label>
                <input type="hidden" name="id" value=id/>
                <Submit label=text::token_end(locale) look="plain" glyph=Glyph::Bin/>
            </CallForm>
        }
    };
    let content = move || {
        Suspend::new(async move {
            match tokens.await {
                Ok(list) => view! { <TokenTable list=list end=form/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    let make = move || {
        Suspend::new(async move {
            match places.await {
                Ok(places) => view! { <Make places=places/> }.into_any(),
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    let made = expect_context::<Answered>().of::<NewToken>(form_name::<CreateToken>());
    view! {
        <PageHead title=text::settings_title(locale)/>
        <section class="section" aria-labelledby="tokens">
            <h2 class="section__title" id="tokens">{text::tokens_title(locale)}</h2>
            <p class="lead">
                {text::tokens_words(locale)}
                " "
                <a class="link" href=routes::API>{text::tokens_api(locale)}</a>
            </p>
            <Made made=made/>
            <Transition>{make}</Transition>
            <Summary outcome=ending/>
            <Transition>{content}</Transition>
        </section>
        <Password/>
        <Sessions/>
    }
}

#[component]
fn Make(places: PlaceList) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<CreateToken>::new());
    let form = form_name::<CreateToken>();
    FormState::plain(form, outcome, Vec::new()).provide();
    view! {
        <NativeForm form=form class="form" label=text::token_create(locale)>
            <Summary outcome=outcome/>
            <Field field=FieldName::TokenName hint=Signal::stored(text::hint_token_name(locale).to_owned())>
                <TextInput/>
            </Field>
            <Field field=FieldName::TokenDays hint=Signal::stored(text::hint_token_days(locale).to_owned())>
                <TextInput placeholder=TOKEN_DAYS.to_string()/>
            </Field>
            <Field field=FieldName::TokenRole hint=Signal::stored(text::hint_token_role(locale).to_owned())>
                <Select options=role_choices(locale)/>
            </Field>
            <Field field=FieldName::TokenPlace hint=Signal::stored(text::hint_token_place(locale).to_owned())>
                <Select options=place_choices(locale, places)/>
            </Field>
            <div class="form__acts"><Submit label=text::token_create(locale)/></div>
        </NativeForm>
    }
}

/// The places on all of which one has a role.
fn place_choices(locale: catalogue::Locale, places: PlaceList) -> Vec<(String, String)> {
    let mut choices = vec![no_choice(locale)];
    for subscription in places.subscriptions {
        if subscription.role.is_some() {
            choices.push((subscription.id.to_string(), subscription.name.clone()));
        }
        let groups = subscription.groups.into_iter().filter(|group| group.role.is_some());
        choices.extend(
            groups.map(|group| (group.id.to_string(), format!("{} / {}", subscription.name, group.name))),
        );
    }
    choices
}
