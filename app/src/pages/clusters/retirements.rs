//! Operators that go.

use catalogue::{retirement_sentence, text};
use domain::id::{ClusterId, RetirementId};
use domain::reason::RetirementState;
use domain::service::RetirementRow;
use leptos::prelude::*;

use crate::components::{
    AbsoluteTime, CallForm, CopyBlock, Essential, Essentials, Glyph, Submit, Summary, use_outcome,
};
use crate::preferences::use_locale;
use crate::server_fns::clusters::RenewRetirement;

/// Deleting a configuration goes on after its page is gone: here one sees how it ends, and says again what was too old.
#[component]
pub fn Retirements(
    cluster: ClusterId,
    retirements: Vec<RetirementRow>,
    may_renew: Memo<bool>,
    action: ServerAction<RenewRetirement>,
) -> impl IntoView {
    let locale = use_locale();
    let outcome = use_outcome(action);
    let each = retirements.into_iter().map(move |row| {
        let RetirementRow { id, configuration, operator, state, detail, requested_at, requested_by } = row;
        let said =
            detail.map(|detail| view! { <CopyBlock label=text::said_by_cluster(locale) content=detail/> });
        let by = match requested_by {
            Some(name) => text::retirement_by(locale, &name),
            None => text::retirement_by_gone(locale).to_owned(),
        };
        // Whoever may delete a configuration may say so again.
        let too_old = state == RetirementState::WishTooOld;
        let offered = move || too_old && may_renew.get();
        view! {
            <Essential label=text::retirement_of(locale, &operator, &configuration)>
                <p>{retirement_sentence(locale, &state)}</p>
                <p>{by} " " <AbsoluteTime moment=requested_at/></p>
                {said}
                {move || offered().then(|| view! {
                    <Renew cluster=cluster id=id operator=operator.clone() action=action/>
                })}
            </Essential>
        }
    });
    view! {
        <section class="section" aria-labelledby="retirements-title">
            <h2 class="section__title" id="retirements-title">{text::retirements_title(locale)}</h2>
            <Summary outcome=outcome/>
            <Essentials>{each.collect_view()}</Essentials>
        </section>
    }
}

#[component]
fn Renew(
    cluster: ClusterId,
    id: RetirementId,
    operator: String,
    action: ServerAction<RenewRetirement>,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <CallForm action=action class="form">
            <input type="hidden" name="id" value=cluster.to_string()/>
            <input type="hidden" name="retirement" value=id.to_string()/>
            <Submit
                label=text::retirement_renew(locale, &operator)
                look="danger"
                glyph=Glyph::Bin
                pending=action.pending()
            />
        </CallForm>
    }
}
