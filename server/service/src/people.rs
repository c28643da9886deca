//! The people of the installation, for administrators.

use async_trait::async_trait;
use domain::access::{Actor, Principal};
use domain::id::UserId;
use domain::service::{
    Conflict, NewLink, PEOPLE_MAX, PeopleService, PersonDetail, PersonList, PersonRow, ServiceError,
};
use domain::violation::Field;
use storage::{AuditEntry, PersonRecord};

use crate::access::list::assignment_row;
use crate::access::resulting::resulting_of;
use crate::accounts::{Accounts, check_user_name};
use crate::error::{name_taken, stored};
use crate::moment::moment;

#[async_trait]
impl PeopleService for Accounts {
    async fn people(&self, actor: &Actor, after: &str) -> Result<PersonList, ServiceError> {
        only_administrators(actor)?;
        let mut people = self.storage.people(after, PEOPLE_MAX + 1).await.map_err(stored)?;
        let more = people.len() > PEOPLE_MAX as usize;
        people.truncate(PEOPLE_MAX as usize);
        let next = people.last().filter(|_| more).map(|last| last.name.clone());
        let people = people.into_iter().map(person_row).collect();
        Ok(PersonList { people, next, now: moment(self.clock.now()) })
    }

    async fn person(&self, actor: &Actor, id: UserId) -> Result<PersonDetail, ServiceError> {
        only_administrators(actor)?;
        let record = self.storage.person(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let assignments = self.storage.assignments_of(id).await.map_err(stored)?;
        let resulting = resulting_of(&Principal::Person(id), &record.name, &assignments);
        Ok(PersonDetail {
            row: person_row(record),
            resulting,
            assignments: assignments.into_iter().map(|one| assignment_row(one, false)).collect(),
            oneself: actor.user == id,
            now: moment(self.clock.now()),
        })
    }

    async fn create_person(&self, actor: &Actor, name: &str) -> Result<NewLink, ServiceError> {
        only_administrators(actor)?;
        check_user_name(Field::UserName, name)?;
        let name = name.trim();
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let user = unit.create_user(name, false).await.map_err(name_taken(Field::UserName, name))?;
        let link = self.new_link(&mut unit, user).await?;
        let entry = AuditEntry::done(actor, "user.create", "user", user.to_string(), name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(new_link(name, &link))
    }

    async fn reset_password(&self, actor: &Actor, id: UserId) -> Result<NewLink, ServiceError> {
        only_administrators(actor)?;
        let person = self.storage.person(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if unit.has_identity(id).await.map_err(stored)? {
            return Err(ServiceError::Conflict { conflict: Conflict::SignsInElsewhere });
        }
        let link = self.new_link(&mut unit, id).await?;
        let entry = AuditEntry::done(actor, "user.reset-password", "user", id.to_string(), &person.name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(new_link(&person.name, &link))
    }

    async fn delete_person(&self, actor: &Actor, id: UserId) -> Result<(), ServiceError> {
        only_administrators(actor)?;
        let person = self.storage.person(id).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        if actor.user == id {
            return Err(ServiceError::Conflict { conflict: Conflict::Oneself });
        }
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if !unit.delete_user(id).await.map_err(stored)? {
            return Err(ServiceError::NotFound);
        }
        let entry = AuditEntry::done(actor, "user.delete", "user", id.to_string(), &person.name);
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)
    }
}

/// Nobody else learns who there is: for them the page does not exist.
fn only_administrators(actor: &Actor) -> Result<(), ServiceError> {
    if actor.administers() { Ok(()) } else { Err(ServiceError::NotFound) }
}

fn new_link(name: &str, secret: &str) -> NewLink {
    NewLink { name: name.to_owned(), path: format!("/set-password?link={secret}") }
}

fn person_row(record: PersonRecord) -> PersonRow {
    let PersonRecord { id, name, administrator, has_password, created_at, last_seen } = record;
    PersonRow {
        id,
        name,
        administrator,
        has_password,
        created_at: moment(created_at),
        last_seen: last_seen.map(moment),
    }
}
