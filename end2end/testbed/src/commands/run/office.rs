//! A portal that a program finds ready: a cluster is connected, tokens are made, repositories can be had over SSH.

use anyhow::Context;
use testbed::{ADMINISTRATOR, Browser, Environment, Portal, SshGitServer};

/// The tutorial's name of the connected cluster.
const CLUSTER: &str = "AzureArcTest1";

/// The subscription that a new portal begins with.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

/// Held for as long as the program runs.
pub(super) struct Office {
    portal: Portal,
    /// The administrator's.
    token: String,
    /// Of somebody who owns the subscription.
    owner: String,
    /// Of somebody who may only read it.
    reader: String,
    ssh: SshGitServer,
}

impl Office {
    /// Starts the portal in front of the environment's parts.
    pub(super) async fn open(environment: &Environment) -> anyhow::Result<Self> {
        let (portal, ssh) = tokio::try_join!(Portal::start(), environment.git().over_ssh())?;
        let browser = portal.sign_in().await?;
        browser.connect_cluster(&environment.cluster().kubeconfig(), "default", CLUSTER).await?;
        let token = token(&portal, ADMINISTRATOR).await?;
        let owner = person(&portal, &browser, "owner", "Owner").await?;
        let reader = person(&portal, &browser, "reader", "Reader").await?;
        Ok(Self { portal, token, owner, reader, ssh })
    }

    /// What the program reads.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("FAIRLEAD_TESTBED_PORTAL", self.portal.url()),
            ("FAIRLEAD_TESTBED_TOKEN", self.token.clone()),
            ("FAIRLEAD_TESTBED_OWNER_TOKEN", self.owner.clone()),
            ("FAIRLEAD_TESTBED_READER_TOKEN", self.reader.clone()),
            ("FAIRLEAD_TESTBED_CLUSTER", CLUSTER.to_owned()),
            ("FAIRLEAD_TESTBED_SSH_URL", self.ssh.url()),
            ("FAIRLEAD_TESTBED_SSH_KEY", self.ssh.private_key().to_owned()),
            ("FAIRLEAD_TESTBED_SSH_KNOWN_HOSTS", self.ssh.known_hosts()),
            ("FAIRLEAD_TESTBED_SSH_AUTHORIZED_KEYS", self.ssh.authorized_keys().display().to_string()),
        ]
    }
}

/// Somebody with a role on the subscription; gives a token.
async fn person(portal: &Portal, administrator: &Browser, name: &str, role: &str) -> anyhow::Result<String> {
    portal.command(&["user", "create", name], "").await?;
    let fields = [("place", SUBSCRIPTION), ("principal", name), ("role", role)];
    let answer = administrator.call("assign_role", &fields).await?;
    anyhow::ensure!(answer.status == 200, answer.unwished("assign_role"));
    token(portal, name).await
}

async fn token(portal: &Portal, user: &str) -> anyhow::Result<String> {
    let arguments = ["token", "create", "--user", user, "--name", "testbed"];
    portal.command(&arguments, "").await.context("a token of the portal")
}
