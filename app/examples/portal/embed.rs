//! Frames of the made-up world: one dashboard is allowed.

use async_trait::async_trait;
use domain::access::Actor;
use domain::embed::ParentOrigin;
use domain::id::SubscriptionId;
use domain::service::{
    Conflict, EmbedCode, EmbedCodeDraft, EmbedGrantView, EmbedParentRow, EmbedService, Embedded, NewSession,
    ServiceError, Visit,
};

use crate::sample::Sample;
use crate::world::moment;

const PARENT: &str = "https://dashboard.example.com";

fn parent() -> Result<ParentOrigin, ServiceError> {
    ParentOrigin::parse(PARENT).map_err(|_| ServiceError::NotFound)
}

fn code() -> EmbedCode {
    EmbedCode { code: "shown-once".to_owned(), expires_at: moment(-60_000) }
}

#[async_trait]
impl EmbedService for Sample {
    async fn parents(&self, _: &Actor, _: SubscriptionId) -> Result<Vec<EmbedParentRow>, ServiceError> {
        let row = EmbedParentRow { origin: parent()?, created_at: moment(0), created_by: "ada".to_owned() };
        Ok(vec![row])
    }

    async fn allow_parent(&self, _: &Actor, _: SubscriptionId, _: &str) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn disallow_parent(&self, _: &Actor, _: SubscriptionId, _: &str) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn grant_view(&self, _: &Actor, asked: &str) -> Result<EmbedGrantView, ServiceError> {
        if asked != PARENT {
            return Err(ServiceError::NotFound);
        }
        Ok(EmbedGrantView { parent: parent()?, subscriptions: vec!["Demo".to_owned()] })
    }

    async fn grant(&self, _: &Actor, _: &str, _: &str, _: &str, _: &str) -> Result<EmbedCode, ServiceError> {
        Ok(code())
    }

    async fn issue(&self, _: &Actor, _: &EmbedCodeDraft) -> Result<EmbedCode, ServiceError> {
        Ok(code())
    }

    async fn enter(&self, _: &str, _: &str, _: &Visit) -> Result<NewSession, ServiceError> {
        Err(ServiceError::Conflict { conflict: Conflict::EmbedCodeUsed })
    }

    async fn enter_embedded(&self, _: &str) -> Result<Option<Embedded>, ServiceError> {
        Ok(None)
    }

    async fn embedded(&self, _: &str) -> Result<Option<Embedded>, ServiceError> {
        Ok(None)
    }

    async fn listed(&self, asked: &str) -> Result<Option<ParentOrigin>, ServiceError> {
        Ok((asked == PARENT).then(parent).transpose()?)
    }
}
