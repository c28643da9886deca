//! What one may not see costs what does not exist: the time an answer takes tells nothing either.

use http::Method;
use serde_json::json;
use testbed::Answer;

use crate::people::PASSWORD;
use crate::rest::api::{Api, CLUSTERS_VERSION, GROUP, act, configuration};
use crate::scene::Stage;
use crate::tenancy::group;

/// Never an id or a name of ours.
const NOWHERE: &str = "01930000-0000-7000-8000-0000000000fd";

/// The statements that the database was asked for one request, as its log lines tell.
fn statements(stage: &Stage, answer: &Answer) -> Vec<String> {
    let id = answer.headers["x-ms-request-id"].to_str().unwrap();
    let log = stage.portal.log();
    let lines = log.lines().filter(|line| line.contains(id) && line.contains("sqlx::query"));
    let asked = lines
        .filter_map(|line| Some(line.split("summary=").nth(1)?.split("db.statement").next()?.to_owned()));
    // A connection that the pool happens to open meanwhile is prepared first. That a session or token was used is noted
    // once a minute.
    asked
        .filter(|statement| !statement.contains("PRAGMA") && !statement.contains("SET last_used_at"))
        .collect()
}

/// The cluster, in the portal's own words.
fn cluster() -> String {
    format!("/api/v1{GROUP}/clusters/Stage")
}

/// The same in ARM's.
fn arms_cluster() -> String {
    format!("{GROUP}/providers/Microsoft.Kubernetes/connectedClusters/Stage?{CLUSTERS_VERSION}")
}

#[tokio::test]
async fn what_one_may_not_see_and_what_is_not_there_ask_the_database_the_same() {
    let stage = Box::leak(Box::new(Stage::start(&[("FAIRLEAD_LOG", "info,sqlx=debug")]).await));
    let group = group(stage).await;
    let properties =
        json!({ "repositoryUrl": "http://127.0.0.1:9/x.git", "operatorParams": "--git-poll-interval=24h" });
    let administrator = Api::of(&stage.portal, "admin").await;
    administrator.put(&configuration("hidden"), &json!({ "properties": properties })).await;
    let list = stage.browser.read("list_configurations", &[("query[filter]", "hidden")]).await.unwrap();
    let hidden = list["page"]["items"][0]["state"]["id"].as_str().unwrap_or_default().to_owned();
    let hidden =
        if hidden.is_empty() { list["page"]["items"][0]["id"].as_str().unwrap().to_owned() } else { hidden };
    stage.portal.command(&["user", "create", "outside", "--password-stdin"], PASSWORD).await.unwrap();
    let outside = stage.portal.visitor().unwrap();
    outside.sign_in("outside", PASSWORD).await.unwrap();

    let mut differ = Vec::new();
    for (function, id) in [
        ("get_configuration", &hidden),
        ("sync_configuration", &hidden),
        ("suspend_configuration", &hidden),
        ("resume_configuration", &hidden),
        ("get_cluster", &stage.cluster_id),
        ("check_cluster", &stage.cluster_id),
        ("disconnect_cluster", &stage.cluster_id),
        ("get_place", &group),
        ("delete_resource_group", &group),
    ] {
        let fields = |id: &'static str| [("id", id), ("subscription", crate::tenancy::SUBSCRIPTION)];
        let real: &'static str = Box::leak(id.clone().into_boxed_str());
        let there = outside.call(function, &fields(real)).await.unwrap();
        let missing = outside.call(function, &fields(NOWHERE)).await.unwrap();
        assert_eq!((there.status, missing.status), (404, 404), "{function}");
        let (there, missing) = (statements(stage, &there), statements(stage, &missing));
        assert!(there.len() >= 2, "{function}: the log names no statements: {there:?}");
        if there != missing {
            differ.push(format!("{function}: {there:#?}\nbut {missing:#?}"));
        }
    }
    for (page, id) in [("/configurations/", &hidden), ("/clusters/", &stage.cluster_id), ("/places/", &group)]
    {
        let there = outside.get(&format!("{page}{id}")).await.unwrap();
        let missing = outside.get(&format!("{page}{NOWHERE}")).await.unwrap();
        let (there, missing) = (statements(stage, &there), statements(stage, &missing));
        if there.is_empty() || there != missing {
            differ.push(format!("{page}: {there:#?}\nbut {missing:#?}"));
        }
    }
    let outside = Api::of(&stage.portal, "outside").await;
    let hidden = "hidden";
    for (method, path, names) in [
        (Method::GET, arms_cluster(), &["Stage"][..]),
        (Method::GET, cluster(), &["Stage"]),
        (Method::DELETE, cluster(), &["Stage"]),
        (Method::GET, configuration(hidden), &["Stage", hidden]),
        (Method::DELETE, configuration(hidden), &["Stage", hidden]),
        (Method::GET, act(hidden, "history"), &["Stage", hidden]),
        (Method::POST, act(hidden, "sync"), &["Stage", hidden]),
    ] {
        for name in names {
            let there = outside.send(method.clone(), &path, &[], None).await;
            let missing = outside.send(method.clone(), &path.replace(name, NOWHERE), &[], None).await;
            let status = if method == Method::DELETE { 204 } else { 404 };
            assert_eq!((there.status, missing.status), (status, status), "{method} {path}");
            let (there, missing) = (statements(stage, &there), statements(stage, &missing));
            if there.len() < 2 || there != missing {
                differ.push(format!("{method} {path} without {name}: {there:#?}\nbut {missing:#?}"));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
