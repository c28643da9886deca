//! Absolute addresses of this API, for the next page of a list.

use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use http::request::Parts;
use http::{HeaderMap, header};
use url::form_urlencoded;

/// What an absolute address begins with.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// For instance `https://fairlead.example.com`, when it is set.
    pub public: Option<String>,
    /// What the portal itself speaks: `http` or `https`.
    pub scheme: &'static str,
}

impl Origin {
    /// What absolute addresses begin with for whoever asks: the one that is known to lead here. Nothing when the request
    /// names no host.
    pub fn of(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let asked = || host.map(|host| format!("{}://{host}", self.scheme));
        self.public.clone().or_else(asked).unwrap_or_default()
    }
}

/// The request's own address, to make others of.
#[derive(Clone, Debug)]
pub struct Here {
    /// Empty when the request names no host: a relative address is joined to the caller's own.
    origin: String,
    path: String,
    query: Vec<(String, String)>,
}

impl<State> FromRequestParts<State> for Here
where
    State: Sync,
    Origin: FromRef<State>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let origin = Origin::from_ref(state).of(&parts.headers);
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Ok(Self { origin, path: uri.path().to_owned(), query: query.into_owned().collect() })
    }
}

impl Here {
    /// What absolute addresses of this portal begin with.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The page behind `after` of the same list.
    pub fn next(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.query.iter().filter(|(name, _)| name != "$skiptoken") {
            query.append_pair(name, value);
        }
        query.append_pair("$skiptoken", after);
        format!("{}{}?{}", self.origin, self.path, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_of_the_same_list() {
        let query = [("api-version", "2023-05-01"), ("$top", "2"), ("$skiptoken", "a")];
        let here = Here {
            origin: "http://127.0.0.1:3000".to_owned(),
            path: "/subscriptions/s/x".to_owned(),
            query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        };
        assert_eq!(
            here.next("group/b"),
            "http://127.0.0.1:3000/subscriptions/s/x?api-version=2023-05-01&%24top=2&%24skiptoken=group%2Fb"
        );
    }
}
