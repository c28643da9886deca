//! Every path of the portal, as functions: links and redirects are made by these, never by hand.

use domain::id::{ClusterDraftId, ClusterId, ConfigurationId, UserId};
use domain::release::ReleaseKey;
use domain::service::ActivityQuery;
use uuid::Uuid;

/// Paths that answer without a session.
pub const PUBLIC: [&str; 3] = [SIGN_IN, SET_PASSWORD, EMBED_SIGN_IN];

/// Signing in.
pub const SIGN_IN: &str = "/sign-in";
/// Setting the password by a one-time link.
pub const SET_PASSWORD: &str = "/set-password";
/// The list of clusters, which is the home page too.
pub const CLUSTERS: &str = "/clusters";
/// Connecting a cluster.
pub const CONNECT: &str = "/clusters/connect";
/// The configurations of all clusters.
pub const CONFIGURATIONS: &str = "/configurations";

/// Subscriptions and resource groups.
pub const PLACES: &str = "/places";
/// The people of the installation, for administrators.
pub const PEOPLE: &str = "/people";
/// The audit.
pub const ACTIVITY: &str = "/activity";
/// The audit as a file; no page.
pub const ACTIVITY_FILE: &str = "/activity.jsonl";

/// One's own settings.
pub const SETTINGS: &str = "/settings";
/// One's own settings, after the password was changed.
pub const PASSWORD_CHANGED: &str = "/settings?password=changed";
/// The operations of the REST API.
pub const API: &str = "/api";
/// The REST API's document; no page.
pub const DOCUMENT: &str = "/openapi.json";

/// Where frames of other origins' pages have the portal once more.
pub const EMBED: &str = "/embed";
/// Signing in inside a frame of another origin's page.
pub const EMBED_SIGN_IN: &str = "/embed/sign-in";
/// What a pop-up asks before a frame shows the portal in somebody's name.
pub const EMBED_GRANT: &str = "/embed/grant";
/// A one-time code becomes a session in a frame; no page.
pub const EMBED_ENTER: &str = "/embed/enter";
/// The script of frames; no page.
pub const EMBED_SCRIPT: &str = "/embed.js";

/// A page inside a frame.
pub fn in_embed(path: &str) -> String {
    format!("{EMBED}{path}")
}

/// The page behind an address inside a frame.
pub fn behind_embed(path: &str) -> Option<&str> {
    let page = path.strip_prefix(EMBED).filter(|page| page.starts_with('/') && !page.starts_with("//"))?;
    ([EMBED_SIGN_IN, EMBED_GRANT, EMBED_ENTER].iter().all(|own| *own != path)).then_some(page)
}

/// Signing in inside a frame of `parent`, and then going on to `path`; `refused` after a code that opened nothing.
pub fn embed_sign_in(parent: &str, path: &str, refused: bool) -> String {
    let refused = if refused { "&refused=code" } else { "" };
    format!("{EMBED_SIGN_IN}?parent={}&then={}{refused}", encode(parent), encode(path))
}

/// What a pop-up asks for a frame of `parent`.
pub fn embed_grant(parent: &str) -> String {
    format!("{EMBED_GRANT}?parent={}", encode(parent))
}

/// Where a code becomes a session in a frame of `parent`.
pub fn embed_enter(parent: &str) -> String {
    format!("{EMBED_ENTER}?parent={}", encode(parent))
}

/// Signing in, and then going on to `path`.
pub fn sign_in_then(path: &str) -> String {
    if path == "/" || path.starts_with(SIGN_IN) {
        SIGN_IN.to_owned()
    } else {
        format!("{SIGN_IN}?then={}", encode(path))
    }
}

/// Signing in by an identity provider, and then going on to `path`; no page.
pub fn sign_in_at(provider: &str, path: &str) -> String {
    if path.is_empty() {
        format!("{SIGN_IN}/{}", encode(provider))
    } else {
        format!("{SIGN_IN}/{}?then={}", encode(provider), encode(path))
    }
}

/// Where an identity provider sends a browser back to.
pub fn sign_in_callback(provider: &str) -> String {
    format!("{SIGN_IN}/{}/callback", encode(provider))
}

/// Signing out of an identity provider too; no page.
pub fn sign_out_at(provider: &str) -> String {
    format!("{SIGN_IN}/{}/sign-out", encode(provider))
}

/// `path` if it is one of ours and nothing else: what a visitor brings along never leads away from here.
pub fn own_path(path: &str) -> Option<&str> {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.chars().all(|character| character.is_ascii_graphic() && character != '\\');
    ours.then_some(path)
}

/// Connecting a cluster whose kubeconfig waits, at its second step or, with a context, at its third.
pub fn connect_step(draft: ClusterDraftId, context: Option<&str>) -> String {
    match context {
        None => format!("{CONNECT}?draft={draft}"),
        Some(context) => format!("{CONNECT}?draft={draft}&context={}", encode(context)),
    }
}

/// A cluster.
pub fn cluster(id: ClusterId) -> String {
    format!("{CLUSTERS}/{id}")
}

