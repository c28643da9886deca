//! What people may when all that was assigned to them and to their groups is taken together.

use std::collections::HashMap;

use domain::access::{Grant, Place, Principal, Role, resulting};
use domain::id::RoleAssignmentId;
use domain::service::{RESULTING_MAX, ResultingRole, RoleSource, ServiceError};
use storage::{Holder, PlaceRecord, RoleAssignment};

use super::Access;
use super::list::steps;
use crate::error::stored;

/// Rows that are read: somebody may be in several of the groups.
const HOLDERS_READ: u32 = 2_000;

impl Access {
    /// Of everybody who has a role at a place, and whether there are more.
    pub(super) async fn resulting_at(
        &self,
        place: &PlaceRecord,
        assignments: &[RoleAssignment],
    ) -> Result<(Vec<ResultingRole>, bool), ServiceError> {
        let holders = self.storage.role_holders(&place.place, HOLDERS_READ).await.map_err(stored)?;
        let all_read = holders.len() < HOLDERS_READ as usize;
        let known: HashMap<RoleAssignmentId, &RoleAssignment> =
            assignments.iter().map(|assignment| (assignment.id, assignment)).collect();
        let people: Vec<&[Holder]> = holders.chunk_by(|one, next| one.principal == next.principal).collect();
        // Of the last one some may not have been read.
        let whole = if all_read { people.len() } else { people.len().saturating_sub(1) };
        let shown = whole.min(RESULTING_MAX);
        let more = !all_read || shown < people.len();
        let told = |held: &&[Holder]| {
            let first = held.first()?;
            let assigned: Vec<&RoleAssignment> =
                held.iter().filter_map(|holder| known.get(&holder.assignment).copied()).collect();
            let at = steps(place);
            let (principal, name) = (first.principal.clone(), first.name.clone());
            if first.administrator {
                return Some(ResultingRole { principal, name, at, role: Role::Owner, sources: Vec::new() });
            }
            row(principal, name, place, &assigned)
        };
        Ok((people.iter().take(shown).filter_map(told).collect(), more))
    }
}

/// Of one person, at each place where something was assigned to it, in the order of the assignments.
pub(crate) fn resulting_of(
    principal: &Principal,
    name: &str,
    assignments: &[RoleAssignment],
) -> Vec<ResultingRole> {
    let all: Vec<&RoleAssignment> = assignments.iter().collect();
    let mut places: Vec<Place> = Vec::new();
    let mut rows = Vec::new();
    for RoleAssignment { place, .. } in assignments {
        if !places.contains(&place.place) {
            places.push(place.place);
            rows.extend(row(principal.clone(), name.to_owned(), place, &all));
        }
    }
    rows
}

fn row(
    principal: Principal,
    name: String,
    place: &PlaceRecord,
    assignments: &[&RoleAssignment],
) -> Option<ResultingRole> {
    let grant = |assignment: &&RoleAssignment| Grant { role: assignment.role, place: assignment.place.place };
    let (role, from) = resulting(assignments, grant, &place.place)?;
    let sources = from.into_iter().map(|assignment| source(assignment)).collect();
    Some(ResultingRole { principal, name, at: steps(place), role, sources })
}

fn source(assignment: &RoleAssignment) -> RoleSource {
    let group = match &assignment.principal {
        Principal::Group { name, .. } => Some(name.clone()),
        Principal::Person(_) | Principal::ServiceAccount(_) => None,
    };
    RoleSource { at: steps(&assignment.place), group }
}
