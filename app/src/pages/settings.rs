//! One's own settings: the tokens that programs use in one's name.

use catalogue::text;
use domain::service::{NewToken, TOKEN_DAYS, TokenList, TokenRow};
use domain::violation::Field as FieldName;
use leptos::prelude::*;

use crate::components::{
    AbsoluteTime, CallForm, CopyBlock, Failure, Field, FormState, Glyph, Icon, NativeForm, PageHead,
    RelativeTime, Submit, Summary, TextInput, form_name, use_failure_status, use_outcome,
};
use crate::forms::Answered;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::tokens::{CreateToken, EndToken, list_tokens};
use crate::wire::resource;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let locale = use_locale();
    let end = ServerAction::<EndToken>::new();
    let ending = use_outcome(end);
    let tokens = resource(move || end.version().get(), async |_| list_tokens().await);
    let content = move || {
        Suspend::new(async move {
            match tokens.await {
                Ok(list) => view! { <Tokens list=list end=end/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! {
        <PageHead title=text::settings_title(locale)/>
        <section class="section" aria-labelledby="tokens">
            <h2 class="section__title" id="tokens">{text::tokens_title(locale)}</h2>
            <p class="lead">
                {text::tokens_words(locale)}
                " "
                <a class="link" href=routes::API>{text::tokens_api(locale)}</a>
            </p>
            <Made/>
            <Make/>
            <Summary outcome=ending/>
            <Transition>{content}</Transition>
        </section>
    }
}

/// The token that was made just now, once.
#[component]
fn Made() -> impl IntoView {
    let locale = use_locale();
    let made = expect_context::<Answered>().of::<NewToken>(form_name::<CreateToken>());
    made.map(|made| {
        let content = Signal::stored(made.token);
        view! {
            <div class="made" role="status">
                <p class="made__words"><Icon glyph=Glyph::Tick/><span>{text::token_made(locale, &made.row.name)}</span></p>
                <CopyBlock label=text::token_label(locale) content=content/>
            </div>
        }
    })
}

#[component]
fn Make() -> impl IntoView {
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
            <div class="form__acts"><Submit label=text::token_create(locale)/></div>
        </NativeForm>
    }
}

#[component]
fn Tokens(list: TokenList, end: ServerAction<EndToken>) -> impl IntoView {
    let locale = use_locale();
    let TokenList { tokens, now } = list;
    if tokens.is_empty() {
        return view! { <p class="nothing">{text::tokens_none(locale)}</p> }.into_any();
    }
    let rows = tokens
        .into_iter()
        .map(|row| {
            let TokenRow { id, name, prefix, created_at, expires_at, last_used_at } = row;
            let used = match last_used_at {
                Some(moment) => view! { <RelativeTime moment=moment told=now.clone()/> }.into_any(),
                None => text::never(locale).into_any(),
            };
            let label = text::token_end_named(locale, &name);
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main">{name}</th>
                    <td class="mono">{prefix}"…"</td>
                    <td class="table__time"><AbsoluteTime moment=created_at/></td>
                    <td class="table__time"><AbsoluteTime moment=expires_at/></td>
                    <td class="table__time">{used}</td>
                    <td>
                        <CallForm action=end label=label>
                            <input type="hidden" name="id" value=id.to_string()/>
                            <Submit label=text::token_end(locale) look="plain" glyph=Glyph::Bin/>
                        </CallForm>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame">
            <table class="table">
                <caption class="visually-hidden">{text::tokens_title(locale)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::column_name(locale)}</th>
                        <th scope="col">{text::column_token(locale)}</th>
                        <th scope="col">{text::column_made(locale)}</th>
                        <th scope="col">{text::column_ends(locale)}</th>
                        <th scope="col">{text::column_last_used(locale)}</th>
                        <th scope="col"><span class="visually-hidden">{text::token_end(locale)}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
