//! A service account: its tokens, and forgetting it.

use catalogue::text;
use domain::id::UserId;
use domain::service::{NewToken, PlaceStep, ServiceAccountTokens, ServiceError, TOKEN_DAYS, TokenRow};
use domain::violation::Field as FieldName;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{crumbs, path_of};
use crate::components::{
    CallForm, DeleteSection, Failure, Field, FormState, Glyph, NativeForm, PageHead, Select, Submit, Summary,
    TextInput, form_name, use_failure_status, use_outcome,
};
use crate::forms::Answered;
use crate::pages::token_list::{Made, TokenTable, no_choice, role_choices};
use crate::preferences::use_locale;
use crate::server_fns::access::{
    CreateServiceAccountToken, DeleteServiceAccount, EndServiceAccountToken, list_service_account_tokens,
};
use crate::wire::resource;

/// The page.
#[component]
pub fn ServiceAccountPage() -> impl IntoView {
    let locale = use_locale();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("account")?.parse::<UserId>().ok()));
    let end = ServerAction::<EndServiceAccountToken>::new();
    let tokens = resource(
        move || (id.get(), end.version().get()),
        async |(id, _)| match id {
            Some(id) => list_service_account_tokens(id).await,
            None => Err(ServiceError::NotFound.into()),
        },
    );
    let content = move || {
        Suspend::new(async move {
            match (id.get_untracked(), tokens.await) {
                (Some(id), Ok(tokens)) => view! { <Detail id=id tokens=tokens end=end/> }.into_any(),
                (_, Err(error)) => {
                    use_failure_status(&error);
                    view! { <PageHead title=text::places_title(locale)/><Failure error=error/> }.into_any()
                }
                (None, Ok(_)) => ().into_any(),
            }
        })
    };
    view! { <Transition>{content}</Transition> }
}

#[component]
fn Detail(
    id: UserId,
    tokens: ServiceAccountTokens,
    end: ServerAction<EndServiceAccountToken>,
) -> impl IntoView {
    let locale = use_locale();
    let ServiceAccountTokens { name, place, places, list } = tokens;
    let home = place.last().map(|step| step.place.id());
    let ending = use_outcome(end);
    let made = expect_context::<Answered>().of::<NewToken>(form_name::<CreateServiceAccountToken>());
    let form = move |row: &TokenRow, label: String| {
        let token = row.id.to_string();
        view! {
            <CallForm action=end label=label>
                <input type="hidden" name="account" value=id.to_string()/>
                <input type="hidden" name="id" value=token/>
                <Submit label=text::token_end(locale) look="plain" glyph=Glyph::Bin/>
            </CallForm>
        }
    };
    view! {
        <PageHead title=name crumbs=crumbs(locale, &place)/>
        <p class="lead">{text::service_account_tokens_words(locale)}</p>
        <Made made=made/>
        <Make id=id places=places/>
        <Summary outcome=ending/>
        <TokenTable list=list end=form/>
        {home.map(|place| {
            let action = ServerAction::<DeleteServiceAccount>::new();
            let outcome = use_outcome(action);
            view! {
                <DeleteSection words=text::service_account_delete_words(locale) outcome=outcome>
                    <CallForm action=action class="form">
                        <input type="hidden" name="id" value=id.to_string()/>
                        <input type="hidden" name="place" value=place.to_string()/>
                        <Submit
                            label=text::service_account_delete(locale)
                            look="danger"
                            glyph=Glyph::Bin
                            pending=action.pending()
                        />
                    </CallForm>
                </DeleteSection>
            }
        })}
    }
}

#[component]
fn Make(id: UserId, places: Vec<Vec<PlaceStep>>) -> impl IntoView {
    let locale = use_locale();
    let choice = |way: Vec<PlaceStep>| Some((way.last()?.place.id().to_string(), path_of(&way)));
    let places = std::iter::once(no_choice(locale)).chain(places.into_iter().filter_map(choice)).collect();
    let outcome = use_outcome(ServerAction::<CreateServiceAccountToken>::new());
    let form = form_name::<CreateServiceAccountToken>();
    FormState::plain(form, outcome, Vec::new()).provide();
    view! {
        <NativeForm form=form class="form" label=text::token_create(locale)>
            <Summary outcome=outcome/>
            <input type="hidden" name="account" value=id.to_string()/>
            <Field field=FieldName::TokenName hint=Signal::stored(text::hint_token_name(locale).to_owned())>
                <TextInput/>
            </Field>
            <Field field=FieldName::TokenDays hint=Signal::stored(text::hint_token_days(locale).to_owned())>
                <TextInput placeholder=TOKEN_DAYS.to_string()/>
            </Field>
            <Field field=FieldName::TokenRole hint=Signal::stored(text::hint_account_token_role(locale).to_owned())>
                <Select options=role_choices(locale)/>
            </Field>
            <Field field=FieldName::TokenPlace hint=Signal::stored(text::hint_account_token_place(locale).to_owned())>
                <Select options=places/>
            </Field>
            <div class="form__acts"><Submit label=text::token_create(locale)/></div>
        </NativeForm>
    }
}
