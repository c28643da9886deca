//! Server functions, each with arguments that name real things.

use server::middleware::embed::may_be_framed;
use server::router::rights::FUNCTIONS;

use super::cast::{Cast, PARENT, PEOPLE, Who};
use super::expect::{Told, expected, told};
use crate::tenancy::SUBSCRIPTION;

/// Never an id of ours.
const NOWHERE: &str = "01930000-0000-7000-8000-0000000000fe";

pub(super) async fn ask_all(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    // It ends the session that it is asked with: see below.
    for (function, needs) in FUNCTIONS.iter().filter(|(name, _)| *name != "sign_out") {
        for who in PEOPLE {
            let arguments = arguments(cast, function, who).await;
            let arguments: Vec<(&str, &str)> =
                arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = cast.browser(who).call(function, &arguments).await.unwrap();
            let expected = match who {
                Who::Framed if !may_be_framed(&format!("/api/portal/{function}")) => Told::Nothing,
                who => expected(*needs, who),
            };
            let mut told = told(answer.status, answer.location());
            // One's own things that do not exist: an answer about the request.
            if who != Who::Framed && OWN.contains(function) && told == Told::Nothing {
                told = Told::Answered;
            }
            if expected != told {
                wrong.push(format!(
                    "{function} as {who:?}: {expected:?}, but {}: {}",
                    answer.status, answer.body
                ));
            }
            if answer.status == 400 {
                wrong.push(format!("{function}: the arguments are none of it: {}", answer.body));
            }
            if told == Told::Nothing && expected == Told::Nothing {
                let nowhere: Vec<(&str, &str)> = arguments
                    .iter()
                    .map(|(name, value)| (*name, if value.len() == NOWHERE.len() { NOWHERE } else { *value }))
                    .collect();
                let missing = cast.browser(who).call(function, &nowhere).await.unwrap();
                if (missing.status, &missing.body) != (answer.status, &answer.body) {
                    wrong.push(format!("{function} as {who:?}: {} is not {}", answer.body, missing.body));
                }
            }
        }
    }
    wrong
}

/// Each with a session that may end, and that no other one ends with.
pub(super) async fn sign_out(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    let needs = FUNCTIONS.iter().find(|(name, _)| *name == "sign_out").unwrap().1;
    let list = [("query[filter]", "")];
    for who in PEOPLE {
        let browser = cast.another_session(who).await;
        let answer = browser.call("sign_out", &[]).await.unwrap();
        let after = browser.call("list_clusters", &list).await.unwrap();
        let other = cast.browser(who).call("list_clusters", &list).await.unwrap();
        let told = [&answer, &after, &other].map(|answer| told(answer.status, answer.location()));
        let expected = expected(needs, who);
        if told != [expected, Told::SignIn, expected] {
            wrong.push(format!("sign_out as {who:?}, then with it and with another session: {told:?}"));
        }
    }
    wrong
}

/// Functions that look among the actor's own things.
const OWN: [&str; 4] = ["end_session", "end_token", "connect_draft", "connect_cluster"];

