//! Marks at the host what was synced: Flux v1's sync marker, an annotated tag.

use domain::status::SyncStep;
use engine::port::source::SyncTag;

use super::fetch::Fetched;
use crate::run::{Run, Stop};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Tagged {
    /// What the tag marks now; `None` when nothing was pushed.
    pub(crate) mark: Option<String>,
    /// The tag's name and what the host said, where it could not be pushed.
    pub(crate) failure: Option<(String, Option<String>)>,
}

/// Pushes the tag when it does not mark this commit yet. As in Flux v1 it moves on whatever the API server said of
/// single objects; that the host refuses it is a warning, for the sync has done its work.
pub(crate) async fn tag(run: &Run, source: &Fetched) -> Result<Tagged, Stop> {
    let Some(tag) = wanted(run) else { return Ok(Tagged::default()) };
    let mark = format!("{} {} {}", source.request.url.normalised(), tag.name, source.revision);
    if run.work.tagged.as_ref() == Some(&mark) {
        return Ok(Tagged::default());
    }
    run.step(SyncStep::Tag, None);
    run.check_lease().await?;
    Ok(match run.ports.source.push_tag(&source.request, &source.revision, &tag).await {
        Ok(()) => Tagged { mark: Some(mark), failure: None },
        Err(error) => {
            tracing::info!(
                configuration.id = %run.id(),
                tag = tag.name,
                "the sync tag {} of configuration {} could not be pushed: {error}",
                tag.name,
                run.id()
            );
            Tagged { mark: None, failure: Some((tag.name, error.detail)) }
        }
    })
}

/// Nothing with `--git-readonly`, which is set wherever user or e-mail are missing (Arc behaviour). `--git-label` goes
/// before `--git-sync-tag` (Flux v1).
fn wanted(run: &Run) -> Option<SyncTag> {
    let flags = run.work.spec.operator_params.flags();
    let author = flags.git_user.clone().zip(flags.git_email.clone());
    let (tagger, email) = author.filter(|_| !flags.git_readonly)?;
    let name = flags.git_label.as_ref().unwrap_or(&flags.git_sync_tag).clone();
    Some(SyncTag { name, tagger, email, made_at: run.ports.clock.now() })
}
