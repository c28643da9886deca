//! Lists, page by page.

use domain::object::ResourceKind;
use serde::Deserialize;
use serde_json::Value;

use super::{ApiServer, Call, CallError, collection_path, is_list, null_is_empty, query};

/// Objects read at a time: an etcd object is at most some 1.5 MiB, most are a few KiB.
const PAGE: &str = "250";

/// What is to be listed.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'list> {
    pub(crate) kind: &'list ResourceKind,
    /// `None` for all.
    pub(crate) namespace: Option<&'list str>,
    /// By labels; empty for all.
    pub(crate) selector: &'list str,
    /// Whole objects, or their metadata alone.
    pub(crate) accept: &'static str,
    /// What is beyond so many pages is not ours to list.
    pub(crate) pages_max: usize,
}

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    items: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PageMetadata {
    resource_version: String,
    #[serde(rename = "continue")]
    rest: String,
}

/// Lists all; `take` gets each page's objects as it arrives, so that whoever keeps less than all of an object never has
/// the whole list. Gives back the version to watch from.
pub(crate) async fn list(
    server: &ApiServer,
    listing: Listing<'_>,
    mut take: impl FnMut(Vec<Value>),
) -> Result<String, CallError> {
    let Listing { kind, namespace, selector, accept, pages_max } = listing;
    let path = collection_path(kind, namespace)?;
    let mut rest = String::new();
    for _ in 0..pages_max {
        let mut pairs = vec![("limit", PAGE)];
        pairs.extend((!selector.is_empty()).then_some(("labelSelector", selector)));
        pairs.extend((!rest.is_empty()).then_some(("continue", rest.as_str())));
        let page: Page = server.fetch(&Call::get(query(&path, &pairs)).accept(accept)).await?;
        // Anything else that is JSON would read as a list of nothing.
        if !is_list(&page.kind) {
            return Err(CallError::Unreadable(format!("the answer is no list of kind {}", kind.kind)));
        }
        take(page.items);
        rest = page.metadata.rest;
        if rest.is_empty() {
            return Ok(page.metadata.resource_version);
        }
    }
    Err(CallError::Unreadable(format!("there are too many objects of kind {}", kind.kind)))
}
