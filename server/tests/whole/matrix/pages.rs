//! Pages, and what else is got by GET.

use app::routes::EMBED_GRANT;
use server::middleware::embed::may_be_framed;
use server::middleware::guard::PROVIDERS_FOLDER;
use server::router::rights::{Needs, OTHERS, PAGES};
use testbed::Answer;

use super::cast::{Cast, PARENT, PEOPLE, Who};
use super::expect::{self, Told, told};

/// One line for each answer that is not the expected one.
pub(super) async fn ask_all(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    for (route, needs) in PAGES.iter().chain(OTHERS.iter()) {
        let path = path(cast, route);
        for who in PEOPLE {
            let answer = ask(cast, who, &path).await;
            let expected = match who {
                // Frames have a page of their own for that.
                Who::Framed if *route == "/sign-in" => continue,
                Who::Framed if !may_be_framed(&path) => Told::Nothing,
                who => expected(route, *needs, who),
            };
            let told = told(answer.status, answer.location());
            if expected != told {
                wrong.push(format!("{route} as {who:?}: {expected:?}, but {}", answer.status));
            }
        }
    }
    wrong
}

async fn ask(cast: &Cast, who: Who, path: &str) -> Answer {
    let browser = cast.browser(who);
    // The stream does not end.
    if path == "/live" { browser.head(path).await.unwrap() } else { browser.get(path).await.unwrap() }
}

/// The address of a page about the things that everybody asks for.
pub(super) fn path(cast: &Cast, route: &str) -> String {
    let path = route
        .replace("{cluster}", &cast.stage.cluster_id)
        .replace("{configuration}", &cast.configuration.1)
        .replace("{place}", &cast.group)
        .replace("{account}", &cast.account)
        .replace("{person}", &cast.person);
    // It is there for whoever sees something that allows the parent.
    if route == EMBED_GRANT { format!("{path}?parent={PARENT}") } else { path }
}

/// What is told by a route. Nobody has an identity provider with a name in braces, and one leaves it for the page to sign
/// in; those with one are in `oidc`.
pub(super) fn expected(route: &str, needs: Needs, who: Who) -> Told {
    match route.strip_prefix(PROVIDERS_FOLDER) {
        Some(rest) if rest.ends_with("/sign-out") => Told::SignIn,
        Some(_) => Told::Nothing,
        None => expect::expected(needs, who),
    }
}
