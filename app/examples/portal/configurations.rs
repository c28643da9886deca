//! Configurations of the made-up world.

use async_trait::async_trait;
use domain::access::Actor;
use domain::configuration::{ConfigurationDraft, RepositoryCredentialDraft};
use domain::id::{ClusterId, ConfigurationId};
use domain::page::{Page, PageQuery};
use domain::service::{
    ComplianceCounts, ConfigurationDetail, ConfigurationList, ConfigurationService, ConfigurationState,
    NewWebhook, ServiceError,
};
use domain::status::Compliance;

use crate::sample::Sample;
use crate::world;

#[async_trait]
impl ConfigurationService for Sample {
    async fn list(
        &self,
        _actor: &Actor,
        cluster: Option<ClusterId>,
        query: &PageQuery,
    ) -> Result<ConfigurationList, ServiceError> {
        let row = cluster.map(world::cluster).transpose()?;
        let mut items = world::configurations();
        items.retain(|item| cluster.is_none_or(|cluster| item.cluster == cluster));
        let count = |compliance: Compliance| {
            u32::try_from(items.iter().filter(|item| item.state.compliance == compliance).count())
                .unwrap_or(0)
        };
        let counts = ComplianceCounts {
            installed: count(Compliance::Installed),
            pending: count(Compliance::Pending),
            failed: count(Compliance::Failed),
        };
        let filter = query.filter.to_lowercase();
        items.retain(|item| item.name.contains(&filter) || item.repository_url.contains(&filter));
        let total = u32::try_from(items.len()).unwrap_or(0);
        let page = Page { items, total, page: 1 };
        Ok(ConfigurationList {
            page,
            counts,
            now: world::moment(0),
            cluster: row,
            may_write: true,
            reached: None,
        })
    }

    async fn get(&self, _actor: &Actor, id: ConfigurationId) -> Result<ConfigurationDetail, ServiceError> {
        world::configuration(id)
    }

    async fn states(
        &self,
        _actor: &Actor,
        _ids: &[ConfigurationId],
    ) -> Result<Vec<ConfigurationState>, ServiceError> {
        Ok(Vec::new())
    }

    async fn create_with_access(
        &self,
        _actor: &Actor,
        _cluster: ClusterId,
        draft: &ConfigurationDraft,
        _credential: &RepositoryCredentialDraft,
    ) -> Result<ConfigurationId, ServiceError> {
        draft.validate().map_err(|violations| ServiceError::Invalid { violations })?;
        Ok(world::configuration_id(1))
    }

    async fn replace_with_access(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        draft: &ConfigurationDraft,
        _credential: &RepositoryCredentialDraft,
        spec_version: i64,
    ) -> Result<(), ServiceError> {
        draft.validate().map_err(|violations| ServiceError::Invalid { violations })?;
        if spec_version == world::SPEC_VERSION { Ok(()) } else { Err(ServiceError::Stale) }
    }

    async fn trust_host_key(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        _fingerprint: &str,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn delete(&self, _actor: &Actor, _id: ConfigurationId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn confirm_prune(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        hash: &str,
    ) -> Result<(), ServiceError> {
        if hash == world::PRUNE_HASH { Ok(()) } else { Err(ServiceError::Stale) }
    }

    async fn sync_now(&self, _actor: &Actor, _id: ConfigurationId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn suspend(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        _suspended: bool,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn make_webhook(&self, _actor: &Actor, _id: ConfigurationId) -> Result<NewWebhook, ServiceError> {
        let address = "/webhooks/0123456789abcdef0123456789abcdef".to_owned();
        Ok(NewWebhook { address, secret: "webhook-secret-shown-once".to_owned() })
    }

    async fn remove_webhook(&self, _actor: &Actor, _id: ConfigurationId) -> Result<bool, ServiceError> {
        Ok(true)
    }
}
