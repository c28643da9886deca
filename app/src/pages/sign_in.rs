//! Signing in.

use catalogue::{Locale, text};
use domain::service::{RefusedSignIn, SignInFault};
use domain::violation;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Field, FormState, Glyph, Icon, NativeForm, PlainPage, Submit, Summary, TextInput, form_name, use_outcome,
};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::account;
use crate::sign_in_ways::SignInWays;

/// The identity providers, then user name and password. Always a form post: what follows is another page with another
/// visitor.
#[component]
pub fn SignIn() -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(ServerAction::<account::SignIn>::new());
    let form = form_name::<account::SignIn>();
    FormState::plain(form, outcome, Vec::new()).provide();
    let then = use_query_map().with_untracked(|query| query.get("then").unwrap_or_default());
    let ways = use_context::<SignInWays>().unwrap_or_default();
    view! {
        <PlainPage title=text::sign_in_title(locale)>
            {ways.refused.as_ref().map(|refused| view! { <WhyNot refused=refused.clone()/> })}
            <Providers ways=ways then=then.clone()/>
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

/// A link to each provider, past the router of the browser: what is there is no page of ours.
#[component]
fn Providers(
    /// The providers.
    ways: SignInWays,
    /// Where to go on to.
    then: String,
) -> impl IntoView {
    let locale = use_locale();
    let link = move |(name, title): (String, String)| {
        view! {
            <a class="button button--plain" href=routes::sign_in_at(&name, &then) rel="external">
                {text::sign_in_with(locale, &title)}
            </a>
        }
    };
    (!ways.providers.is_empty()).then(|| {
        let links: Vec<_> = ways.providers.into_iter().map(|row| link((row.name, row.title))).collect();
        view! {
            <nav class="providers" aria-label=text::sign_in_providers(locale)>{links}</nav>
            <p class="providers__or">{text::sign_in_or(locale)}</p>
        }
    })
}

/// Why nobody was signed in: a sentence of ours, and nothing of what the address says.
#[component]
fn WhyNot(
    /// What happened.
    refused: RefusedSignIn,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div class="summary summary--shown" role="alert">
            <Icon glyph=Glyph::Alert/>
            <div class="summary__words"><p>{sentence(locale, &refused)}</p></div>
        </div>
    }
}

fn sentence(locale: Locale, refused: &RefusedSignIn) -> String {
    let RefusedSignIn { fault, title } = refused;
    match fault {
        SignInFault::Unknown => text::provider_unknown(locale).to_owned(),
        SignInFault::Denied => text::provider_denied(locale, title),
        SignInFault::Stale => text::provider_stale(locale).to_owned(),
        SignInFault::Refused => text::provider_refused(locale, title),
        SignInFault::Unreachable => text::provider_unreachable(locale, title),
        SignInFault::Busy => text::provider_busy(locale).to_owned(),
        SignInFault::Internal => text::provider_internal(locale).to_owned(),
    }
}
