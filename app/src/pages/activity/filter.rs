//! What is asked of the audit: by a plain form, so that it is part of the address.

use catalogue::{Locale, field_label, text};
use domain::service::{ActivityQuery, OUTCOME_REFUSED};
use domain::violation::Field;
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::params::ParamsMap;

use crate::components::FilterField;
use crate::preferences::use_locale;
use crate::routes;

/// `?filter=…&outcome=…&from=…&to=…&before=…`
pub(super) fn activity_query(query: &ParamsMap) -> ActivityQuery {
    let text = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
    ActivityQuery {
        filter: text("filter"),
        outcome: text("outcome"),
        from: text("from"),
        to: text("to"),
        before: text("before").parse().ok(),
    }
}

/// The form.
#[component]
pub fn ActivityFilter(query: ActivityQuery) -> impl IntoView {
    let locale = use_locale();
    let all = (!query.is_all()).then(|| routes::ACTIVITY.to_owned());
    let ActivityQuery { filter, outcome, from, to, before: _ } = query;
    let refused = outcome == OUTCOME_REFUSED;
    view! {
        <search class="filter">
            <Form method="GET" action=routes::ACTIVITY attr:class="filter__form filter__form--several">
                <div class="filter__field">
                    <label for="outcome">{field_label(locale, Field::ActivityOutcome)}</label>
                    <select class="input" id="outcome" name=Field::ActivityOutcome.input()>
                        <option value="" selected=!refused>{text::activity_all(locale)}</option>
                        <option value=OUTCOME_REFUSED selected=refused>{text::activity_refused(locale)}</option>
                    </select>
                </div>
                {day(locale, Field::ActivityFrom, from)}
                {day(locale, Field::ActivityTo, to)}
                <FilterField filter=filter label=text::activity_filter(locale) all=all/>
            </Form>
        </search>
    }
}

fn day(locale: Locale, field: Field, value: String) -> impl IntoView {
    let name = field.input();
    view! {
        <div class="filter__field">
            <label for=name>{field_label(locale, field)}</label>
            <input class="input" type="date" id=name name=name value=value title=text::activity_days(locale)/>
        </div>
    }
}
