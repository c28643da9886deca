//! How data comes to the page: the answers of server functions, the resources that the server puts into a page,
//! and the events of the live stream.
//!
//! It is plain JSON, as serde derives it. Only reading is our own ([`read`]), because reading is what the browser
//! has to load: serde reads an object of JSON by the names that happen to come, with a loop over all names and a
//! place for each field, once per type, which was a quarter of all code in the browser. Here the whole text is read
//! first, by one function for all types, and each type then takes its fields in its own order.
//!
//! What this asks of types on the wire: no `#[serde(flatten)]`, `#[serde(untagged)]` or `#[serde(tag = …)]` around
//! much, which serde would read the long way; a field that the sender leaves out must be an `Option`.

use leptos::prelude::*;
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_fn::codec::Post;
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

mod read;
#[cfg(test)]
mod tests;

pub use read::{Unreadable, read};

/// The format of everything that comes to the page.
pub struct Wire;

/// What a server function answers with: `#[server(output = Answer)]`.
pub type Answer = Post<Wire>;

/// A resource whose value comes to the page with the page.
pub type WireResource<T> = Resource<T, Wire>;

/// Loads something again whenever its source changes, as [`Resource::new`] does.
pub fn resource<T, Source, Loading>(
    source: impl Fn() -> Source + Send + Sync + 'static,
    load: impl Fn(Source) -> Loading + Send + Sync + 'static,
) -> WireResource<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Source: PartialEq + Clone + Send + Sync + 'static,
    Loading: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, load, false)
}

impl ContentType for Wire {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Wire {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Wire {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Wire {
    type Error = Unreadable;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        read(&bytes)
    }
}

impl<T: Serialize> Encoder<T> for Wire {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Wire {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text.as_bytes())
    }
}
