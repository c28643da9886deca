//! Use cases on the people of the installation: for administrators.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{ResultingRole, RoleAssignmentRow, ServiceError};
use crate::access::Actor;
use crate::clock::Moment;
use crate::id::UserId;

/// People of one page of the list.
pub const PEOPLE_MAX: u32 = 100;

/// A page of people, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonList {
    pub people: Vec<PersonRow>,
    /// Name behind which the next page begins; `None` on the last.
    pub next: Option<String>,
    pub now: Moment,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    pub id: UserId,
    pub name: String,
    /// Owner of everything.
    pub administrator: bool,
    /// Signs in with a password of ours.
    pub has_password: bool,
    pub created_at: Moment,
    /// When a session that is still open was used last.
    pub last_seen: Option<Moment>,
}

/// A person with all rights there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetail {
    pub row: PersonRow,
    /// What was assigned to the person and to groups the person is in.
    pub assignments: Vec<RoleAssignmentRow>,
    /// What that comes to at each place where something was assigned.
    pub resulting: Vec<ResultingRole>,
    /// It is the one who asks.
    pub oneself: bool,
    pub now: Moment,
}

/// A one-time link that was made just now, for whoever hands it on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLink {
    /// Whose password it sets.
    pub name: String,
    /// Path and query, to be opened within an hour.
    pub path: String,
}

/// Use cases on people.
#[async_trait]
pub trait PeopleService: Send + Sync {
    /// A page of people behind a name.
    async fn people(&self, actor: &Actor, after: &str) -> Result<PersonList, ServiceError>;
    /// One person.
    async fn person(&self, actor: &Actor, id: UserId) -> Result<PersonDetail, ServiceError>;
    /// Makes a person and the link by which the password is set.
    async fn create_person(&self, actor: &Actor, name: &str) -> Result<NewLink, ServiceError>;
    /// A new link for somebody who lost the password; the old password holds until the link is used.
    async fn reset_password(&self, actor: &Actor, id: UserId) -> Result<NewLink, ServiceError>;
    /// Forgets a person with sessions, tokens and roles; not oneself.
    async fn delete_person(&self, actor: &Actor, id: UserId) -> Result<(), ServiceError>;
}
