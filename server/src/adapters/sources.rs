//! Repositories, whose hosts may say anything: also, in an error, the very credential they were shown.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::repository::Revision;
use engine::port::source::{Source, SourceError, SourceRequest, SyncTag, Tree};

use super::hidden::Hidden;

/// A source whose errors hold nothing of the credential that was used.
pub struct DiscreetSource<S>(pub Arc<S>);

#[async_trait]
impl<S: Source> Source for DiscreetSource<S> {
    async fn resolve(&self, request: &SourceRequest, age: Duration) -> Result<Revision, SourceError> {
        self.0.resolve(request, age).await.map_err(|error| discreet(request, error))
    }

    async fn open(&self, request: &SourceRequest, revision: &Revision) -> Result<Arc<dyn Tree>, SourceError> {
        self.0.open(request, revision).await.map_err(|error| discreet(request, error))
    }

    async fn descends(
        &self,
        request: &SourceRequest,
        later: &Revision,
        earlier: &Revision,
    ) -> Result<Option<bool>, SourceError> {
        self.0.descends(request, later, earlier).await.map_err(|error| discreet(request, error))
    }

    async fn push_tag(
        &self,
        request: &SourceRequest,
        revision: &Revision,
        tag: &SyncTag,
    ) -> Result<(), SourceError> {
        self.0.push_tag(request, revision, tag).await.map_err(|error| discreet(request, error))
    }

    async fn keep_only(&self, requests: &[SourceRequest]) -> Result<usize, SourceError> {
        // Nobody is asked, so nobody can repeat anything.
        self.0.keep_only(requests).await
    }
}

/// An ssh key is never sent, so only user and key can come back.
fn discreet(request: &SourceRequest, error: SourceError) -> SourceError {
    let SourceError { reason, detail } = error;
    let hidden = request.access.https.as_ref().map(|https| Hidden::of_basic(&https.user, &https.key));
    let hide = |text: String| hidden.as_ref().map_or_else(|| text.clone(), |hidden| hidden.hide(&text));
    SourceError { reason, detail: detail.map(hide) }
}