/// Such that whoever may call it changes nothing that the next one is asked about.
pub(super) async fn arguments(cast: &Cast, function: &str, who: Who) -> Vec<(&'static str, String)> {
    let group = || cast.group.clone();
    let cluster = || cast.stage.cluster_id.clone();
    let id = |id: &str| vec![("id", id.to_owned())];
    let subscription = || ("subscription", SUBSCRIPTION.to_owned());
    match function {
        "assign_role" => {
            vec![("place", group()), ("principal", "matrix-reader".to_owned()), ("role", "Reader".to_owned())]
        }
        "unassign_role" => id(&assignment(cast).await),
        "get_configuration"
        | "sync_configuration"
        | "suspend_configuration"
        | "resume_configuration"
        | "make_webhook"
        | "remove_webhook" => id(&cast.configuration.1),
        "list_releases" | "list_other_releases" => vec![("configuration", cast.configuration.1.clone())],
        // Of a release that is gone: whoever may know of the configuration is told so.
        "get_release" | "retry_release" | "repair_release" | "roll_back_release" => vec![
            ("configuration", cast.configuration.1.clone()),
            ("namespace", "matrix".to_owned()),
            ("name", "gone".to_owned()),
            ("revision", "1".to_owned()),
        ],
        "confirm_prune" | "trust_host_key" => vec![
            ("id", cast.configuration.1.clone()),
            ("hash", "x".to_owned()),
            ("fingerprint", "x".to_owned()),
        ],
        "replace_configuration" => {
            vec![
                ("id", cast.configuration.1.clone()),
                ("spec_version", "0".to_owned()),
                ("name", "x y".to_owned()),
            ]
        }
        "create_configuration" => vec![("cluster", cluster()), ("name", "x y".to_owned())],
        "delete_configuration" => {
            let fresh = format!("matrix-{}", format!("{who:?}").to_lowercase());
            let (_, configuration) = cast.new_configuration(&fresh).await;
            vec![("id", configuration), ("cluster", cluster())]
        }
        "check_cluster" | "get_cluster" | "disconnect_cluster" => id(&cluster()),
        "replace_kubeconfig" => vec![("id", cluster()), ("kubeconfig", "x".to_owned())],
        // One that does not wait: whoever may renew it is told so.
        "renew_retirement" => vec![("id", cluster()), ("retirement", NOWHERE.to_owned())],
        "confirm_replaced" => vec![("id", cluster()), ("uid", "none".to_owned())],
        "list_embed_parents" | "get_outbound" => vec![subscription()],
        "allow_embed_parent" => vec![subscription(), ("parent", "x".to_owned())],
        "disallow_embed_parent" => {
            vec![subscription(), ("parent", "https://matrix-nowhere.example.com".to_owned())]
        }
        "get_embed_grant" => vec![("parent", PARENT.to_owned())],
        "grant_embed" => vec![("parent", PARENT.to_owned()), ("role", "x".to_owned())],
        "set_outbound" => vec![subscription(), ("outbound_hosts", "x:y".to_owned())],
        "get_place" => id(&cast.group),
        "get_quota" => vec![("group", group())],
        "set_quota" => vec![("group", group()), ("quota_configurations", "x".to_owned())],
        "create_resource_group" => vec![subscription(), ("resource_group_name", "x y.".to_owned())],
        "delete_resource_group" => vec![("id", group()), subscription()],
        "rename_place" => vec![("id", cast.group.clone()), ("display_name", String::new())],
        "delete_subscription" => id(SUBSCRIPTION),
        "create_service_account" => vec![("place", group()), ("service_account_name", String::new())],
        "delete_service_account" => vec![("id", account_of(cast, who).await), ("place", group())],
        "list_service_account_tokens" | "create_service_account_token" => {
            vec![("account", cast.account.clone())]
        }
        "end_service_account_token" => vec![("account", cast.account.clone()), ("id", token(cast).await)],
        "get_person" | "reset_password" => id(&cast.person),
        "delete_person" => id(&person_of(cast, who).await),
        "end_session" | "end_token" => id(NOWHERE),
        "connect_draft" => vec![("draft", NOWHERE.to_owned())],
        "connect_cluster" => vec![
            ("draft", NOWHERE.to_owned()),
            ("context", "x".to_owned()),
            ("cluster_name", "x".to_owned()),
            ("cluster_type", String::new()),
            ("resource_group", "x".to_owned()),
        ],
        "list_configurations" | "list_clusters" => vec![("query[filter]", String::new())],
        "sign_in" => vec![("user_name", "matrix".to_owned()), ("password", "x".to_owned())],
        "set_password" => {
            vec![("link", "x".to_owned()), ("password", "x".to_owned()), ("password_again", "x".to_owned())]
        }
        "change_password" => vec![
            ("present_password", "x".to_owned()),
            ("password", "x".to_owned()),
            ("password_again", "x".to_owned()),
        ],
        "link_user" => vec![("link", "x".to_owned())],
        "set_locale" => vec![("locale", "en".to_owned())],
        "set_theme" => vec![("theme", "light".to_owned())],
        "begin_connect" => vec![("kubeconfig", "x".to_owned())],
        _ => Vec::new(),
    }
}

/// An assignment that may be taken back.
async fn assignment(cast: &Cast) -> String {
    let rows = crate::tenancy::assignments(&cast.stage.browser, &cast.group).await;
    let row = rows.iter().find(|row| row["name"] == "matrix-account");
    if let Some(row) = row {
        return row["id"].as_str().unwrap().to_owned();
    }
    crate::tenancy::assign(cast.stage, &cast.group, "matrix-account", "Reader").await;
    let rows = crate::tenancy::assignments(&cast.stage.browser, &cast.group).await;
    rows.iter().find(|row| row["name"] == "matrix-account").unwrap()["id"].as_str().unwrap().to_owned()
}

async fn account_of(cast: &Cast, who: Who) -> String {
    let name = format!("matrix-account-{}", format!("{who:?}").to_lowercase());
    let fields = [
        ("place", cast.group.as_str()),
        ("service_account_name", name.as_str()),
        ("service_account_role", "Reader"),
    ];
    let browser = cast.browser(Who::Administrator);
    let page = format!("/places/{}", cast.group);
    let made = browser.post(&page, "create_service_account", &fields).await.unwrap();
    made.location().unwrap().trim_start_matches("/service-accounts/").to_owned()
}

async fn token(cast: &Cast) -> String {
    let fields = [("account", cast.account.as_str()), ("token_name", "matrix"), ("token_days", "1")];
    let made = cast.browser(Who::Administrator).call("create_service_account_token", &fields).await.unwrap();
    made.json()["row"]["id"].as_str().unwrap().to_owned()
}

async fn person_of(cast: &Cast, who: Who) -> String {
    let name = format!("matrix-person-{}", format!("{who:?}").to_lowercase());
    let browser = cast.browser(Who::Administrator);
    browser.call("create_person", &[("user_name", &name)]).await.unwrap();
    let people = browser.read("list_people", &[("after", "")]).await.unwrap();
    let people = people["people"].as_array().unwrap();
    people.iter().find(|row| row["name"] == name.as_str()).unwrap()["id"].as_str().unwrap().to_owned()
}
