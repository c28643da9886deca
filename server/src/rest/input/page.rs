//! `$top` and `$skiptoken`.

use axum::extract::FromRequestParts;
use catalogue::{Locale, text};
use domain::service::{RESOURCES_MAX, Slice};
use http::request::Parts;
use url::form_urlencoded;

use crate::rest::error::{ArmError, ErrorDetail};

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page(pub Slice);

impl<State: Sync> FromRequestParts<State> for Page {
    type Rejection = ArmError;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, ArmError> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// A `$top` above the limit gives pages of the limit; what is no number from 1 is answered.
fn read(query: &str) -> Result<Slice, ArmError> {
    let mut slice = Slice::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "$top" => slice.top = Some(top(&value)?),
            "$skiptoken" => slice.after = Some(value.into_owned()),
            _ => {}
        }
    }
    Ok(slice)
}

fn top(value: &str) -> Result<u32, ArmError> {
    // The document says int32, as ARM's does.
    let number = value.parse::<i32>().ok().and_then(|top| u32::try_from(top).ok());
    number.filter(|top| *top > 0).ok_or_else(|| {
        let message = text::rest_top(Locale::English, &RESOURCES_MAX.to_string());
        ArmError::details("InvalidParameter", vec![ErrorDetail::fault("$top", message)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_by_its_size_and_by_what_was_before_it() {
        let slice = read("api-version=1&%24top=2&$skiptoken=a%2Fb").expect("a page");
        assert_eq!(slice, Slice { top: Some(2), after: Some("a/b".to_owned()) });
        assert_eq!(read("api-version=1").expect("a page"), Slice::default());
        for wrong in ["$top=0", "$top=-1", "$top=many", "$top=", "$top=2147483648"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
