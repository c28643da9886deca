//! What a program can do here: the operations of the REST API, made of its own document.

use catalogue::text;
use leptos::prelude::*;

use crate::api::ApiOperation;
use crate::components::{Failure, PageHead, use_failure_status};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::api::list_operations;
use crate::wire::resource;

/// The page.
#[component]
pub fn ApiPage() -> impl IntoView {
    let locale = use_locale();
    let operations = resource(|| (), async |()| list_operations().await);
    let content = move || {
        Suspend::new(async move {
            match operations.await {
                Ok(operations) => view! { <Groups operations=operations/> }.into_any(),
                Err(error) => {
                    use_failure_status(&error);
                    view! { <Failure error=error/> }.into_any()
                }
            }
        })
    };
    view! {
        <PageHead title=text::api_title(locale)/>
        <p class="lead">
            {text::api_words(locale)}
            " "
            <a class="link" href=routes::SETTINGS>{text::api_tokens(locale)}</a>
            " "
            <a class="link" href=routes::DOCUMENT rel="external">{text::api_document(locale)}</a>
        </p>
        <Transition>{content}</Transition>
    }
}

#[component]
fn Groups(operations: Vec<ApiOperation>) -> impl IntoView {
    let locale = use_locale();
    let (portal, arm): (Vec<_>, Vec<_>) =
        operations.into_iter().partition(|operation| operation.group == "portal");
    view! {
        <Group id="arm" title=text::api_arm(locale) operations=arm/>
        <Group id="portal" title=text::api_portal(locale) operations=portal/>
    }
}

#[component]
fn Group(id: &'static str, title: &'static str, operations: Vec<ApiOperation>) -> impl IntoView {
    let locale = use_locale();
    let rows = operations
        .into_iter()
        .map(|operation| {
            view! {
                <tr class="table__row">
                    <td class="mono">{operation.method}</td>
                    <th scope="row" class="operations__path mono">{operation.path}</th>
                    <td class="operations__does" lang="en">{operation.summary}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="section" aria-labelledby=id>
            <h2 class="section__title" id=id>{title}</h2>
            <div class="table-frame">
                <table class="table operations">
                    <caption class="visually-hidden">{title}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{text::column_method(locale)}</th>
                            <th scope="col">{text::column_path(locale)}</th>
                            <th scope="col">{text::column_does(locale)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}
