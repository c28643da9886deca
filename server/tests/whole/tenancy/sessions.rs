//! A person's own sessions.

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
