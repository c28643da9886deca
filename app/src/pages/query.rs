//! Page and filter of a list, from its path.

use domain::page::PageQuery;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// `?page=…&filter=…`
pub(crate) fn page_query(query: Memo<ParamsMap>) -> Memo<PageQuery> {
    Memo::new(move |_| query.with(page_query_of))
}

pub(crate) fn page_query_of(query: &ParamsMap) -> PageQuery {
    PageQuery {
        page: query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        filter: query.get("filter").unwrap_or_default().trim().to_owned(),
    }
}
