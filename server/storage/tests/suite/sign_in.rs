//! Sessions, tokens, one-time links and the throttle.

use domain::access::{Grant, Role};
use storage::{LinkPurpose, NewSession, NewToken, SessionUse, Throttle, TokenUse};

use crate::databases::{Database, at, databases};

const HOUR: i64 = 3_600_000;

async fn open_session(database: &Database, hash: &str) -> domain::id::UserId {
    let user = database.user(&format!("user-of-{hash}")).await;
    let mut unit = database.begin().await;
    let session = NewSession {
        hash: hash.to_owned(),
        user,
        idle_until: database.now().plus_milliseconds(HOUR),
        expires_at: database.now().plus_milliseconds(3 * HOUR),
        user_agent: Some("Mozilla/5.0".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        provider: None,
        rights: "few".to_owned(),
    };
    unit.create_session(&session).await.unwrap();
    unit.commit().await.unwrap();
    user
}

#[tokio::test]
async fn a_session_lives_while_it_is_used_and_never_beyond_its_end() {
    for database in databases().await {
        let user = open_session(&database, "h").await;
        let used = || database.storage.use_session("h", HOUR);
        for _ in 0..5 {
            database.pass(HOUR / 2);
            assert_eq!(used().await.unwrap().unwrap().user, user);
        }
        database.pass(HOUR / 2);
        assert_eq!(used().await.unwrap(), None, "its absolute end");
    }
}

#[tokio::test]
async fn a_renewed_session_goes_on_and_the_secret_before_is_good_for_a_moment() {
    for database in databases().await {
        let user = open_session(&database, "old").await;
        let mut unit = database.begin().await;
        let until = unit.now().plus_milliseconds(1000);
        let ends = unit.renew_session("old", "new", "more", until).await.unwrap();
        assert_eq!(ends, Some(unit.now().plus_milliseconds(3 * HOUR)), "its end stays");
        assert_eq!(unit.renew_session("old", "newer", "more", until).await.unwrap(), None, "once");
        unit.commit().await.unwrap();
        let used = async |hash: &str| database.storage.use_session(hash, HOUR).await.unwrap();
        let found = |renewed| SessionUse { user, rights: "more".to_owned(), renewed };
        assert_eq!((used("new").await, used("old").await), (Some(found(false)), Some(found(true))));
        database.pass(1000);
        assert_eq!((used("new").await, used("old").await), (Some(found(false)), None));
    }
}

#[tokio::test]
async fn the_secret_before_ends_soon_after_somebody_came_with_the_new_one() {
    for database in databases().await {
        open_session(&database, "old").await;
        let mut unit = database.begin().await;
        let until = unit.now().plus_milliseconds(30_000);
        unit.renew_session("old", "new", "more", until).await.unwrap();
        unit.commit().await.unwrap();
        let lives = async |hash: &str| database.storage.use_session(hash, HOUR).await.unwrap().is_some();
        database.pass(10_000);
        assert!(lives("old").await, "the answer with the new one may be on its way");
        assert!(lives("new").await);
        database.pass(4_999);
        assert!(lives("old").await && lives("new").await, "something may have been sent before");
        database.pass(1);
        assert!(!lives("old").await && lives("new").await);
    }
}

#[tokio::test]
async fn a_session_ends_for_want_of_use_by_sign_out_and_by_a_new_password() {
    for database in databases().await {
        open_session(&database, "idle").await;
        database.pass(HOUR);
        assert_eq!(database.storage.use_session("idle", HOUR).await.unwrap(), None);
        open_session(&database, "out").await;
        let mut unit = database.begin().await;
        unit.delete_session("out").await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(database.storage.use_session("out", HOUR).await.unwrap(), None);
        let user = open_session(&database, "password").await;
        let mut unit = database.begin().await;
        assert!(unit.set_password(user, "$argon2id$…").await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(database.storage.use_session("password", HOUR).await.unwrap(), None);
        let stored = database.storage.user(user).await.unwrap().unwrap();
        assert_eq!(stored.password_hash.as_deref(), Some("$argon2id$…"));
    }
}

#[tokio::test]
async fn a_person_sees_and_ends_the_own_sessions_only() {
    for database in databases().await {
        let ada = open_session(&database, "ada").await;
        let bob = open_session(&database, "bob").await;
        let own = database.storage.sessions(ada, "ada").await.unwrap();
        let shown: Vec<_> = own.iter().map(|session| (session.present, session.address.as_deref())).collect();
        assert_eq!(shown, [(true, Some("192.0.2.7"))]);
        assert!(!database.storage.sessions(ada, "another").await.unwrap()[0].present);
        let mut unit = database.begin().await;
        assert!(!unit.end_session(bob, own[0].id).await.unwrap());
        assert!(unit.end_session(ada, own[0].id).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(database.storage.use_session("ada", HOUR).await.unwrap(), None);
        assert_eq!(database.storage.use_session("bob", HOUR).await.unwrap().unwrap().user, bob);
    }
}

#[tokio::test]
async fn a_token_whose_limit_cannot_be_read_opens_nothing() {
    for database in databases().await {
        let user = database.user("ada").await;
        let (subscription, group) = database.group(1, "group").await;
        let limit = Grant { role: Role::Reader, place: at(subscription, group) };
        let mut unit = database.begin().await;
        let (hash, name, prefix) = ("t".to_owned(), "ci".to_owned(), "flp_ab".to_owned());
        let expires_at = database.now().plus_milliseconds(HOUR);
        let token = NewToken { hash, user, name, prefix, expires_at, limit: Some(limit) };
        unit.create_token(&token).await.unwrap();
        unit.commit().await.unwrap();
        database.tamper("UPDATE api_tokens SET role = 'Emperor'").await;
        database.storage.use_token("t").await.unwrap_err();
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    for database in databases().await {
        let user = database.user("ada").await;
        let (subscription, group) = database.group(1, "group").await;
        let limit = Grant { role: Role::Reader, place: at(subscription, group) };
        let mut unit = database.begin().await;
        let token = NewToken {
            hash: "t".to_owned(),
            user,
            name: "ci".to_owned(),
            prefix: "fl_ab".to_owned(),
            expires_at: database.now().plus_milliseconds(HOUR),
            limit: Some(limit),
        };
        unit.create_token(&token).await.unwrap();
        unit.commit().await.unwrap();
        let used = TokenUse { user, name: "ci".to_owned(), prefix: "fl_ab".to_owned(), limit: Some(limit) };
        assert_eq!(database.storage.use_token("t").await.unwrap(), Some(used));
        assert_eq!(database.storage.use_token("other").await.unwrap(), None);
        database.pass(HOUR);
        assert_eq!(database.storage.use_token("t").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_person_sees_and_ends_the_own_tokens_only() {
    for database in databases().await {
        let (ada, bob) = (database.user("ada").await, database.user("bob").await);
        let mut unit = database.begin().await;
        let token = |hash: &str, user, hours: i64| NewToken {
            hash: hash.to_owned(),
            user,
            name: format!("name of {hash}"),
            prefix: "flp_ab".to_owned(),
            expires_at: database.now().plus_milliseconds(hours * HOUR),
            limit: None,
        };
        let short = unit.create_token(&token("short", ada, 1)).await.unwrap();
        unit.commit().await.unwrap();
        database.pass(1);
        let mut unit = database.begin().await;
        let long = unit.create_token(&token("long", ada, 9)).await.unwrap();
        let other = unit.create_token(&token("other", bob, 9)).await.unwrap();
        assert_eq!(unit.count_tokens(ada).await.unwrap(), 2);
        unit.commit().await.unwrap();
        let ids = async |user| {
            let tokens = database.storage.tokens(user).await.unwrap();
            tokens.into_iter().map(|token| token.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(ada).await, [long, short]);
        assert_eq!(database.storage.use_token("long").await.unwrap().map(|used| used.user), Some(ada));
        assert_eq!(database.storage.tokens(ada).await.unwrap()[0].last_used_at, Some(database.now()));
        database.pass(HOUR);
        assert_eq!(ids(ada).await, [long], "one that is over is not shown");

        let mut unit = database.begin().await;
        assert_eq!(unit.delete_token(ada, other).await.unwrap(), None);
        assert_eq!(unit.delete_token(ada, long).await.unwrap().as_deref(), Some("name of long"));
        unit.commit().await.unwrap();
        assert_eq!((ids(ada).await, ids(bob).await), (vec![], vec![other]));
        assert_eq!(database.storage.use_token("long").await.unwrap(), None, "it opens nothing any more");
    }
}

#[tokio::test]
async fn a_link_is_used_once_and_a_newer_one_ends_it() {
    for database in databases().await {
        let user = database.user("ada").await;
        let purpose = LinkPurpose::SetPassword;
        let expires_at = database.now().plus_milliseconds(HOUR);
        let mut unit = database.begin().await;
        unit.create_link("first", user, purpose, expires_at).await.unwrap();
        unit.create_link("second", user, purpose, expires_at).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(database.storage.link_user("first", purpose).await.unwrap(), None);
        assert_eq!(database.storage.link_user("second", purpose).await.unwrap(), Some(user));
        let mut unit = database.begin().await;
        assert_eq!(unit.use_link("second", purpose).await.unwrap(), Some(user));
        assert_eq!(unit.use_link("second", purpose).await.unwrap(), None);
        unit.commit().await.unwrap();
        assert_eq!(database.storage.link_user("second", purpose).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_old_link_is_not_used() {
    for database in databases().await {
        let user = database.user("ada").await;
        let mut unit = database.begin().await;
        let expires_at = database.now().plus_milliseconds(HOUR);
        unit.create_link("l", user, LinkPurpose::SetPassword, expires_at).await.unwrap();
        unit.commit().await.unwrap();
        database.pass(HOUR);
        let mut unit = database.begin().await;
        assert_eq!(unit.use_link("l", LinkPurpose::SetPassword).await.unwrap(), None);
    }
}

#[tokio::test]
async fn failures_add_up_until_the_right_password() {
    for database in databases().await {
        let storage = &database.storage;
        assert_eq!(storage.throttle("ada").await.unwrap(), Throttle::default());
        let next_at = database.now().plus_milliseconds(1000);
        assert_eq!(storage.throttle_failure("ada", next_at).await.unwrap(), 1);
        assert_eq!(storage.throttle_failure("ada", next_at).await.unwrap(), 2);
        let expected = Throttle { failures: 2, next_at: Some(next_at) };
        assert_eq!(storage.throttle("ada").await.unwrap(), expected);
        storage.clear_throttle("ada").await.unwrap();
        assert_eq!(storage.throttle("ada").await.unwrap(), Throttle::default());
    }
}

/// Names that somebody tries; each may be another one.
const GUESSED_NAMES: usize = 2_000;

#[tokio::test]
async fn s_i2_a_flood_of_names_makes_nobody_s_wait_shorter_and_is_forgotten_after_a_day() {
    for database in databases().await {
        let storage = &database.storage;
        let next_at = database.now().plus_milliseconds(60_000);
        for _ in 0..3 {
            storage.throttle_failure("user:admin", next_at).await.unwrap();
        }
        for name in 0..GUESSED_NAMES {
            storage.throttle_failure(&format!("user:{name}"), database.now()).await.unwrap();
        }
        let waiting = Throttle { failures: 3, next_at: Some(next_at) };
        assert_eq!(storage.throttle("user:admin").await.unwrap(), waiting);
        storage.purge_sign_in().await.unwrap();
        assert_eq!(storage.throttle("user:admin").await.unwrap(), waiting);
        assert_eq!(storage.throttle("user:0").await.unwrap().failures, 1);
        database.pass(25 * HOUR);
        storage.purge_sign_in().await.unwrap();
        for name in ["user:admin", "user:0", "user:1999"] {
            assert_eq!(storage.throttle(name).await.unwrap(), Throttle::default(), "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    for database in databases().await {
        open_session(&database, "old").await;
        database.storage.throttle_failure("ada", database.now()).await.unwrap();
        database.pass(25 * HOUR);
        let user = open_session(&database, "new").await;
        database.storage.purge_sign_in().await.unwrap();
        assert_eq!(database.storage.use_session("new", HOUR).await.unwrap().unwrap().user, user);
        assert_eq!(database.storage.throttle("ada").await.unwrap(), Throttle::default());
    }
}