/// The configurations of a cluster.
pub fn gitops(cluster: ClusterId) -> String {
    format!("{CLUSTERS}/{cluster}/gitops")
}

/// Adding a configuration to a cluster.
pub fn add_configuration(cluster: ClusterId) -> String {
    format!("{CLUSTERS}/{cluster}/gitops/new")
}

/// A part of a configuration's pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Its objects.
    #[default]
    Resources,
    /// Its Helm releases.
    Releases,
    /// What the last sync changed.
    Changes,
    /// The syncs before.
    History,
    /// The form.
    Settings,
    /// What goes and what stays.
    Delete,
}

impl Tab {
    /// All, in the order shown.
    pub const ALL: [Self; 6] =
        [Self::Resources, Self::Releases, Self::Changes, Self::History, Self::Settings, Self::Delete];

    /// The value of the query parameter `tab`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Releases => "releases",
            Self::Changes => "changes",
            Self::History => "history",
            Self::Settings => "settings",
            Self::Delete => "delete",
        }
    }

    /// From the query parameter; anything unknown is the first.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.word() == word).unwrap_or_default()
    }
}

/// A configuration.
pub fn configuration(id: ConfigurationId, tab: Tab) -> String {
    match tab {
        Tab::Resources => format!("{CONFIGURATIONS}/{id}"),
        tab => format!("{CONFIGURATIONS}/{id}?tab={}", tab.word()),
    }
}

/// A Helm release of a configuration.
pub fn release(id: ConfigurationId, key: &ReleaseKey) -> String {
    format!("{}&release={}", configuration(id, Tab::Releases), encode(&key.to_string()))
}

/// The release that a query parameter of [`release`] names.
pub fn release_of(word: &str) -> Option<ReleaseKey> {
    let (namespace, name) = word.split_once('/')?;
    Some(ReleaseKey { namespace: namespace.to_owned(), name: name.to_owned() })
}

/// A place, by its own id.
pub fn place(id: Uuid) -> String {
    format!("{PLACES}/{id}")
}

/// A service account.
pub fn service_account(id: UserId) -> String {
    format!("/service-accounts/{id}")
}

/// A person.
pub fn person(id: UserId) -> String {
    format!("{PEOPLE}/{id}")
}

/// People behind a name.
pub fn people_behind(name: &str) -> String {
    format!("{PEOPLE}?after={}", encode(name))
}

/// The audit, or its file, with what is asked for.
pub fn activity(path: &str, query: &ActivityQuery) -> String {
    let ActivityQuery { filter, outcome, from, to, before } = query;
    let before = before.map(|before| before.to_string()).unwrap_or_default();
    let mut address = path.to_owned();
    for (name, value) in
        [("filter", filter), ("outcome", outcome), ("from", from), ("to", to), ("before", &before)]
    {
        if !value.is_empty() {
            address.push(if address.len() == path.len() { '?' } else { '&' });
            address.push_str(name);
            address.push('=');
            address.push_str(&encode(value));
        }
    }
    address
}

/// A page of a list, with its filter.
pub fn list_page(path: &str, page: u32, filter: &str) -> String {
    match (page, filter) {
        (0 | 1, "") => path.to_owned(),
        (0 | 1, filter) => format!("{path}?filter={}", encode(filter)),
        (page, "") => format!("{path}?page={page}"),
        (page, filter) => format!("{path}?filter={}&page={page}", encode(filter)),
    }
}

/// Percent-encodes a query value: everything but letters, digits and `- _ . ~ /`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded
                    .extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_visitor_brings_along_leads_nowhere_else() {
        for good in ["/clusters", "/configurations?filter=a%20b&page=2"] {
            assert_eq!(own_path(good), Some(good));
        }
        for bad in
            ["//evil", "/\\evil", "https:evil", "javascript:alert(1)", "", "clusters", "/a\nb", "/\t/evil"]
        {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_query_value_is_encoded_and_may_come_back_as_it_was() {
        assert_eq!(list_page("/clusters", 2, "a&b=ä"), "/clusters?filter=a%26b%3D%C3%A4&page=2");
        assert_eq!(sign_in_then("/clusters?page=2"), "/sign-in?then=/clusters%3Fpage%3D2");
        assert_eq!(sign_in_then("/sign-in?then=/x"), "/sign-in");
    }

    #[test]
    fn what_is_asked_of_the_audit_is_in_its_address() {
        let all = ActivityQuery::default();
        assert_eq!(activity("/activity", &all), "/activity");
        let some = ActivityQuery {
            filter: "a&b".to_owned(),
            outcome: "refused".to_owned(),
            to: "2026-11-23".to_owned(),
            before: Some(7),
            ..all
        };
        let address = "/activity.jsonl?filter=a%26b&outcome=refused&to=2026-11-23&before=7";
        assert_eq!(activity("/activity.jsonl", &some), address);
    }

    #[test]
    fn a_tab_is_named_in_the_path_and_read_back() {
        for tab in Tab::ALL {
            assert_eq!(Tab::parse(tab.word()), tab);
        }
    }
}
