//! Subscriptions and resource groups, and who has which role there.

pub mod assignments;
pub mod detail;
pub mod embedding;
pub mod list;
pub mod outbound;
pub mod quota;
pub mod resulting;
pub mod service_account;

pub use detail::PlacePage;
pub use list::PlacesPage;
pub use service_account::ServiceAccountPage;

use catalogue::{Locale, role_label, text};
use domain::access::{Place, Role};
use domain::service::PlaceStep;

use crate::components::Crumb;
use crate::routes;

/// What a place is, in a word.
fn kind_label(locale: Locale, place: &Place) -> &'static str {
    match place {
        Place::Subscription(_) => text::place_kind_subscription(locale),
        Place::ResourceGroup(..) => text::place_kind_group(locale),
        Place::Cluster(..) => text::place_kind_cluster(locale),
    }
}

/// The actor's role, or that only something inside is seen.
fn own_role(locale: Locale, role: Option<Role>) -> &'static str {
    role.map_or_else(|| text::place_part(locale), |role| role_label(locale, role))
}

/// The way to a place.
fn crumbs(locale: Locale, way: &[PlaceStep]) -> Vec<Crumb> {
    let steps = way.iter().map(|step| Crumb::new(step.name.clone(), routes::place(step.place.id())));
    std::iter::once(Crumb::new(text::places_title(locale), routes::PLACES)).chain(steps).collect()
}

/// The names on the way to a place, and its own.
pub(crate) fn path_of(steps: &[PlaceStep]) -> String {
    steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(" / ")
}

/// All roles with what they allow, to choose from.
fn roles(locale: Locale) -> Vec<(String, String)> {
    let hint = |role| match role {
        Role::Reader => text::role_hint_reader(locale),
        Role::Contributor => text::role_hint_contributor(locale),
        Role::Owner => text::role_hint_owner(locale),
    };
    [Role::Reader, Role::Contributor, Role::Owner]
        .map(|role| (role.as_str().to_owned(), format!("{} – {}", role_label(locale, role), hint(role))))
        .to_vec()
}
