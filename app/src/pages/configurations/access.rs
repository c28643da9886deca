//! The part of the form that opens a private repository.

use catalogue::text;
use domain::configuration::{KEEP_KEY, KeyKind, OWN_KEY, StoredAccess};
use domain::repository::{RepositoryUrl, Transport};
use domain::violation::Field as FieldName;
use leptos::html;
use leptos::prelude::*;

use super::editor::{Editor, Group};
use crate::alive::use_alive;
use crate::components::{CheckBox, Choice, Disclosure, Field, FilePicker, FormState, TextArea, TextInput};
use crate::preferences::use_locale;

/// One part for each kind of URL. Without scripts both are there, each behind a line; with them the one that the URL
/// cannot use is away unless something was typed into it.
#[component]
pub fn Access(editor: Editor) -> impl IntoView {
    let locale = use_locale();
    let alive = use_alive();
    let transport = Memo::new(move |_| {
        let typed = editor.form.with(|form| form.repository_url.clone());
        RepositoryUrl::parse(&typed).ok().map(|url| url.transport())
    });
    let stored = editor.stored.with_value(|stored| stored.access);
    // While the pane is taken down its signals may be gone before what follows them: then nothing is away.
    let away = move |fits: fn(Transport) -> bool, fields: &'static [FieldName]| {
        let transport = transport.try_get().flatten();
        alive.try_get().unwrap_or_default()
            && transport.is_some_and(|transport| !fits(transport) && !anything_in(fields))
    };
    let open = |present: bool, fields: &'static [FieldName]| {
        untrack(|| present || anything_in(fields) || anything_wrong(fields))
    };
    let https_open = open(stored.https_key || stored.https_ca_certificate, &HTTPS);
    let ssh_open = open(stored.ssh_private_key, &SSH);
    view! {
        <Group title=text::group_access(locale) words=text::group_access_words(locale)>
            <div hidden=move || away(is_http, &HTTPS)>
                <Disclosure label=text::access_https(locale) open=https_open>
                    <Https stored=stored/>
                </Disclosure>
            </div>
            <div hidden=move || away(is_ssh, &SSH)>
                <Disclosure label=text::access_ssh(locale) open=ssh_open>
                    <Ssh stored=stored/>
                </Disclosure>
            </div>
        </Group>
    }
}

const HTTPS: [FieldName; 3] = [FieldName::HttpsUser, FieldName::HttpsKey, FieldName::HttpsCaCertificate];
const SSH: [FieldName; 2] = [FieldName::SshPrivateKey, FieldName::SshKnownHosts];

fn is_http(transport: Transport) -> bool {
    matches!(transport, Transport::Http | Transport::Https)
}

fn is_ssh(transport: Transport) -> bool {
    transport == Transport::Ssh
}

fn anything_in(fields: &[FieldName]) -> bool {
    let form = expect_context::<FormState>();
    fields.iter().any(|field| !form.value.run(field.input()).is_empty())
}

/// After a post that was refused, secrets have to be typed again: the place for them is open.
fn anything_wrong(fields: &[FieldName]) -> bool {
    let form = expect_context::<FormState>();
    form.violations.with(|violations| fields.iter().any(|field| violations.of(*field).next().is_some()))
}

#[component]
fn Https(stored: StoredAccess) -> impl IntoView {
    let locale = use_locale();
    let hint = move |present: bool, words: &'static str| {
        Signal::stored(if present { text::hint_secret_kept(locale) } else { words }.to_owned())
    };
    let stored_pair = stored.https_user || stored.https_key;
    view! {
        <div class="group__pair">
            <Field field=FieldName::HttpsUser hint=hint(stored.https_user, text::hint_https_user(locale))>
                <TextInput/>
            </Field>
            <Field field=FieldName::HttpsKey hint=hint(stored.https_key, text::hint_https_key(locale))>
                <TextInput kind="password" autocomplete="new-password"/>
            </Field>
        </div>
        {stored_pair.then(|| view! { <CheckBox name="https_remove" label=text::label_https_remove(locale)/> })}
        <Field
            field=FieldName::HttpsCaCertificate
            hint=hint(stored.https_ca_certificate, text::hint_https_ca_certificate(locale))
        >
            <TextArea rows=3/>
        </Field>
        {stored
            .https_ca_certificate
            .then(|| view! { <CheckBox name="https_ca_remove" label=text::label_https_ca_remove(locale)/> })}
    }
}

#[component]
fn Ssh(stored: StoredAccess) -> impl IntoView {
    let locale = use_locale();
    let (key, known_hosts) = (NodeRef::<html::Textarea>::new(), NodeRef::<html::Textarea>::new());
    let field = FieldName::SshKey.input();
    let keep = stored.ssh_private_key.then(|| {
        view! {
            <Choice
                name=field
                value=KEEP_KEY
                label=text::ssh_key_keep(locale)
                hint=text::ssh_key_keep_words(locale).to_owned()
            />
        }
    });
    view! {
        <fieldset class="choices">
            <legend class="field__label">{catalogue::field_label(locale, FieldName::SshKey)}</legend>
            {keep}
            <Choice
                name=field
                value=KeyKind::Ed25519.as_str()
                label=text::ssh_key_ed25519(locale)
                hint=text::ssh_key_ed25519_words(locale).to_owned()
            />
            <Choice
                name=field
                value=KeyKind::Rsa.as_str()
                label=text::ssh_key_rsa(locale)
                hint=text::ssh_key_rsa_words(locale).to_owned()
            />
            <Choice
                name=field
                value=OWN_KEY
                label=text::ssh_key_own(locale)
                hint=text::ssh_key_own_words(locale).to_owned()
            />
        </fieldset>
        <Field
            field=FieldName::SshPrivateKey
            hint=Signal::stored(text::hint_ssh_private_key(locale).to_owned())
        >
            <TextArea rows=4 node_ref=key/>
        </Field>
        <FilePicker field=FieldName::SshPrivateKey text_area=key label=text::ssh_key_file(locale)/>
        <Field field=FieldName::SshKnownHosts hint=Signal::stored(text::hint_known_hosts(locale).to_owned())>
            <TextArea rows=3 node_ref=known_hosts/>
        </Field>
        <FilePicker field=FieldName::SshKnownHosts text_area=known_hosts label=text::known_hosts_file(locale)/>
    }
}
