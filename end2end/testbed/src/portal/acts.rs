//! What people do in the portal, by its forms.

use std::time::{Duration, Instant};

use super::browser::Browser;
use super::fields::ConfigurationFields;
use super::log_tail;
use super::view::ConfigurationView;
use crate::TestbedError;

/// Bounds a wait for something that takes a moment; only a failure waits this long.
const LIMIT: Duration = Duration::from_mins(1);

/// Between two looks.
const POLL: Duration = Duration::from_millis(100);

impl Browser {
    /// Signs in.
    pub async fn sign_in(&self, user: &str, password: &str) -> Result<(), TestbedError> {
        let fields = [("user_name", user), ("password", password), ("then", "")];
        self.submit("/sign-in", "sign_in", &fields).await?;
        Ok(())
    }

    /// Connects a cluster in three steps: kubeconfig, context with its preflight, name and place. Gives its id.
    pub async fn connect_cluster(
        &self,
        kubeconfig: &str,
        context: &str,
        name: &str,
    ) -> Result<String, TestbedError> {
        let kubeconfig = [("kubeconfig", kubeconfig)];
        let waiting = self.submit("/clusters/connect", "begin_connect", &kubeconfig).await?;
        let draft = waiting.split_once("draft=").map(|(_, rest)| rest).unwrap_or_default();
        let draft = draft.split('&').next().unwrap_or_default();
        let view = self.read("connect_draft", &[("draft", draft), ("context", context)]).await?;
        let step = format!("/clusters/connect?draft={draft}&context={context}");
        let page = self.get(&step).await?;
        let Some(place) = view["places"][0]["value"].as_str().filter(|_| page.status == 200) else {
            return Err(page.unwished("connect a cluster"));
        };
        let fields = [
            ("draft", draft),
            ("context", context),
            ("cluster_name", name),
            ("cluster_type", "connectedClusters"),
            ("resource_group", place),
        ];
        let cluster = self.submit(&step, "connect_cluster", &fields).await?;
        Ok(last_part(&cluster))
    }

    /// Adds a configuration to a cluster. Gives its id.
    pub async fn add_configuration(
        &self,
        cluster: &str,
        fields: &ConfigurationFields,
    ) -> Result<String, TestbedError> {
        let mut pairs = fields.pairs();
        pairs.push(("cluster", cluster));
        let page = format!("/clusters/{cluster}/gitops/new");
        Ok(last_part(&self.submit(&page, "create_configuration", &pairs).await?))
    }

    /// Saves other settings of a configuration.
    pub async fn replace_configuration(
        &self,
        configuration: &str,
        fields: &ConfigurationFields,
    ) -> Result<(), TestbedError> {
        let version = self.configuration(configuration).await?.spec_version();
        let mut pairs = fields.pairs();
        pairs.extend([("id", configuration), ("spec_version", version.as_str())]);
        let page = format!("/configurations/{configuration}?tab=settings");
        self.submit(&page, "replace_configuration", &pairs).await?;
        Ok(())
    }

    /// Presses "Sync now".
    pub async fn sync_now(&self, configuration: &str) -> Result<(), TestbedError> {
        let page = format!("/configurations/{configuration}");
        self.submit(&page, "sync_configuration", &[("id", configuration)]).await?;
        Ok(())
    }

    /// Syncs and waits for its end.
    pub async fn sync(&self, configuration: &str) -> Result<ConfigurationView, TestbedError> {
        let before = self.configuration(configuration).await?.last_sync();
        self.sync_now(configuration).await?;
        self.until(configuration, "the wished sync has ended", |view| {
            view.is_quiet() && view.last_sync() > before
        })
        .await
    }

    /// Presses the button below the list with this hash: exactly its objects may be deleted.
    pub async fn confirm_prune(&self, configuration: &str, hash: &str) -> Result<(), TestbedError> {
        let page = format!("/configurations/{configuration}");
        self.submit(&page, "confirm_prune", &[("id", configuration), ("hash", hash)]).await?;
        Ok(())
    }

    /// Says that the cluster that answers now is the one that is meant.
    pub async fn confirm_replaced(&self, cluster: &str, uid: &str) -> Result<(), TestbedError> {
        let page = format!("/clusters/{cluster}");
        self.submit(&page, "confirm_replaced", &[("id", cluster), ("uid", uid)]).await?;
        Ok(())
    }

    /// Disconnects a cluster.
    pub async fn disconnect_cluster(&self, cluster: &str) -> Result<(), TestbedError> {
        let page = format!("/clusters/{cluster}");
        self.submit(&page, "disconnect_cluster", &[("id", cluster)]).await?;
        Ok(())
    }

    /// Deletes a configuration.
    pub async fn delete_configuration(&self, configuration: &str) -> Result<(), TestbedError> {
        let view = self.configuration(configuration).await?;
        let cluster = view.0["row"]["cluster"].as_str().unwrap_or_default();
        let page = format!("/configurations/{configuration}?tab=delete");
        self.submit(&page, "delete_configuration", &[("id", configuration), ("cluster", cluster)]).await?;
        Ok(())
    }

    /// What the portal says about a configuration.
    pub async fn configuration(&self, configuration: &str) -> Result<ConfigurationView, TestbedError> {
        self.read("get_configuration", &[("id", configuration)]).await.map(ConfigurationView)
    }

    /// Waits until the last sync had no error and everything of it is written down.
    pub async fn until_installed(&self, configuration: &str) -> Result<ConfigurationView, TestbedError> {
        self.until(configuration, "the configuration is installed", |view| {
            view.is_quiet() && view.compliance() == "Installed"
        })
        .await
    }

    /// Waits until a configuration stands for this reason.
    pub async fn until_reason(
        &self,
        configuration: &str,
        reason: &str,
    ) -> Result<ConfigurationView, TestbedError> {
        let wanted = format!("the reason is {reason}");
        self.until(configuration, &wanted, |view| view.is_quiet() && view.reason() == reason).await
    }

    /// Waits for a minute at most until the portal says something about a configuration.
    pub async fn until(
        &self,
        configuration: &str,
        wanted: &str,
        mut holds: impl FnMut(&ConfigurationView) -> bool,
    ) -> Result<ConfigurationView, TestbedError> {
        let started = Instant::now();
        loop {
            let view = self.configuration(configuration).await?;
            if holds(&view) {
                return Ok(view);
            }
            if started.elapsed() > LIMIT {
                return Err(TestbedError::InVain {
                    wanted: wanted.to_owned(),
                    waited: LIMIT,
                    seen: view.summary(),
                    tail: log_tail(&self.log),
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// The id at the end of an address.
fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
