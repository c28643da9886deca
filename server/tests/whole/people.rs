//! Users beside the administrator: how they get a password, and what they see without any role.

use testbed::Browser;

use crate::scene::{Scene, Stage};

pub(crate) const PASSWORD: &str = "a long enough pass phrase 47";

/// A browser of a user who has a password and no role.
pub(crate) async fn stranger(name: &str) -> Browser {
    let stage = Stage::shared().await;
    stage.portal.command(&["user", "create", name, "--password-stdin"], PASSWORD).await.unwrap();
    let browser = stage.portal.visitor().unwrap();
    browser.sign_in(name, PASSWORD).await.unwrap();
    browser
}

#[tokio::test]
async fn a_one_time_link_sets_a_password_once() {
    let stage = Stage::shared().await;
    let address = stage.portal.command(&["user", "create", "linked"], "").await.unwrap();
    let page = address.strip_prefix(&stage.portal.url()).unwrap();
    let link = page.split("link=").nth(1).unwrap();
    let visitor = stage.portal.visitor().unwrap();
    let asked = visitor.get(page).await.unwrap();
    assert!(asked.status == 200 && asked.text().contains("linked"), "{}", asked.text());

    let fields = |again| [("link", link), ("password", PASSWORD), ("password_again", again)];
    let differ = visitor.post(page, "set_password", &fields("another")).await.unwrap();
    assert!((400..500).contains(&differ.status) && visitor.cookies().is_empty(), "{}", differ.text());
    assert!(!differ.body.contains(PASSWORD), "a password is never sent back");
    visitor.submit(page, "set_password", &fields(PASSWORD)).await.unwrap();
    assert_eq!(visitor.get("/clusters").await.unwrap().status, 200, "who has set it is signed in");

    let other = stage.portal.visitor().unwrap();
    let again = other.post(page, "set_password", &fields(PASSWORD)).await.unwrap();
    assert!((400..500).contains(&again.status) && other.cookies().is_empty(), "{}", again.text());
    other.sign_in("linked", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_user_without_a_role_sees_nothing_and_learns_of_nothing() {
    let scene = Scene::shared("secret").await;
    scene.commit(&[("namespace.yaml", &scene.namespace())]).await;
    let id = scene.add().await;
    let stranger = stranger("stranger").await;

    for page in ["/clusters", "/configurations"] {
        let text = stranger.get(page).await.unwrap().text();
        assert!(!text.contains("Stage") && !text.contains(&scene.name), "{text}");
    }
    let cluster = scene.stage.cluster_id.as_str();
    let mut fields = scene
        .fields
        .clone()
        .with("name", "another")
        .pairs()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect::<Vec<_>>();
    fields.push(("cluster".to_owned(), cluster.to_owned()));
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let calls: [(&str, &[(&str, &str)]); 7] = [
        ("get_configuration", &[("id", &id)]),
        ("sync_configuration", &[("id", &id)]),
        ("delete_configuration", &[("id", &id), ("cluster", cluster)]),
        ("create_configuration", &fields),
        ("get_cluster", &[("id", cluster)]),
        ("check_cluster", &[("id", cluster)]),
        ("disconnect_cluster", &[("id", cluster)]),
    ];
    for (function, arguments) in calls {
        let there = stranger.call(function, arguments).await.unwrap();
        assert_eq!(there.status, 404, "{function}: {}", there.body);
        assert!(!there.body.contains(&scene.name), "{function}: {}", there.body);
    }
    for page in [format!("/configurations/{id}"), format!("/clusters/{cluster}")] {
        let (there, not_there) =
            (stranger.get(&page).await.unwrap(), page.replace(&page[page.len() - 12..], "000000000000"));
        let not_there = stranger.get(&not_there).await.unwrap();
        assert_eq!((there.status, there.text()), (not_there.status, not_there.text()), "{page}");
        assert_eq!(there.status, 404);
    }
    scene.browser().until_installed(&id).await.unwrap();
}
