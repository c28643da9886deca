//! A portal that a program finds ready: a cluster is connected, a token is made, repositories can be had over SSH.

use testbed::{ADMINISTRATOR, Environment, Portal, SshGitServer};

/// The tutorial's name of the connected cluster.
const CLUSTER: &str = "AzureArcTest1";

/// Held for as long as the program runs.
pub(super) struct Office {
    portal: Portal,
    token: String,
    ssh: SshGitServer,
}

impl Office {
    /// Starts the portal in front of the environment's parts.
    pub(super) async fn open(environment: &Environment) -> anyhow::Result<Self> {
        let (portal, ssh) = tokio::try_join!(Portal::start(), environment.git().over_ssh())?;
        let browser = portal.sign_in().await?;
        browser.connect_cluster(&environment.cluster().kubeconfig(), "default", CLUSTER).await?;
        let arguments = ["token", "create", "--user", ADMINISTRATOR, "--name", "testbed"];
        let token = portal.command(&arguments, "").await?;
        Ok(Self { portal, token, ssh })
    }

    /// What the program reads.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("FAIRLEAD_TESTBED_PORTAL", self.portal.url()),
            ("FAIRLEAD_TESTBED_TOKEN", self.token.clone()),
            ("FAIRLEAD_TESTBED_CLUSTER", CLUSTER.to_owned()),
            ("FAIRLEAD_TESTBED_SSH_URL", self.ssh.url()),
            ("FAIRLEAD_TESTBED_SSH_KEY", self.ssh.private_key().to_owned()),
            ("FAIRLEAD_TESTBED_SSH_KNOWN_HOSTS", self.ssh.known_hosts()),
            ("FAIRLEAD_TESTBED_SSH_AUTHORIZED_KEYS", self.ssh.authorized_keys().display().to_string()),
        ]
    }
}
