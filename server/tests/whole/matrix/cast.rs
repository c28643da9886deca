//! Everybody who asks, and the things that they ask for.

use serde_json::json;
use testbed::Browser;
use tokio::sync::OnceCell;

use crate::embedding::framed;
use crate::hostile::write;
use crate::people::{PASSWORD, stranger};
use crate::rest::api::{Api, configuration};
use crate::scene::Stage;
use crate::tenancy::{SUBSCRIPTION, assign, group};

/// Somebody who asks. The roles are on the resource group that the things are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    /// Owns another subscription.
    Stranger,
    Reader,
    Contributor,
    Owner,
    SubscriptionOwner,
    Administrator,
    /// Sees the resource group inside a frame of another origin's page; the code was a Contributor's.
    Framed,
    /// The administrator's, narrowed to reading the resource group; for programs only.
    NarrowToken,
    /// One that its owner ended; for programs only.
    EndedToken,
    /// One whose time is over; for programs only.
    ExpiredToken,
}

/// Those with a browser.
pub(super) const PEOPLE: [Who; 8] = [
    Who::Nobody,
    Who::Stranger,
    Who::Reader,
    Who::Contributor,
    Who::Owner,
    Who::SubscriptionOwner,
    Who::Administrator,
    Who::Framed,
];

/// Whose pages may show the subscription in a frame.
pub(super) const PARENT: &str = "https://matrix.example.com";

/// Those with a token, or without.
pub(super) const PROGRAMS: [Who; 9] = [
    Who::Nobody,
    Who::Stranger,
    Who::Reader,
    Who::Contributor,
    Who::Owner,
    Who::Administrator,
    Who::NarrowToken,
    Who::EndedToken,
    Who::ExpiredToken,
];

/// Who signs in by a name, with [`PASSWORD`].
const NAMES: [(Who, &str); 5] = [
    (Who::Stranger, "matrix-stranger"),
    (Who::Reader, "matrix-reader"),
    (Who::Contributor, "matrix-contributor"),
    (Who::Owner, "matrix-owner"),
    (Who::SubscriptionOwner, "matrix-subscription"),
];

pub(super) struct Cast {
    pub(super) stage: &'static Stage,
    browsers: Vec<(Who, Browser)>,
    programs: Vec<(Who, Api)>,
    /// The resource group.
    pub(super) group: String,
    /// A configuration whose repository does not exist, by name and id.
    pub(super) configuration: (String, String),
    pub(super) account: String,
    pub(super) person: String,
}

