//! A file whose content goes into a text.

use domain::violation;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, HtmlInputElement};

use super::FormState;
use crate::alive::use_alive;

/// A file is read by the browser into the text above; without scripts its content is pasted there.
#[component]
pub fn FilePicker(
    /// The field that the text belongs to.
    field: violation::Field,
    /// The text.
    text_area: NodeRef<html::Textarea>,
    /// What it is called.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let form = expect_context::<FormState>();
    let alive = use_alive();
    let id = format!("{}_file", field.input());
    let chosen = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let file = input.and_then(|input| input.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            leptos::task::spawn_local(async move {
                if let Some(content) = read(&file).await
                    && let Some(text_area) = text_area.get_untracked()
                {
                    text_area.set_value(&content);
                    form.typed.run((field.input(), content));
                }
            });
        }
    };
    view! {
        <div class="field" hidden=move || !alive.try_get().unwrap_or_default()>
            <label class="field__label" for=id.clone()>{label}</label>
            <input class="input input--file" type="file" id=id on:change=chosen/>
        </div>
    }
}

#[cfg(feature = "hydrate")]
async fn read(file: &web_sys::File) -> Option<String> {
    wasm_bindgen_futures::JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Files are chosen in a browser only.
#[cfg(not(feature = "hydrate"))]
#[expect(clippy::unused_async, reason = "called like the one that reads")]
async fn read(_file: &web_sys::File) -> Option<String> {
    None
}
