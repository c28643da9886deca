//! Objects that left Git and are kept until a person says that they may go: first the exact list, then the button that
//! names the act.

use catalogue::{prune_guard_sentence, text};
use domain::object::ObjectKey;
use domain::prune::PruneCause;
use domain::service::PruneListView;
use leptos::prelude::*;

use crate::components::{AbsoluteTime, CallForm, Glyph, Submit, Summary, use_outcome};
use crate::pages::configurations::pane::Fetched;
use crate::preferences::use_locale;
use crate::server_fns::configurations::ConfirmPrune;

/// One section per list; nothing when nothing waits.
#[component]
pub fn PruneLists(fetched: Fetched) -> impl IntoView {
    let confirm = ServerAction::<ConfirmPrune>::new();
    let outcome = use_outcome(confirm);
    let lists = Memo::new(move |_| fetched.0.with(|detail| detail.prune.clone()));
    let (id, may_write) = fetched.0.with_untracked(|detail| (detail.row.id, detail.may_write));
    let sections = move || {
        let lists = lists.get();
        lists
            .into_iter()
            .map(|list| view! { <List list=list id=id.to_string() may_write=may_write confirm=confirm/> })
            .collect_view()
    };
    view! {
        <Summary outcome=outcome/>
        {sections}
    }
}

#[component]
fn List(
    list: PruneListView,
    id: String,
    may_write: bool,
    confirm: ServerAction<ConfirmPrune>,
) -> impl IntoView {
    let locale = use_locale();
    let PruneListView { cause, guards, objects, hash, since, confirmed_at } = list;
    let count = u32::try_from(objects.len()).unwrap_or(u32::MAX);
    let (label, title, words) = match cause {
        PruneCause::Guard => {
            ("prune-guard", text::prune_guard_title(locale), text::prune_guard_words(locale))
        }
        PruneCause::LeftBehind => {
            ("prune-behind", text::prune_behind_title(locale), text::prune_behind_words(locale))
        }
        PruneCause::Dry => ("prune-dry", text::prune_dry_title(locale), text::prune_dry_words(locale)),
    };
    let guards = guards
        .into_iter()
        .map(|guard| view! { <li>{prune_guard_sentence(locale, &guard)}</li> })
        .collect_view();
    let act = match confirmed_at {
        Some(at) => view! { <p>{text::prune_confirmed(locale)} " " <AbsoluteTime moment=at/></p> }.into_any(),
        None if may_write && cause != PruneCause::Dry => view! {
            <CallForm action=confirm class="form">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="hash" value=hash/>
                <div class="form__acts">
                    <Submit
                        label=text::prune_submit(locale, count)
                        look="danger"
                        glyph=Glyph::Bin
                        pending=confirm.pending()
                    />
                </div>
            </CallForm>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <section class="section" aria-labelledby=label>
            <h3 class="section__title" id=label>{title}</h3>
            <p class="lead">{words} " " <AbsoluteTime moment=since/></p>
            <ul>{guards}</ul>
            <ul class="objects">
                {objects.into_iter().map(|object| view! { <Object object=object/> }).collect_view()}
            </ul>
            {act}
        </section>
    }
}

#[component]
fn Object(object: ObjectKey) -> impl IntoView {
    let namespace = object.namespace.map(|namespace| format!("{namespace}/"));
    view! {
        <li class="objects__item">
            <span class="objects__kind">{object.kind}</span>
            <span class="mono">{namespace}{object.name}</span>
        </li>
    }
}
