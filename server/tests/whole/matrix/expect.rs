//! Which answer follows from what a route needs and who asks.

use domain::access::Role;
use server::router::rights::Needs;

use super::cast::Who;

/// What is to be seen of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// What was asked for, or a fault of the request beyond all rights.
    Answered,
    /// Who are you?
    SignIn,
    /// It is there, and not for you.
    Denied,
    /// There is no such thing.
    Nothing,
}

pub(super) fn expected(needs: Needs, who: Who) -> Told {
    let (group, subscription, administrator) = match who {
        Who::Nobody | Who::EndedToken | Who::ExpiredToken => {
            return if needs == Needs::Nothing { Told::Answered } else { Told::SignIn };
        }
        Who::Stranger => (None, None, false),
        Who::Reader | Who::NarrowToken | Who::Framed => (Some(Role::Reader), None, false),
        Who::Contributor => (Some(Role::Contributor), None, false),
        Who::Owner => (Some(Role::Owner), None, false),
        Who::SubscriptionOwner => (Some(Role::Owner), Some(Role::Owner), false),
        Who::Administrator => (Some(Role::Owner), Some(Role::Owner), true),
    };
    let at_place = |has: Option<Role>, wants: Role| match has {
        None => Told::Nothing,
        Some(role) if role >= wants => Told::Answered,
        Some(_) => Told::Denied,
    };
    match needs {
        Needs::Somewhere(wants) if group < Some(wants) => Told::Denied,
        Needs::Nothing | Needs::Anybody | Needs::Somewhere(_) => Told::Answered,
        Needs::Role(wants) => at_place(group, wants),
        Needs::InSubscription(wants) => at_place(subscription, wants),
        Needs::SubscriptionOfGroup(wants) if subscription >= Some(wants) => Told::Answered,
        Needs::SubscriptionOfGroup(_) if group.is_some() => Told::Denied,
        Needs::Administrator | Needs::AdministratorInSubscription | Needs::HiddenFromOthers
            if administrator =>
        {
            Told::Answered
        }
        Needs::AdministratorInSubscription if subscription.is_some() => Told::Denied,
        Needs::Administrator => Told::Denied,
        Needs::SubscriptionOfGroup(_) | Needs::AdministratorInSubscription | Needs::HiddenFromOthers => {
            Told::Nothing
        }
    }
}

/// What an answer says. Anything but these three statuses is about the request, not about rights.
pub(super) fn told(status: u16, location: Option<&str>) -> Told {
    match status {
        302 | 303 if location.is_some_and(|location| location.starts_with("/sign-in")) => Told::SignIn,
        401 => Told::SignIn,
        403 => Told::Denied,
        404 => Told::Nothing,
        _ => Told::Answered,
    }
}
