//! What somebody may at a place when all is taken together, and which assignments make it so.

use super::{Grant, Place, Role, granted};

/// The role that [`super::authorize`] decides by at a place, and those of the assignments that give it: taking all of these
/// back changes it, taking others back does not. `None` when none of them holds there.
pub fn resulting<'all, Assignment>(
    assignments: &'all [Assignment],
    grant: impl Fn(&Assignment) -> Grant,
    place: &Place,
) -> Option<(Role, Vec<&'all Assignment>)> {
    let grants: Vec<Grant> = assignments.iter().map(&grant).collect();
    let role = granted(&grants, place)?;
    let gives = |assignment: &&Assignment| {
        let grant = grant(assignment);
        grant.role == role && grant.place.contains(place)
    };
    Some((role, assignments.iter().filter(gives).collect()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::id::{ClusterId, ResourceGroupId, SubscriptionId};
    use Role::{Contributor, Owner, Reader};

    const SUBSCRIPTION: SubscriptionId = SubscriptionId(Uuid::from_u128(1));
    const GROUP: ResourceGroupId = ResourceGroupId(Uuid::from_u128(2));

    /// What was assigned, where it is asked, and the role there with the numbers of those that give it.
    type Case<'case> = (&'case [(Role, Place)], Place, Option<(Role, &'case [usize])>);

    #[test]
    fn the_highest_role_holds_and_is_told_with_all_that_give_it() {
        let whole = Place::Subscription(SUBSCRIPTION);
        let group = Place::ResourceGroup(SUBSCRIPTION, GROUP);
        let cluster = Place::Cluster(SUBSCRIPTION, GROUP, ClusterId(Uuid::from_u128(3)));
        let elsewhere = Place::Subscription(SubscriptionId(Uuid::from_u128(9)));
        let table: [Case<'_>; 9] = [
            (&[], group, None),
            (&[(Owner, elsewhere)], group, None),
            (&[(Owner, cluster)], group, None),
            (&[(Reader, whole)], cluster, Some((Reader, &[0]))),
            (&[(Reader, whole), (Owner, group)], cluster, Some((Owner, &[1]))),
            (&[(Reader, whole), (Owner, group)], whole, Some((Reader, &[0]))),
            // A lower role further in takes nothing away.
            (&[(Owner, whole), (Reader, cluster)], cluster, Some((Owner, &[0]))),
            (
                &[(Contributor, whole), (Contributor, group), (Reader, group)],
                group,
                Some((Contributor, &[0, 1])),
            ),
            (&[(Owner, elsewhere), (Reader, group), (Reader, group)], group, Some((Reader, &[1, 2]))),
        ];
        for (assigned, place, expected) in table {
            let assigned: Vec<(usize, Grant)> = assigned
                .iter()
                .enumerate()
                .map(|(number, (role, place))| (number, Grant { role: *role, place: *place }))
                .collect();
            let found = resulting(&assigned, |(_, grant)| *grant, &place);
            let found =
                found.map(|(role, from)| (role, from.into_iter().map(|(number, _)| *number).collect()));
            assert_eq!(
                found,
                expected.map(|(role, from)| (role, from.to_vec())),
                "{assigned:?} at {place:?}"
            );
        }
    }
}
