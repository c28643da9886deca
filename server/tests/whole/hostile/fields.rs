//! Every server function with missing, doubled, huge, wrongly typed and hostile fields: each is answered as a fault of the
//! request or taken as the text it is. Addresses with the same texts: `addresses`.

mod addresses;
mod functions;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use server::router::rights::{FUNCTIONS, PAGES};
use testbed::{Answer, Browser};

use self::functions::Function;
use crate::rest::api::{Api, configuration};
use crate::scene::Stage;
use crate::tenancy::{SUBSCRIPTION, assignments, group};

/// In every hostile text, where it would begin a line, a header or a tag.
const MARK: &str = "fairlead-mark";
/// All that our own crates ever log.
const EVERYTHING: &str = "debug,sqlx=info";
const HUGE_BYTES: usize = 200 * 1024;
/// Of all fields of all functions.
const FIELDS_MIN: usize = 150;

/// How a line of the log would begin that is not one.
const MADE_UP: &str = "2026-01-01T00:00:00Z";

fn hostile() -> [String; 6] {
    [
        format!("one\r\n{MARK}: two"),
        format!("one\n{MADE_UP} ERROR {MARK}\u{2028}{MARK}"),
        format!("a\0{MARK}\u{1b}[31m"),
        format!("\u{202e}{MARK}\u{2066}"),
        format!("<script>{MARK}</script><img src=x onerror={MARK}>"),
        format!("../../../../etc/{MARK}/../passwd"),
    ]
}

/// What a field names when nothing is wrong with it.
struct Things {
    cluster: String,
    configuration: String,
    group: String,
    account: String,
    person: String,
    assignment: String,
    session: String,
    token: String,
    account_token: String,
    draft: String,
}

impl Things {
    async fn make(stage: &Stage) -> Self {
        let browser = &stage.browser;
        let id = |value: &Value| value.as_str().unwrap().to_owned();
        let group = group(stage).await;
        let body = json!({ "properties": { "repositoryUrl": "http://127.0.0.1:9/nothing.git" } });
        let made = Api::of(&stage.portal, "admin").await.put(&configuration("one"), &body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        let list = browser.read("list_configurations", &[("query[filter]", "one")]).await.unwrap();
        let item = &list["page"]["items"][0];
        let configuration = item["id"].as_str().or(item["state"]["id"].as_str()).unwrap().to_owned();
        let fields = [
            ("place", group.as_str()),
            ("service_account_name", "account"),
            ("service_account_role", "Reader"),
        ];
        let account = browser.post("/places", "create_service_account", &fields).await.unwrap();
        let account = account.location().unwrap().trim_start_matches("/service-accounts/").to_owned();
        let token = browser.read("create_token", &[("token_name", "one")]).await.unwrap();
        let fields = [("account", account.as_str()), ("token_name", "one")];
        let account_token = browser.read("create_service_account_token", &fields).await.unwrap();
        browser.read("create_person", &[("user_name", "person")]).await.unwrap();
        let people = browser.read("list_people", &[]).await.unwrap();
        let person = people["people"].as_array().unwrap().iter().find(|row| row["name"] == "person");
        stage.portal.sign_in().await.unwrap();
        let sessions = browser.read("list_sessions", &[]).await.unwrap();
        let session = sessions["sessions"].as_array().unwrap().iter().find(|row| row["present"] == false);
        let kubeconfig = stage.cluster.kubeconfig();
        let begun =
            browser.submit("/clusters/connect", "begin_connect", &[("kubeconfig", &kubeconfig)]).await;
        let begun = begun.unwrap();
        Self {
            cluster: stage.cluster_id.clone(),
            configuration,
            assignment: id(&assignments(browser, &group).await[0]["id"]),
            account_token: id(&account_token["row"]["id"]),
            token: id(&token["row"]["id"]),
            person: id(&person.unwrap()["id"]),
            session: id(&session.unwrap()["id"]),
            draft: begun.split("draft=").nth(1).unwrap().split('&').next().unwrap().to_owned(),
            group,
            account,
        }
    }

    /// A value that the field takes, or at least gets as far as to a rule about text.
    fn value(&self, function: &str, field: &str, kind: &str) -> &str {
        match kind {
            // Of what is to be removed, none waits for a person here.
            "Uuid" | "ResourceGroupId" | "RetirementId" => &self.group,
            "SubscriptionId" => SUBSCRIPTION,
            "ClusterId" | "Option<ClusterId>" => &self.cluster,
            "ConfigurationId" => &self.configuration,
            "UserId" if field == "account" || function.contains("service_account") => &self.account,
            "UserId" => &self.person,
            "RoleAssignmentId" => &self.assignment,
            "SessionId" => &self.session,
            "TokenId" | "domain::id::TokenId" if function.contains("service_account") => &self.account_token,
            "TokenId" | "domain::id::TokenId" => &self.token,
            "ClusterDraftId" => &self.draft,
            "i64" | "u32" => "1",
            "Option<i64>" => "1000000",
            "String" | "Option<String>" => "x",
            _ => panic!("no test knows what {function} takes as {field}: {kind}"),
        }
    }
}

/// The requests with one function that are wrong in some way, each with what is wrong.
fn cases(function: &Function, things: &Things) -> Vec<(String, Vec<(String, String)>)> {
    let right: Vec<(String, String)> = function
        .fields
        .iter()
        .map(|(field, kind)| (field.clone(), things.value(&function.name, field, kind).to_owned()))
        .collect();
    let mut cases = vec![
        ("no fields".to_owned(), Vec::new()),
        ("each field twice".to_owned(), [right.clone(), right.clone()].concat()),
    ];
    for (index, (field, _)) in right.iter().enumerate() {
        let with = |name: String, value: String| {
            let mut fields = right.clone();
            fields[index] = (name, value);
            fields
        };
        cases.push((format!("{field} is huge"), with(field.clone(), "y".repeat(HUGE_BYTES))));
        cases.push((format!("{field} is nested"), with(format!("{field}[x]"), "1".to_owned())));
        for text in hostile() {
            cases.push((format!("{field} is {text:?}"), with(field.clone(), text)));
        }
    }
    cases
}

/// What must not be, of an answer.
fn faults(function: &str, answer: &Answer) -> Vec<&'static str> {
    let page = answer.header("content-type").is_some_and(|kind| kind.contains("html"));
    // Who guesses passwords waits: that is told by 503.
    let waits = function == "sign_in" && answer.status == 503;
    let in_header = answer
        .headers
        .values()
        .any(|value| value.as_bytes().windows(MARK.len()).any(|window| window == MARK.as_bytes()));
    [
        (answer.status >= 500 && !waits, "the status"),
        (in_header, "a header has the mark"),
        (page && answer.body.contains(&format!("<script>{MARK}")), "it would run"),
        (page && answer.body.contains(&format!("<img src=x onerror={MARK}")), "it would run"),
    ]
    .into_iter()
    .filter_map(|(is, what)| is.then_some(what))
    .collect()
}

