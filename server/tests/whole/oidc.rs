//! Signing in by identity providers: real ones, by the library `oidc-provider`.

mod answers;
mod groups;

use serde_json::json;
use testbed::{Answer, Browser, IdentityProvider};

use crate::scene::Stage;

/// A portal with two identity providers, and the shared control plane connected.
pub(crate) struct Providers {
    pub(crate) stage: Stage,
    pub(crate) company: IdentityProvider,
    pub(crate) partner: IdentityProvider,
}

impl Providers {
    pub(crate) async fn open() -> Self {
        Self::open_with(json!({})).await
    }

    /// With further fields of the first provider's settings.
    pub(crate) async fn open_with(more: serde_json::Value) -> Self {
        let (company, partner) =
            tokio::try_join!(IdentityProvider::start("company"), IdentityProvider::start("partner")).unwrap();
        let mut first = company.settings("Company");
        for (field, value) in more.as_object().unwrap() {
            first[field] = value.clone();
        }
        let setting = json!([first, partner.settings("Partner & Co")]).to_string();
        let stage = Stage::start(&[("FAIRLEAD_OIDC", &setting)]).await;
        Self { stage, company, partner }
    }

    /// A new browser that has gone to a provider and comes back: it, and the path it comes back to.
    pub(crate) async fn come_back(
        &self,
        provider: &IdentityProvider,
        path: &str,
        login: Option<&str>,
    ) -> (Browser, String) {
        let browser = self.stage.portal.visitor().unwrap();
        let path = self.go(&browser, provider, path, login).await;
        (browser, path)
    }

    /// Sends a browser to a provider, and gives the path that it comes back to.
    pub(crate) async fn go(
        &self,
        browser: &Browser,
        provider: &IdentityProvider,
        path: &str,
        login: Option<&str>,
    ) -> String {
        let there = browser.get(path).await.unwrap();
        assert_eq!(there.status, 303, "{}", there.text());
        let back =
            provider.pass(&provider.visitor().unwrap(), there.location().unwrap(), login).await.unwrap();
        back.strip_prefix(&self.stage.portal.url()).unwrap_or_else(|| panic!("{back}")).to_owned()
    }

    /// A browser in which somebody has signed in by a provider.
    pub(crate) async fn sign_in(&self, provider: &IdentityProvider, name: &str, login: &str) -> Browser {
        let (browser, back) = self.come_back(provider, &format!("/sign-in/{name}"), Some(login)).await;
        let arrived = browser.get(&back).await.unwrap();
        assert_eq!((arrived.status, arrived.location()), (303, Some("/clusters")), "{}", arrived.text());
        browser
    }

    /// The audit's newest entries of sign-ins.
    pub(crate) async fn told(&self) -> String {
        let file = self.stage.browser.get("/activity.jsonl?filter=session.create").await.unwrap();
        assert_eq!(file.status, 200, "{}", file.body);
        file.body
    }
}

/// Nobody was signed in: the page says this sentence, and the browser has no session.
pub(crate) async fn refused(browser: &Browser, answer: &Answer, status: u16, sentence: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(sentence), "{}", answer.text());
    assert!(!answer.body.contains("<script>nobody"), "what the provider wrote is on the page");
    let home = browser.get("/clusters").await.unwrap();
    assert_eq!(home.status, 303, "a session was opened");
}
