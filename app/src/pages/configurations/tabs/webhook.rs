//! The webhook of a configuration: where its Git host tells of pushes, and how that is set up there.

use catalogue::{Locale, text};
use domain::clock::Moment;
use domain::service::{NewWebhook, WebhookView};
use leptos::prelude::*;

use crate::components::{
    AbsoluteTime, CopyBlock, Disclosure, Essential, Essentials, Glyph, Icon, NativeForm, RelativeTime,
    Submit, Summary, form_name, use_outcome,
};
use crate::forms::Answered;
use crate::pages::configurations::pane::Fetched;
use crate::preferences::use_locale;
use crate::server_fns::configurations::{MakeWebhook, RemoveWebhook};

/// The section below the settings.
#[component]
pub fn Webhook(fetched: Fetched) -> impl IntoView {
    let locale = use_locale();
    let (id, now) = fetched.0.with_untracked(|detail| (detail.row.id, detail.now.clone()));
    let webhook = Memo::new(move |_| fetched.0.with(|detail| detail.webhook.clone()));
    let (make, remove) = (form_name::<MakeWebhook>(), form_name::<RemoveWebhook>());
    let made = expect_context::<Answered>().of::<NewWebhook>(make);
    let making = use_outcome(ServerAction::<MakeWebhook>::new());
    let removing = use_outcome(ServerAction::<RemoveWebhook>::new());
    let state = move || match webhook.get() {
        Some(webhook) => view! { <Present webhook=webhook now=now.clone()/> }.into_any(),
        None => view! { <p class="nothing">{text::webhook_none(locale)}</p> }.into_any(),
    };
    let acts = move || {
        let present = webhook.with(Option::is_some);
        let label = if present { text::webhook_make_anew(locale) } else { text::webhook_make(locale) };
        view! {
            <NativeForm form=make label=label>
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit label=label look="plain"/>
            </NativeForm>
            {present.then(|| view! {
                <NativeForm form=remove label=text::webhook_remove(locale)>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Submit label=text::webhook_remove(locale) look="plain" glyph=Glyph::Bin/>
                </NativeForm>
            })}
        }
    };
    view! {
        <section class="section" aria-labelledby="webhook">
            <h3 class="section__title" id="webhook">{text::webhook_title(locale)}</h3>
            <p>{text::webhook_words(locale)}</p>
            <Summary outcome=making/>
            <Summary outcome=removing/>
            {made.map(|made| view! { <Made made=made/> })}
            {state}
            <div class="form__acts">{acts}</div>
            <Disclosure label=text::webhook_where(locale)><Hosts/></Disclosure>
        </section>
    }
}

/// The secret that was made just now, once.
#[component]
fn Made(made: NewWebhook) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div class="made" role="status">
            <p class="made__words"><Icon glyph=Glyph::Tick/><span>{text::webhook_made(locale)}</span></p>
            <CopyBlock label=text::webhook_secret(locale) content=Signal::stored(made.secret)/>
        </div>
    }
}

#[component]
fn Present(webhook: WebhookView, now: Moment) -> impl IntoView {
    let locale = use_locale();
    let WebhookView { address, made_at, taken_at, refused_at } = webhook;
    let last = |moment: Option<Moment>| match moment {
        Some(moment) => view! { <RelativeTime moment=moment told=now.clone()/> }.into_any(),
        None => text::never(locale).into_any(),
    };
    let (taken, refused) = (last(taken_at), last(refused_at));
    view! {
        <CopyBlock label=text::webhook_address(locale) content=Signal::stored(address)/>
        <Essentials>
            <Essential label=text::webhook_made_at(locale)><AbsoluteTime moment=made_at/></Essential>
            <Essential label=text::webhook_taken(locale)>{taken}</Essential>
            <Essential label=text::webhook_refused(locale)>{refused}</Essential>
        </Essentials>
    }
}

/// What is set where, host by host.
#[component]
fn Hosts() -> impl IntoView {
    let hosts = hosts(use_locale())
        .into_iter()
        .map(|(host, words)| view! { <dt class="places__name">{host}</dt><dd class="places__words">{words}</dd> })
        .collect_view();
    view! { <dl class="places">{hosts}</dl> }
}

fn hosts(locale: Locale) -> [(&'static str, &'static str); 6] {
    [
        (text::webhook_github(locale), text::webhook_github_words(locale)),
        (text::webhook_gitlab(locale), text::webhook_gitlab_words(locale)),
        (text::webhook_gitea(locale), text::webhook_gitea_words(locale)),
        (text::webhook_bitbucket(locale), text::webhook_bitbucket_words(locale)),
        (text::webhook_azure(locale), text::webhook_azure_words(locale)),
        (text::webhook_other(locale), text::webhook_other_words(locale)),
    ]
}