async fn ask(browser: &Browser, function: &Function, things: &Things, wrong: &mut Vec<String>) {
    for (what, fields) in cases(function, things) {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut answers = vec![browser.call(&function.name, &fields).await.unwrap()];
        // A form without script comes back with what was typed.
        if what.contains("script") || what.ends_with("no fields") {
            answers.push(browser.post("/settings", &function.name, &fields).await.unwrap());
        }
        for answer in answers {
            let faults = faults(&function.name, &answer);
            if !faults.is_empty() {
                let body: String = answer.body.chars().take(300).collect();
                wrong.push(format!("{}, {what}: {faults:?}: {} {body}", function.name, answer.status));
            }
        }
    }
}

/// Those that take away what the others are asked about come after them, and at last what ends the session.
fn turn(function: &Function) -> u8 {
    let takes = ["delete_", "disconnect_", "end_", "unassign_", "remove_"];
    match function.name.as_str() {
        "sign_out" => 2,
        name => u8::from(takes.iter().any(|begin| name.starts_with(begin))),
    }
}

#[tokio::test]
async fn no_field_of_any_function_breaks_the_server_its_pages_or_its_log() {
    let stage = Stage::start(&[("FAIRLEAD_LOG", EVERYTHING)]).await;
    let things = Things::make(&stage).await;
    let mut functions = functions::all();
    functions.sort_by_key(turn);
    let named: BTreeSet<_> = functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(named, FUNCTIONS.iter().map(|(name, _)| *name).collect());
    assert!(functions.iter().map(|function| function.fields.len()).sum::<usize>() >= FIELDS_MIN);

    let mut wrong = Vec::new();
    for function in &functions {
        ask(&stage.browser, function, &things, &mut wrong).await;
    }
    let administrator = stage.portal.sign_in().await.unwrap();
    for (page, _) in PAGES.iter().filter(|(page, _)| !page.contains('{')) {
        let answer = administrator.get(page).await.unwrap();
        wrong.extend(faults("", &answer).into_iter().map(|fault| format!("{page}: {fault}")));
    }
    let audit = administrator.get("/activity.jsonl").await.unwrap().body;
    let unreadable = audit.lines().filter(|line| serde_json::from_str::<Value>(line).is_err());
    wrong.extend(unreadable.map(|line| format!("an entry of the audit in two: {line}")));
    wrong.extend(faults_of_log(&stage.portal.log()));
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Lines that say too much, or are none of the server's own.
fn faults_of_log(log: &str) -> Vec<String> {
    let strange = |character: char| {
        (character.is_control() && character != '\n') || "\u{202e}\u{2066}\u{2028}".contains(character)
    };
    let faulty = log.split_terminator('\n').filter(|line| {
        let own = line.starts_with("20") && !line.starts_with(MADE_UP);
        !own || line.contains("panicked") || line.contains(strange)
    });
    faulty.map(|line| format!("in the log: {line:?}")).collect()
}
