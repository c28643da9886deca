//! The key that the repository's host has to take, where it is added there, and trusting the host in turn.

use catalogue::text;
use domain::reason::Reason;
use domain::service::{ConfigurationDetail, ConfigurationState};
use leptos::prelude::*;

use crate::components::{CallForm, CopyBlock, Disclosure, Submit, Summary, use_outcome};
use crate::preferences::use_locale;
use crate::server_fns::configurations::TrustHostKey;

/// The public half of the ssh key: in full view while the host has not taken it, behind a line afterwards.
#[component]
pub fn PublicKey(
    /// The configuration.
    fetched: RwSignal<ConfigurationDetail>,
    /// How it stands.
    state: RwSignal<ConfigurationState>,
) -> impl IntoView {
    let locale = use_locale();
    let key = Memo::new(move |_| fetched.with(|fetched| fetched.repository_public_key.clone()));
    let wanted = Memo::new(move |_| {
        state.with(|state| {
            matches!(
                state.reason,
                Reason::WaitingForFirstSync
                    | Reason::RepositoryKeyNotAccepted
                    | Reason::RepositoryCredentialRefused
            )
        })
    });
    move || {
        let key = key.try_get().flatten()?;
        let shown = view! {
            <CopyBlock label=text::public_key_title(locale) content=key/>
            <p class="note">{text::public_key_words(locale)}</p>
            <Disclosure label=text::public_key_where(locale)><Places/></Disclosure>
        };
        let shown = if wanted.try_get().unwrap_or_default() {
            view! { <section class="public-key">{shown}</section> }.into_any()
        } else {
            view! { <Disclosure label=text::public_key_title(locale)>{shown}</Disclosure> }.into_any()
        };
        Some(shown)
    }
}

#[component]
fn Places() -> impl IntoView {
    let locale = use_locale();
    let places = [
        (text::public_key_github_user(locale), text::public_key_github_user_words(locale)),
        (text::public_key_github_deploy(locale), text::public_key_github_deploy_words(locale)),
        (text::public_key_gitlab(locale), text::public_key_gitlab_words(locale)),
        (text::public_key_azure(locale), text::public_key_azure_words(locale)),
    ];
    let places = places
        .into_iter()
        .map(|(place, words)| view! { <dt class="places__name">{place}</dt><dd class="places__words">{words}</dd> })
        .collect_view();
    view! { <dl class="places">{places}</dl> }
}

/// The key that an ssh host has shown, for an owner to trust.
#[component]
pub fn HostKey(
    /// The configuration.
    fetched: RwSignal<ConfigurationDetail>,
    /// How it stands.
    state: RwSignal<ConfigurationState>,
) -> impl IntoView {
    let locale = use_locale();
    let action = ServerAction::<TrustHostKey>::new();
    let outcome = use_outcome(action);
    let shown = Memo::new(move |_| state.with(|state| shown_key(&state.reason)));
    let (id, may_trust) = fetched.with_untracked(|fetched| (fetched.row.id, fetched.may_trust));
    move || {
        let (fingerprint, line) = shown.try_get().flatten()?;
        let trust = may_trust.then(|| {
            view! {
                <p class="note">{text::trust_words(locale)}</p>
                <CallForm action=action label=text::trust_submit(locale)>
                    <Summary outcome=outcome/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="fingerprint" value=fingerprint/>
                    <Submit label=text::trust_submit(locale) look="plain" pending=action.pending()/>
                </CallForm>
            }
        });
        Some(view! {
            <CopyBlock label=text::said_verbatim(locale) content=line/>
            {trust}
        })
    }
}

/// Fingerprint and line of a key that a host has shown.
fn shown_key(reason: &Reason) -> Option<(String, String)> {
    match reason {
        Reason::RepositoryHostKeyUnknown { host, fingerprint, key }
        | Reason::RepositoryHostKeyChanged { host, fingerprint, key, .. } => {
            Some((fingerprint.clone(), format!("{host} {key}")))
        }
        _ => None,
    }
}
