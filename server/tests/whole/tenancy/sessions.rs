//! A person's own sessions.

use super::until_ended;
use crate::people::stranger;
use crate::scene::Stage;

#[tokio::test]
async fn a_person_sees_the_own_sessions_and_ends_one_without_the_others() {
    let first = stranger("two-browsers").await;
    let stage = Stage::shared().await;
    let second = stage.portal.visitor().unwrap();
    second.sign_in("two-browsers", crate::people::PASSWORD).await.unwrap();
    let list = first.read("list_sessions", &[]).await.unwrap();
    let sessions = list["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2, "{list}");
    assert_eq!(sessions.iter().filter(|session| session["present"] == true).count(), 1);
    assert!(sessions.iter().all(|session| session["address"] == "127.0.0.1"), "{list}");
    let other = sessions.iter().find(|session| session["present"] == false).unwrap();
    let other = [("id", other["id"].as_str().unwrap())];

    let stranger = stranger("another-person").await;
    assert_eq!(stranger.call("end_session", &other).await.unwrap().status, 404);
    assert_eq!(second.get("/settings").await.unwrap().status, 200);
    first.submit("/settings", "end_session", &other).await.unwrap();
    assert_eq!(second.get("/settings").await.unwrap().status, 303);
    assert_eq!(first.get("/settings").await.unwrap().status, 200);
}

/// What ends a session ends its open stream within seconds, and its secret opens nothing more.
#[tokio::test]
async fn s_h4_signing_out_a_new_password_and_leaving_end_open_streams() {
    let stage = Stage::shared().await;
    for (name, end) in
        [("leaves-by-sign-out", "sign_out"), ("leaves-by-password", "password"), ("leaves", "delete")]
    {
        let browser = stranger(name).await;
        let copy = stage.portal.visitor().unwrap();
        copy.sign_in(name, crate::people::PASSWORD).await.unwrap();
        let live = browser.live().await.unwrap();
        let people = stage.browser.read("list_people", &[("after", "")]).await.unwrap();
        let person = people["people"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
        let person = [("id", person["id"].as_str().unwrap())];
        match end {
            "sign_out" => drop(browser.call("sign_out", &[]).await.unwrap()),
            "password" => {
                let link = stage.browser.call("reset_password", &person).await.unwrap().json();
                let link = link["path"].as_str().unwrap().split("link=").nth(1).unwrap().to_owned();
                let password = "another long pass phrase 49";
                let fields = [("link", &*link), ("password", password), ("password_again", password)];
                let visitor = stage.portal.visitor().unwrap();
                visitor.submit("/set-password", "set_password", &fields).await.unwrap();
                assert_eq!(copy.get("/settings").await.unwrap().status, 303, "everywhere");
            }
            _ => drop(stage.browser.call("delete_person", &person).await.unwrap()),
        }
        assert_eq!(browser.get("/settings").await.unwrap().status, 303, "{end}");
        until_ended(live).await;
    }
}
