//! Embedding: pages of other origins that show the portal in a frame, and what a session inside such a frame may do.
//!
//! A session in a frame is never more than three things at once: what its owner may do, what it was opened for
//! ([`EmbedLimit`]), and the subscriptions whose owners allow this parent. Without a parent's origin there is none.

use serde::{Deserialize, Serialize};

use crate::access::{Actor, Grant, Place, Role};
use crate::id::SubscriptionId;
use crate::violation::Rule;

/// Longest origin.
const ORIGIN_MAX: usize = 255;

/// The origin of a page that shows the portal in a frame, for instance `https://dashboard.example.com`: exactly one, in
/// the spelling that browsers compare by (lower case, no default port, no path).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ParentOrigin(String);

impl ParentOrigin {
    /// From what somebody typed. Without TLS only this very machine is taken: anybody on the way could show what they
    /// like around the frame.
    ///
    /// # Errors
    ///
    /// [`Rule::ParentOrigin`] for anything else, wildcards and paths included.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_suffix('/').unwrap_or(&text);
        let (scheme, rest) = text.split_once("://").ok_or(Rule::ParentOrigin)?;
        let (host, port) = split_port(rest).ok_or(Rule::ParentOrigin)?;
        let allowed = match scheme {
            "https" => is_host(host),
            "http" => is_this_machine(host),
            _ => false,
        };
        let default = if scheme == "https" { 443 } else { 80 };
        if !allowed || text.len() > ORIGIN_MAX {
            return Err(Rule::ParentOrigin);
        }
        Ok(Self(match port {
            Some(port) if port != default => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a session in a frame was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbedLimit {
    /// At most this role; never Owner.
    pub role: Role,
    /// Only here and below; without one everywhere that the parent is allowed.
    pub place: Option<Place>,
}

/// The actor inside a frame whose parent these subscriptions allow.
#[must_use]
pub fn embedded(actor: Actor, limit: &EmbedLimit, allowed: &[SubscriptionId]) -> Actor {
    let whole = |id: &SubscriptionId| Grant { role: Role::Owner, place: Place::Subscription(*id) };
    let held = if actor.administrator { allowed.iter().map(whole).collect() } else { actor.grants.clone() };
    let narrowed = held.into_iter().flat_map(|grant| {
        allowed.iter().filter_map(move |id| {
            let place = grant.place.common(&Place::Subscription(*id))?;
            let place = match &limit.place {
                None => place,
                Some(limit) => place.common(limit)?,
            };
            Some(Grant { role: grant.role.min(limit.role), place })
        })
    });
    Actor { administrator: false, grants: narrowed.collect(), ..actor }
}

/// Host and port, which is a number without leading zeros. An IPv6 address stands in brackets.
fn split_port(rest: &str) -> Option<(&str, Option<u16>)> {
    let host_end =
        if rest.starts_with('[') { rest.find(']')? + 1 } else { rest.find(':').unwrap_or(rest.len()) };
    let (host, port) = rest.split_at(host_end);
    match port.strip_prefix(':') {
        None if port.is_empty() => Some((host, None)),
        Some(port) if !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((host, Some(port.parse().ok()?)))
        }
        _ => None,
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.split('.').all(label)
}

fn is_this_machine(host: &str) -> bool {
    let loopback =
        |address: &str| address.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    is_host(host)
        && (host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || loopback(host))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::Via;
    use crate::id::{ResourceGroupId, UserId};

    const HERE: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
    const ELSEWHERE: SubscriptionId = SubscriptionId(Uuid::from_u128(2));
    const GROUP: ResourceGroupId = ResourceGroupId(Uuid::from_u128(3));

    #[test]
    fn an_origin_is_spelled_as_browsers_compare_it() {
        for (typed, origin) in [
            ("https://Dashboard.Example.com/", "https://dashboard.example.com"),
            (" https://dashboard.example.com:443", "https://dashboard.example.com"),
            ("https://dashboard.example.com:8443", "https://dashboard.example.com:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://wall.localhost:80", "http://wall.localhost"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(ParentOrigin::parse(typed).as_ref().map(ParentOrigin::as_str), Ok(origin), "{typed}");
        }
    }

    #[test]
    fn what_is_no_single_origin_is_refused() {
        for typed in [
            "",
            "*",
            "https://*",
            "https://*.example.com",
            "example.com",
            "http://example.com",
            "http://localhost.example.com",
            "https://example.com/path",
            "https://example.com?x",
            "https://user@example.com",
            "https://example.com:0443",
            "https://example.com:99999",
            "https://example.com:",
            "https://exa mple.com",
            "https://example.com; script-src *",
            "https://example.com,https://evil.example",
            "https://-a.example.com",
            "https://exämple.com",
            "javascript://example.com",
            "data:text/html",
            "null",
        ] {
            assert_eq!(ParentOrigin::parse(typed), Err(Rule::ParentOrigin), "{typed}");
        }
    }

    #[test]
    fn in_a_frame_nobody_may_more_than_the_least_of_three() {
        let (here, elsewhere) = (Place::Subscription(HERE), Place::Subscription(ELSEWHERE));
        let group = Place::ResourceGroup(HERE, GROUP);
        let anywhere = |role| EmbedLimit { role, place: None };
        let roles = |actor: &Actor| [here, group, elsewhere].map(|place| actor.role_at(&place));

        let owner = embedded(actor(false, &[(Role::Owner, here)]), &anywhere(Role::Reader), &[HERE]);
        assert_eq!(roles(&owner), [Some(Role::Reader), Some(Role::Reader), None]);
        let owner =
            embedded(actor(false, &[(Role::Owner, here)]), &anywhere(Role::Contributor), &[ELSEWHERE]);
        assert_eq!(roles(&owner), [None, None, None]);
        let reader = embedded(actor(false, &[(Role::Reader, group)]), &anywhere(Role::Contributor), &[HERE]);
        assert_eq!(roles(&reader), [None, Some(Role::Reader), None]);
        let administrator = embedded(actor(true, &[]), &anywhere(Role::Contributor), &[HERE]);
        assert_eq!(roles(&administrator), [Some(Role::Contributor), Some(Role::Contributor), None]);
        assert!(!administrator.administers());
        let bound = EmbedLimit { role: Role::Reader, place: Some(group) };
        let bound = embedded(actor(true, &[]), &bound, &[HERE, ELSEWHERE]);
        assert_eq!(roles(&bound), [None, Some(Role::Reader), None]);
    }

    fn actor(administrator: bool, grants: &[(Role, Place)]) -> Actor {
        let grants = grants.iter().map(|(role, place)| Grant { role: *role, place: *place }).collect();
        let user = UserId(Uuid::nil());
        Actor { user, name: "ada".to_owned(), administrator, grants, limit: None, via: Via::default() }
    }
}
