//! Who has which role where, and the service accounts of a place.

use domain::access::{Actor, Grant, Permit, Principal, authorize};
use domain::id::{RoleAssignmentId, UserId};
use domain::service::{AssignmentDraft, ServiceError};
use domain::violation::{Field, Rule};
use storage::NewServiceAccount;
use uuid::Uuid;

use super::{Access, change, entry, role};
use crate::accounts::check_user_name;
use crate::error::{invalid, name_taken, refused, stored};

/// Longest name of a group: what identity providers send is longer than what people choose.
const GROUP_NAME_MAX: usize = 256;

impl Access {
    /// Whoever owns a place may assign any role there: nobody gives away more than they have.
    pub(super) async fn assign_role(
        &self,
        actor: &Actor,
        place: Uuid,
        draft: &AssignmentDraft,
    ) -> Result<RoleAssignmentId, ServiceError> {
        let record = self.find_place(actor, Permit::WriteAccess, place).await?;
        let role = role(Field::Role, &draft.role)?;
        let (principal, name) = self.principal(draft).await?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let grant = Grant { role, place: record.place };
        let (id, before) = unit.assign(&principal, grant, &actor.name).await.map_err(stored)?;
        let mut entry = entry(actor, "role.assign", "role assignment", id, &name, record.place);
        let before = before.map(|role| role.as_str().to_owned());
        entry.changes = vec![change("role", before, Some(role.as_str().to_owned()))];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(id)
    }

    /// Whoever the draft names.
    async fn principal(&self, draft: &AssignmentDraft) -> Result<(Principal, String), ServiceError> {
        let name = draft.principal.trim();
        if name.is_empty() {
            return Err(invalid(Field::Principal, Rule::Required));
        }
        let provider = draft.provider.trim();
        if provider.is_empty() {
            let user = self.storage.user_by_name(name).await.map_err(stored)?;
            let user = user
                .ok_or_else(|| invalid(Field::Principal, Rule::PrincipalUnknown { name: name.to_owned() }))?;
            return Ok((Principal::of_user(user.kind, user.id), user.name));
        }
        if !self.providers.iter().any(|known| known == provider) {
            let allowed = self.providers.to_vec();
            return Err(invalid(Field::Provider, Rule::OneOf { allowed }));
        }
        crate::text::single_line(name, GROUP_NAME_MAX).map_err(|rule| invalid(Field::Principal, rule))?;
        let group = Principal::Group { provider: provider.to_owned(), name: name.to_owned() };
        Ok((group, name.to_owned()))
    }

    pub(super) async fn take_role(&self, actor: &Actor, id: RoleAssignmentId) -> Result<(), ServiceError> {
        let assignment = self.storage.role_assignment(id).await.map_err(stored)?;
        let assignment = assignment.ok_or(ServiceError::NotFound)?;
        let place = assignment.place.place;
        authorize(actor, Permit::WriteAccess, &place).map_err(refused)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.unassign(id).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let mut entry =
            entry(actor, "role.unassign", "role assignment", id, &assignment.principal_name, place);
        entry.changes = vec![change("role", Some(assignment.role.as_str().to_owned()), None)];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }

    pub(super) async fn make_service_account(
        &self,
        actor: &Actor,
        place: Uuid,
        name: &str,
        role_word: &str,
    ) -> Result<UserId, ServiceError> {
        let record = self.find_place(actor, Permit::WriteAccess, place).await?;
        let field = Field::ServiceAccountName;
        check_user_name(field, name)?;
        let role = role(Field::ServiceAccountRole, role_word)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let account = NewServiceAccount { name: name.trim().to_owned(), place: record.place };
        let id = unit.create_service_account(&account).await;
        let id = id.map_err(name_taken(field, &account.name))?;
        let grant = Grant { role, place: record.place };
        unit.assign(&Principal::ServiceAccount(id), grant, &actor.name).await.map_err(stored)?;
        let mut entry =
            entry(actor, "service-account.create", "service account", id, &account.name, record.place);
        entry.changes = vec![change("role", None, Some(role.as_str().to_owned()))];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(id)
    }

    pub(super) async fn remove_service_account(&self, actor: &Actor, id: UserId) -> Result<(), ServiceError> {
        let account = self.storage.service_account(id).await.map_err(stored)?;
        let account = account.ok_or(ServiceError::NotFound)?;
        authorize(actor, Permit::WriteAccess, &account.place).map_err(refused)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.delete_user(id).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        unit.audit(&entry(
            actor,
            "service-account.delete",
            "service account",
            id,
            &account.name,
            account.place,
        ))
        .await
        .map_err(stored)?;
        unit.commit().await.map_err(stored)
    }
}
