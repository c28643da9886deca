//! People who come by identity providers, and sign-ins on their way there.

use domain::clock::Timestamp;
use storage::{Identity, NewPendingSignIn};

use crate::databases::databases;

const HOUR: i64 = 3_600_000;

fn pending(state: &str, browser: &str, address: &str, expires_at: Timestamp) -> NewPendingSignIn {
    NewPendingSignIn {
        state_hash: state.to_owned(),
        browser_hash: browser.to_owned(),
        provider: "company".to_owned(),
        nonce: "nonce".to_owned(),
        verifier: "verifier".to_owned(),
        going_to: "/clusters".to_owned(),
        address: Some(address.to_owned()),
        expires_at,
    }
}

#[tokio::test]
async fn a_sign_in_on_its_way_is_taken_once_by_its_own_browser_in_time() {
    for database in databases().await {
        let end = database.now().plus_milliseconds(HOUR);
        database.storage.keep_sign_in(&pending("state", "browser", "192.0.2.7", end)).await.unwrap();
        let take = async |provider: &str, state: &str, browser: &str| {
            database.storage.take_sign_in(provider, state, browser).await.unwrap().is_some()
        };
        assert!(!take("company", "state", "another").await);
        assert!(!take("partner", "state", "browser").await);
        assert!(!take("company", "another", "browser").await);
        assert!(take("company", "state", "browser").await, "what others brought left it there");
        assert!(!take("company", "state", "browser").await);
        let past = database.now().plus_milliseconds(-1);
        database.storage.keep_sign_in(&pending("late", "browser", "192.0.2.7", past)).await.unwrap();
        assert!(!take("company", "late", "browser").await);
    }
}

#[tokio::test]
async fn one_address_keeps_so_many_sign_ins_and_pushes_out_nobody_elses() {
    for database in databases().await {
        let end = database.now().plus_milliseconds(HOUR);
        database.storage.keep_sign_in(&pending("theirs", "browser", "192.0.2.8", end)).await.unwrap();
        for number in 0..201 {
            let state = format!("state-{number:03}");
            database.storage.keep_sign_in(&pending(&state, "browser", "192.0.2.7", end)).await.unwrap();
        }
        let mut kept = 0;
        for number in 0..201 {
            let state = format!("state-{number:03}");
            let taken = database.storage.take_sign_in("company", &state, "browser").await.unwrap();
            kept += usize::from(taken.is_some());
        }
        assert_eq!(kept, 200);
        assert!(database.storage.take_sign_in("company", "theirs", "browser").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn an_identity_is_one_user_under_its_issuer() {
    for database in databases().await {
        let mut unit = database.storage.begin().await.unwrap();
        let user = unit.create_user("ada", false).await.unwrap();
        let identity = |issuer: &str| Identity {
            provider: "company".to_owned(),
            issuer: issuer.to_owned(),
            subject: "1".to_owned(),
        };
        unit.create_identity(&identity("https://a"), user).await.unwrap();
        assert_eq!(unit.identity_user(&identity("https://a")).await.unwrap(), Some(user));
        assert_eq!(unit.identity_user(&identity("https://b")).await.unwrap(), None);
        assert!(unit.has_identity(user).await.unwrap());
        assert!(unit.is_user_name_taken("ADA").await.unwrap());
    }
}
