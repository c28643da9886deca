//! The header that makes a request a service account's.

use std::task::{Context, Poll};

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Request};
use tower::{Layer, Service};

use crate::operator::ServiceAccountName;

const IMPERSONATE_USER: HeaderName = HeaderName::from_static("impersonate-user");
const IMPERSONATE_PREFIX: &str = "impersonate-";

/// Every request through it is the service account's.
///
/// Its groups are not sent: for a service account the API server adds exactly `system:serviceaccounts`,
/// `system:serviceaccounts:<namespace>` and `system:authenticated` itself, while sending them would need the right to
/// impersonate groups, with which one can become anybody.
#[derive(Clone)]
pub(super) struct ImpersonateLayer {
    user: HeaderValue,
}

impl ImpersonateLayer {
    pub(super) fn new(account: &ServiceAccountName) -> Self {
        Self { user: account.user_header() }
    }
}

impl<S> Layer<S> for ImpersonateLayer {
    type Service = Impersonate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Impersonate { user: self.user.clone(), inner }
    }
}

#[derive(Clone)]
pub(super) struct Impersonate<S> {
    user: HeaderValue,
    inner: S,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Impersonate<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        set(request.headers_mut(), &self.user);
        self.inner.call(request)
    }
}

/// Exactly one identity: whatever impersonation a request came with is dropped.
fn set(headers: &mut HeaderMap, user: &HeaderValue) {
    let given: Vec<_> =
        headers.keys().filter(|name| name.as_str().starts_with(IMPERSONATE_PREFIX)).cloned().collect();
    for name in given {
        headers.remove(name);
    }
    headers.insert(IMPERSONATE_USER, user.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_identity_whatever_it_came_with() {
        let mut headers = HeaderMap::new();
        headers.append("impersonate-user", HeaderValue::from_static("ada"));
        headers.append("impersonate-group", HeaderValue::from_static("system:masters"));
        headers.append("impersonate-extra-scopes", HeaderValue::from_static("all"));
        set(&mut headers, &HeaderValue::from_static("system:serviceaccount:a:b"));
        assert_eq!(headers.len(), 1);
        assert_eq!(headers[IMPERSONATE_USER], "system:serviceaccount:a:b");
    }
}
