//! Signing in inside a frame of another origin's page, and the pop-up that asks for it.

use catalogue::text;
use domain::access::Role;
use domain::service::{EmbedCode, EmbedGrantView};
use domain::violation;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Essential, Essentials, Failure, Field, FormState, NativeForm, PlainPage, Select, Sentence, Submit,
    Summary, Tone, form_name, page_title, use_failure_status, use_outcome,
};
use crate::forms::Answered;
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::embed::{GrantEmbed, get_embed_grant};
use crate::wire::resource;

/// In the frame: a browser keeps a session for this site alone, so the one that somebody has elsewhere does not count
/// here. `?parent=` is whose page it is, `?then=` where to go on to.
#[component]
pub fn EmbedSignIn() -> impl IntoView {
    let locale = use_locale();
    let query = use_query_map().get_untracked();
    let parent = query.get("parent").unwrap_or_default();
    let then = query.get("then").unwrap_or_default();
    let then = routes::own_path(&then).unwrap_or(routes::CLUSTERS).to_owned();
    let refused = query.get("refused").is_some();
    view! {
        <Title text=page_title(text::embed_sign_in_title(locale))/>
        <main class="main main--framed" id="main">
            <h1 class="plain__title">{text::embed_sign_in_title(locale)}</h1>
            {refused.then(|| view! {
                <Sentence words=text::conflict_embed_code_used(locale).to_owned() tone=Tone::Bad/>
            })}
            <p class="lead">{text::embed_sign_in_words(locale)}</p>
            <div class="form__acts">
                <button type="button" class="button button--primary" hidden data-embed-popup=routes::embed_grant(&parent)>
                    {text::sign_in(locale)}
                </button>
                <a class="button button--plain" href=then.clone() target="_blank" rel="noopener external">
                    {text::framed_open(locale)}
                </a>
            </div>
            <form id="embed-enter" method="post" action=routes::embed_enter(&parent)>
                <input type="hidden" name="code"/>
                <input type="hidden" name="verifier"/>
                <input type="hidden" name="then" value=then/>
            </form>
        </main>
    }
}

/// The pop-up: what would be shown where, and whether it may. `?challenge=` is the hash of what the frame keeps.
#[component]
pub fn EmbedGrant() -> impl IntoView {
    let locale = use_locale();
    let query = use_query_map().get_untracked();
    let challenge = query.get("challenge").unwrap_or_default();
    let parent = query.get("parent").unwrap_or_default();
    let view = resource(move || parent.clone(), get_embed_grant);
    let content = move || {
        let challenge = challenge.clone();
        Suspend::new(async move {
            match view.await {
                Ok(view) => view! { <Ask view=view challenge=challenge/> }.into_any(),
                Err(error) if error.is_not_found() => {
                    use_failure_status(&error);
                    view! {
                        <Sentence words=text::embed_grant_nowhere(locale).to_owned() tone=Tone::Bad/>
                    }
                    .into_any()
                }
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! { <PlainPage title=text::embed_grant_title(locale)><Suspense>{content}</Suspense></PlainPage> }
}

#[component]
fn Ask(view: EmbedGrantView, challenge: String) -> impl IntoView {
    let locale = use_locale();
    let form = form_name::<GrantEmbed>();
    if let Some(EmbedCode { code, .. }) = expect_context::<Answered>().of::<EmbedCode>(form) {
        return view! {
            <p role="status" data-embed-code=code>{text::embed_grant_done(locale)}</p>
        }
        .into_any();
    }
    let outcome = use_outcome(ServerAction::<GrantEmbed>::new());
    FormState::plain(form, outcome, Vec::new()).provide();
    let EmbedGrantView { parent, subscriptions } = view;
    let parent = parent.as_str().to_owned();
    let shown = parent.clone();
    let roles = vec![
        (Role::Reader.as_str().to_owned(), text::embed_role_reader(locale).to_owned()),
        (Role::Contributor.as_str().to_owned(), text::embed_role_contributor(locale).to_owned()),
    ];
    view! {
        <p>{text::embed_grant_words(locale)}</p>
        <Essentials>
            <Essential label=text::field_parent_origin(locale) mono=true>{shown}</Essential>
            <Essential label=text::embed_grant_subscriptions(locale)>{subscriptions.join(", ")}</Essential>
        </Essentials>
        <Summary outcome=outcome/>
        <NativeForm form=form class="form" label=text::embed_grant_title(locale)>
            <input type="hidden" name="parent" value=parent/>
            <input type="hidden" name="challenge" value=challenge/>
            <Field field=violation::Field::Role><Select options=roles/></Field>
            <div class="form__acts"><Submit label=text::embed_grant(locale)/></div>
        </NativeForm>
    }
    .into_any()
}
