//! Pages, and what else is got by GET.

use app::routes::EMBED_GRANT;
use server::middleware::embed::may_be_framed;
use server::middleware::guard::PROVIDERS_FOLDER;
use server::router::rights::{OTHERS, PAGES};

use super::cast::{Cast, PARENT, PEOPLE, Who};
use super::expect::{Told, expected, told};

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
        // It is there for whoever sees something that allows the parent.
        let path = if *route == EMBED_GRANT { format!("{path}?parent={PARENT}") } else { path };
        for who in PEOPLE {
            let answer = cast.browser(who).get(&path).await.unwrap();
            let expected = match who {
                // Frames have a page of their own for that.
                Who::Framed if *route == "/sign-in" => continue,
                Who::Framed if !may_be_framed(&path) => Told::Nothing,
                who => expected(*needs, who),
            };
            let told = told(answer.status, answer.location());
            if expected != told {
                wrong.push(format!("{route} as {who:?}: {expected:?}, but {}", answer.status));
            }
        }
    }
    wrong
}
