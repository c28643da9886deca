//! The origins whose pages may show a subscription in a frame, and what to copy into such a page.

use catalogue::text;
use domain::id::SubscriptionId;
use domain::service::EmbedParentRow;
use domain::violation::Field as FieldName;
use leptos::prelude::*;

use crate::components::{
    AbsoluteTime, CallForm, CopyBlock, Disclosure, Failure, Field, FormState, Glyph, Head, Submit, Summary,
    TableFrame, TextInput, form_name, use_outcome,
};
use crate::preferences::use_locale;
use crate::routes;
use crate::server_fns::embed::{AllowEmbedParent, DisallowEmbedParent, EmbedParents, list_embed_parents};
use crate::wire::resource;

/// The section of a subscription's page.
#[component]
pub fn Embedding(id: SubscriptionId, owner: bool) -> impl IntoView {
    let locale = use_locale();
    let allow = ServerAction::<AllowEmbedParent>::new();
    let disallow = ServerAction::<DisallowEmbedParent>::new();
    let refused = use_outcome(disallow);
    let parents =
        resource(move || (allow.version().get(), disallow.version().get()), move |_| list_embed_parents(id));
    let content = move || {
        Suspend::new(async move {
            match parents.await {
                Ok(parents) => {
                    view! { <Parents id=id parents=parents owner=owner disallow=disallow/> }.into_any()
                }
                Err(error) => view! { <Failure error=error/> }.into_any(),
            }
        })
    };
    view! {
        <section class="section" aria-labelledby="embedding">
            <h2 class="section__title" id="embedding">{text::embed_title(locale)}</h2>
            <p class="lead">{text::embed_words(locale)}</p>
            <Summary outcome=refused/>
            <Transition>{content}</Transition>
            {owner.then(|| view! { <Allow id=id action=allow/> })}
        </section>
    }
}

#[component]
fn Parents(
    id: SubscriptionId,
    parents: EmbedParents,
    owner: bool,
    disallow: ServerAction<DisallowEmbedParent>,
) -> impl IntoView {
    let locale = use_locale();
    let EmbedParents { rows, portal } = parents;
    let Some(first) = rows.first().map(|row| row.origin.as_str().to_owned()) else {
        return view! { <p class="nothing">{text::embed_none(locale)}</p> }.into_any();
    };
    let rows = rows
        .into_iter()
        .map(|EmbedParentRow { origin, created_at, created_by }| {
            let origin = origin.as_str().to_owned();
            let parent = origin.clone();
            let act = owner.then(|| {
                view! {
                    <CallForm action=disallow label=text::embed_disallow_named(locale, &parent)>
                        <input type="hidden" name="subscription" value=id.to_string()/>
                        <input type="hidden" name="parent" value=parent/>
                        <Submit label=text::embed_disallow(locale) look="plain" glyph=Glyph::Bin/>
                    </CallForm>
                }
            });
            view! {
                <tr class="table__row">
                    <th scope="row" class="table__main mono">{origin}</th>
                    <td class="table__time"><AbsoluteTime moment=created_at/></td>
                    <td class="table__where">{created_by}</td>
                    <td class="table__act">{act}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <TableFrame
            caption=text::embed_title(locale)
            heads=vec![
                Head::Words(text::field_parent_origin(locale)),
                Head::Words(text::column_since(locale)),
                Head::Words(text::column_by(locale)),
                Head::Hidden(text::embed_disallow(locale)),
            ]
        >
            {rows}
        </TableFrame>
        <Disclosure label=text::embed_snippet(locale)>
            <p class="lead">{text::embed_snippet_words(locale)}</p>
            <CopyBlock label=text::embed_snippet(locale) content=Signal::stored(snippet(&portal, &first))/>
        </Disclosure>
    }
    .into_any()
}

#[component]
fn Allow(id: SubscriptionId, action: ServerAction<AllowEmbedParent>) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    FormState::plain(form_name::<AllowEmbedParent>(), outcome, Vec::new()).provide();
    let refused = outcome.with_untracked(Option::is_some);
    view! {
        <Disclosure label=text::embed_allow(locale) open=refused>
            <CallForm action=action class="form" label=text::embed_allow(locale)>
                <Summary outcome=outcome/>
                <input type="hidden" name="subscription" value=id.to_string()/>
                <Field field=FieldName::ParentOrigin hint=Signal::stored(text::embed_parent_hint(locale).to_owned())>
                    <TextInput/>
                </Field>
                <div class="form__acts">
                    <Submit label=text::embed_allow(locale) pending=action.pending()/>
                </div>
            </CallForm>
        </Disclosure>
    }
}

/// What shows the portal in a page of `parent`, as tall as what it shows. `end2end/dashboard` has it in a whole page.
fn snippet(portal: &str, parent: &str) -> String {
    let address = routes::in_embed(routes::CONFIGURATIONS);
    format!(
        "<iframe id=\"fairlead\" title=\"Fairlead\" width=\"100%\" height=\"480\"\n  \
           src=\"{portal}{address}?parent={parent}&theme=system&lang=en\"></iframe>\n\
         <script>\n  \
           addEventListener(\"message\", (message) => {{\n    \
             if (message.origin !== \"{portal}\" || message.data?.type !== \"fairlead:height\") return;\n    \
             document.getElementById(\"fairlead\").height = message.data.height;\n  \
           }});\n\
         </script>\n"
    )
}
