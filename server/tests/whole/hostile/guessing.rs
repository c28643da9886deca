//! Passwords that somebody tries one after the other.

use testbed::{Browser, Portal};

/// Wrong passwords before the server is killed.
const GUESSES: usize = 50;

async fn sign_in(browser: &Browser, user: &str, password: &str) -> u16 {
    let fields = [("user_name", user), ("password", password), ("then", "")];
    browser.post("/sign-in", "sign_in", &fields).await.unwrap().status
}

#[tokio::test]
async fn s_i1_who_guesses_waits_also_after_the_server_was_killed_and_keeps_nobody_else_out() {
    let mut portal = Portal::start().await.unwrap();
    let guesser = portal.visitor().unwrap();
    let mut refused = 0;
    for guess in 0..GUESSES {
        refused += usize::from(sign_in(&guesser, "admin", &format!("guess-{guess}-of-many")).await == 503);
    }
    assert!(refused > 0, "nobody had to wait");
    portal.kill();
    // As if it had started in no time: on a busy machine the wait may be over before a server is up again.
    portal.set("FAIRLEAD_CLOCK_AHEAD_SECONDS", Some("-60"));
    portal.start_again().await.unwrap();
    let guesser = portal.visitor().unwrap();
    // Not even the right one counts before the wait is over.
    assert_eq!(sign_in(&guesser, "admin", portal.password()).await, 503);
    // Another name from the same place does not wait.
    portal.command(&["user", "create", "ada", "--password-stdin"], "a-long-enough-password").await.unwrap();
    assert_eq!(sign_in(&portal.visitor().unwrap(), "ada", "a-long-enough-password").await, 303);
}
