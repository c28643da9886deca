//! Pages, and what else is got by GET.

use server::middleware::guard::PROVIDERS_FOLDER;
use server::router::rights::{OTHERS, PAGES};

use super::cast::{Cast, PEOPLE};
use super::expect::{expected, told};

/// One line for each answer that is not the expected one.
pub(super) async fn ask_all(cast: &Cast) -> Vec<String> {
    let mut wrong = Vec::new();
    for (route, needs) in PAGES.iter().chain(OTHERS.iter()) {
        // The stream does not end; what is at identity providers' paths needs one: see `live` and `oidc`.
        if *route == "/live" || route.starts_with(PROVIDERS_FOLDER) {
            continue;
        }
        let path = route
            .replace("{cluster}", &cast.stage.cluster_id)
            .replace("{configuration}", &cast.configuration.1)
            .replace("{place}", &cast.group)
            .replace("{account}", &cast.account)
            .replace("{person}", &cast.person);
        for who in PEOPLE {
            let answer = cast.browser(who).get(&path).await.unwrap();
            let (expected, told) = (expected(*needs, who), told(answer.status, answer.location()));
            if expected != told {
                wrong.push(format!("{route} as {who:?}: {expected:?}, but {}", answer.status));
            }
        }
    }
    wrong
}
