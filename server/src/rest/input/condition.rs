//! Entity tags: a change is made to what its author has seen, or not at all.
//!
//! A tag is of the spec alone. What a sync finds out changes an answer too, but is nobody's to overwrite.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::service::{Precondition, SpecTag};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// `If-Match` and `If-None-Match` of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition(pub Precondition);

impl<State: Sync> FromRequestParts<State> for Condition {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Infallible> {
        Ok(Self(read(&parts.headers)))
    }
}

/// `ETag` of a configuration.
pub fn entity_tag(tag: SpecTag) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{}.{}\"", tag.id.0.simple(), tag.version)).ok()
}

/// A tag that is none of ours names no version: it never matches.
fn read(headers: &HeaderMap) -> Precondition {
    match (list(headers, header::IF_MATCH), list(headers, header::IF_NONE_MATCH)) {
        (Some(tags), _) if tags.iter().any(|tag| tag == "*") => Precondition::Exists,
        (Some(tags), _) => Precondition::Version(tags.iter().filter_map(|tag| parse(tag)).collect()),
        (None, Some(tags)) if tags.iter().any(|tag| tag == "*") => Precondition::Absent,
        _ => Precondition::None,
    }
}

fn list(headers: &HeaderMap, name: HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let values = values.filter_map(|value| value.to_str().ok());
    Some(values.flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned()).collect())
}

fn parse(tag: &str) -> Option<SpecTag> {
    let (id, version) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
    Some(SpecTag { id: id.parse().ok()?, version: version.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> SpecTag {
        SpecTag { id: "01930000-0000-7000-8000-00000000000a".parse().expect("an id"), version: 3 }
    }

    fn of(name: HeaderName, value: &str) -> Precondition {
        let value = HeaderValue::from_str(value).expect("a header");
        read(&[(name, value)].into_iter().collect())
    }

    #[test]
    fn a_tag_comes_back_as_it_was_given() {
        let text = entity_tag(tag()).expect("a header");
        let text = text.to_str().expect("a text");
        assert_eq!(text, "\"0193000000007000800000000000000a.3\"");
        assert_eq!(of(header::IF_MATCH, text), Precondition::Version(vec![tag()]));
        assert_eq!(of(header::IF_MATCH, &format!("\"x\", {text}")), Precondition::Version(vec![tag()]));
    }

    #[test]
    fn a_star_is_whatever_there_is_or_nothing_yet() {
        assert_eq!(of(header::IF_MATCH, "*"), Precondition::Exists);
        assert_eq!(of(header::IF_NONE_MATCH, "*"), Precondition::Absent);
        assert_eq!(of(header::IF_MATCH, "W/\"weak\""), Precondition::Version(Vec::new()));
        assert_eq!(read(&HeaderMap::new()), Precondition::None);
    }
}