impl Cast {
    pub(super) async fn shared() -> &'static Self {
        static SHARED: OnceCell<Cast> = OnceCell::const_new();
        SHARED.get_or_init(Self::gather).await
    }

    async fn gather() -> Self {
        let stage = Stage::shared().await;
        let group = group(stage).await;
        let made = [("display_name", "Matrix elsewhere"), ("subscription", "")];
        let made = stage.browser.post("/places", "create_subscription", &made).await.unwrap();
        let elsewhere = made.location().unwrap().trim_start_matches("/places/").to_owned();
        let mut browsers = vec![(Who::Nobody, stage.portal.visitor().unwrap())];
        let mut programs = vec![(Who::Nobody, Api::with(&stage.portal, "none"))];
        let roles = [
            (elsewhere.as_str(), "Owner"),
            (&group, "Reader"),
            (&group, "Contributor"),
            (&group, "Owner"),
            (SUBSCRIPTION, "Owner"),
        ];
        for ((who, name), (place, role)) in NAMES.into_iter().zip(roles) {
            browsers.push((who, stranger(name).await));
            assign(stage, place, name, role).await;
            programs.push((who, Api::of(&stage.portal, name).await));
        }
        let administrator = stage.portal.sign_in().await.unwrap();
        let narrow = [
            ("token_name", "matrix"),
            ("token_days", "1"),
            ("token_role", "Reader"),
            ("token_place", group.as_str()),
        ];
        let narrow = administrator.call("create_token", &narrow).await.unwrap().json();
        programs.push((Who::NarrowToken, Api::with(&stage.portal, narrow["token"].as_str().unwrap())));
        let over = [("token_name", "matrix-over"), ("token_days", "1")];
        let over = administrator.call("create_token", &over).await.unwrap().json();
        let id = [("id", over["row"]["id"].as_str().unwrap())];
        assert_eq!(administrator.call("end_token", &id).await.unwrap().status, 200);
        programs.push((Who::EndedToken, Api::with(&stage.portal, over["token"].as_str().unwrap())));
        let late = [("token_name", "matrix-late"), ("token_days", "1")];
        let late = administrator.call("create_token", &late).await.unwrap().json();
        let api = Api::with(&stage.portal, late["token"].as_str().unwrap());
        assert_eq!(api.get("/openapi.json").await.status, 200);
        let id = late["row"]["id"].as_str().unwrap();
        write(stage, &format!("UPDATE api_tokens SET expires_at = created_at WHERE id = '{id}'"));
        programs.push((Who::ExpiredToken, api));
        programs.push((Who::Administrator, Api::of(&stage.portal, "admin").await));
        let fields = [
            ("place", group.as_str()),
            ("service_account_name", "matrix-account"),
            ("service_account_role", "Reader"),
        ];
        let account =
            administrator.post(&format!("/places/{group}"), "create_service_account", &fields).await;
        let account =
            account.unwrap().location().unwrap().trim_start_matches("/service-accounts/").to_owned();
        let people = administrator.read("list_people", &[("after", "")]).await.unwrap();
        let person = people["people"].as_array().unwrap().iter();
        let person =
            person.clone().find(|row| row["name"] == "matrix-reader").unwrap()["id"].as_str().unwrap();
        let person = person.to_owned();
        let allow = [("subscription", SUBSCRIPTION), ("parent", PARENT)];
        assert_eq!(administrator.call("allow_embed_parent", &allow).await.unwrap().status, 200);
        let contributor = &programs.iter().find(|(who, _)| *who == Who::Contributor).unwrap().1;
        browsers.push((Who::Framed, framed(stage, contributor, PARENT, "Reader").await));
        browsers.push((Who::Administrator, administrator));
        let mut cast = Self {
            stage,
            browsers,
            programs,
            group,
            configuration: (String::new(), String::new()),
            account,
            person,
        };
        cast.configuration = cast.new_configuration("matrix").await;
        cast
    }

    pub(super) fn browser(&self, who: Who) -> &Browser {
        &self.browsers.iter().find(|(one, _)| *one == who).unwrap().1
    }

    pub(super) fn program(&self, who: Who) -> &Api {
        &self.programs.iter().find(|(one, _)| *one == who).unwrap().1
    }

    /// A further session of somebody's, which may end.
    pub(super) async fn another_session(&self, who: Who) -> Browser {
        match who {
            Who::Administrator => return self.stage.portal.sign_in().await.unwrap(),
            Who::Framed => {
                return framed(self.stage, self.program(Who::Contributor), PARENT, "Reader").await;
            }
            _ => {}
        }
        let browser = self.stage.portal.visitor().unwrap();
        if let Some((_, name)) = NAMES.iter().find(|(one, _)| *one == who) {
            browser.sign_in(name, PASSWORD).await.unwrap();
        }
        browser
    }

    /// One that may be deleted.
    pub(super) async fn new_configuration(&self, name: &str) -> (String, String) {
        let properties = json!({
            "repositoryUrl": "http://127.0.0.1:9/matrix/nothing.git",
            "operatorNamespace": name.chars().take(23).collect::<String>().trim_end_matches('-'),
            "operatorInstanceName": name.chars().take(23).collect::<String>().trim_end_matches('-'),
            "operatorParams": "--git-readonly --git-poll-interval=24h",
        });
        let body = json!({ "properties": properties });
        let made = self.program(Who::Administrator).put(&configuration(name), &body).await;
        assert!(made.status == 200 || made.status == 201, "{}", made.json);
        let list = [("query[filter]", name)];
        let list = self.stage.browser.read("list_configurations", &list).await.unwrap();
        let items = list["page"]["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["name"] == name).unwrap();
        let id = found["id"].as_str().or_else(|| found["state"]["id"].as_str()).unwrap();
        (name.to_owned(), id.to_owned())
    }
}
