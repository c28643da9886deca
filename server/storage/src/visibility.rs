//! The filter of lists by what the actor may see, in SQL.

use domain::access::{Place, Visible};
use sqlx::QueryBuilder;

use crate::database::Driver;

/// Adds ` AND (…)` over the aliases `g` (resource groups) and `k` (clusters). The ids alone decide: a group
/// has one subscription, a cluster one group.
pub(crate) fn push_visible(query: &mut QueryBuilder<Driver>, visible: &Visible) {
    let Visible::Places(places) = visible else { return };
    query.push(" AND (1 = 0");
    for place in places {
        match place {
            Place::Subscription(subscription) => {
                query.push(" OR g.subscription_id = ").push_bind(subscription.to_string());
            }
            Place::ResourceGroup(_, group) => {
                query.push(" OR g.id = ").push_bind(group.to_string());
            }
            Place::Cluster(_, _, cluster) => {
                query.push(" OR k.id = ").push_bind(cluster.to_string());
            }
        }
    }
    query.push(")");
}

/// The same over the aliases `u` (subscriptions) and `g` (resource groups, none for a subscription without any),
/// where a right on something inside shows what it is in.
pub(crate) fn push_visible_places(query: &mut QueryBuilder<Driver>, visible: &Visible) {
    let Visible::Places(places) = visible else { return };
    query.push(" AND (1 = 0");
    for place in places {
        match place {
            Place::Subscription(subscription) => {
                query.push(" OR u.id = ").push_bind(subscription.to_string());
            }
            Place::ResourceGroup(_, group) | Place::Cluster(_, group, _) => {
                query.push(" OR g.id = ").push_bind(group.to_string());
            }
        }
    }
    query.push(")");
}

/// The same for lists of resource groups, where a right on a cluster shows the group it is in.
pub(crate) fn push_visible_groups(query: &mut QueryBuilder<Driver>, visible: &Visible) {
    let Visible::Places(places) = visible else { return };
    query.push(" AND (1 = 0");
    for place in places {
        match place {
            Place::Subscription(subscription) => {
                query.push(" OR g.subscription_id = ").push_bind(subscription.to_string());
            }
            Place::ResourceGroup(_, group) | Place::Cluster(_, group, _) => {
                query.push(" OR g.id = ").push_bind(group.to_string());
            }
        }
    }
    query.push(")");
}

/// Characters of a filter that are looked for: more than any name or address has. SQLite fails for patterns of 50,000 bytes.
const FILTER_MAX: usize = 4096;

/// A pattern for `LIKE … ESCAPE '\'` that finds `text` anywhere, in lower case.
pub(crate) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars().take(FILTER_MAX) {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_filter_are_taken_literally() {
        assert_eq!(contains_pattern(r"50%_A\"), r"%50\%\_a\\%");
    }

    #[test]
    fn a_filter_of_any_length_is_a_pattern_that_sqlite_takes() {
        for character in ["x", "%", "\u{10348}"] {
            assert!(contains_pattern(&character.repeat(200_000)).len() < 50_000, "{character}");
        }
    }
}
