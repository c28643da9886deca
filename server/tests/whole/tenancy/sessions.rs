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

const NEW_PASSWORD: &str = "another long pass phrase 50";

fn change<'field>(present: &'field str, password: &'field str) -> [(&'static str, &'field str); 3] {
    [("present_password", present), ("password", password), ("password_again", password)]
}

#[tokio::test]
async fn s_h4_a_person_changes_the_own_password_and_stays_signed_in_here_alone() {
    let stage = Stage::shared().await;
    let name = "changes-password";
    let browser = stranger(name).await;
    let other = stage.portal.visitor().unwrap();
    other.sign_in(name, crate::people::PASSWORD).await.unwrap();
    assert_eq!(browser.read("get_account", &[]).await.unwrap()["has_password"], true);

    let wrong = change("not the password", NEW_PASSWORD);
    let refused = browser.post("/settings", "change_password", &wrong).await.unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("This is not the password that you have now"), "{}", refused.text());
    assert!(!refused.body.contains(NEW_PASSWORD) && !refused.body.contains("not the password\""));
    let weak = browser.call("change_password", &change(crate::people::PASSWORD, "short")).await.unwrap();
    assert!(weak.status == 422 && weak.body.contains("TooShort"), "{}", weak.body);
    assert_eq!(other.get("/settings").await.unwrap().status, 200, "nothing has changed");

    let before = browser.cookies();
    let right = change(crate::people::PASSWORD, NEW_PASSWORD);
    let location = browser.submit("/settings", "change_password", &right).await.unwrap();
    assert_ne!(browser.cookies(), before, "the session has a new secret");
    let page = browser.get(&location).await.unwrap();
    assert!(page.text().contains("The password was changed"), "{}", page.text());
    assert_eq!(other.get("/settings").await.unwrap().status, 303, "the other session has ended");
    let list = browser.read("list_sessions", &[]).await.unwrap();
    assert_eq!(list["sessions"].as_array().unwrap().len(), 1, "{list}");
    stage.portal.visitor().unwrap().sign_in(name, NEW_PASSWORD).await.unwrap();
    assert!(stage.portal.visitor().unwrap().sign_in(name, crate::people::PASSWORD).await.is_err());

    let told = browser.read("list_activity", &[("filter", "user.set-password")]).await.unwrap();
    let outcomes: Vec<_> =
        told["entries"].as_array().unwrap().iter().map(|entry| entry["refused"].clone()).collect();
    assert_eq!(outcomes, [false, true], "{told}");
}

#[tokio::test]
async fn s_i1_wrong_present_passwords_count_as_those_of_a_sign_in_do() {
    let stage = Stage::shared().await;
    let name = "guesses-own";
    let browser = stranger(name).await;
    let wrong = change("not the password", NEW_PASSWORD);
    let mut told = Vec::new();
    for _ in 0..12 {
        told.push(browser.call("change_password", &wrong).await.unwrap().status);
    }
    assert!(told.starts_with(&[422, 422, 422, 422]) && told.contains(&503), "{told:?}");
    // Who waits here waits at the door too, also with the right one.
    let fields = [("user_name", name), ("password", crate::people::PASSWORD), ("then", "")];
    let door = stage.portal.visitor().unwrap().post("/sign-in", "sign_in", &fields).await.unwrap();
    assert_eq!(door.status, 503);
}

/// ASVS 7.2.4: whoever signs in where somebody is signed in already leaves no session behind.
#[tokio::test]
async fn s_h4_signing_in_again_ends_the_session_that_the_browser_had() {
    let stage = Stage::shared().await;
    let (first, second) = ("signs-in-first", "signs-in-second");
    let browser = stranger(first).await;
    stranger(second).await;
    let former = browser.copy();
    assert_eq!(former.get("/settings").await.unwrap().status, 200);
    assert!(browser.sign_in(first, "not the password").await.is_err());
    assert_eq!(former.get("/settings").await.unwrap().status, 200, "who is refused changes nothing");

    browser.sign_in(first, crate::people::PASSWORD).await.unwrap();
    assert_eq!(former.get("/settings").await.unwrap().status, 303, "of the same person");
    let former = browser.copy();
    browser.sign_in(second, crate::people::PASSWORD).await.unwrap();
    assert_eq!(former.get("/settings").await.unwrap().status, 303, "of somebody else");
    let told = browser.read("list_activity", &[("filter", "session.end")]).await.unwrap();
    assert_eq!(told["entries"][0]["target"], first, "{told}");

    let former = browser.copy();
    let address = stage.portal.command(&["user", "create", "signs-in-third"], "").await.unwrap();
    let link = address.split("link=").nth(1).unwrap();
    let fields = [("link", link), ("password", NEW_PASSWORD), ("password_again", NEW_PASSWORD)];
    browser.submit("/set-password", "set_password", &fields).await.unwrap();
    assert_eq!(former.get("/settings").await.unwrap().status, 303, "by a link");
    assert_eq!(browser.get("/settings").await.unwrap().status, 200);
}
