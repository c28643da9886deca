//! People, for administrators.

use domain::id::UserId;
use domain::service::{NewLink, PersonDetail, PersonList};
use leptos::prelude::*;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::people;
#[cfg(feature = "ssr")]
use crate::{
    context::{actor, refused},
    routes,
};

/// A page of people behind a name.
#[server(prefix = "/api/portal", endpoint = "list_people", output = Answer)]
pub async fn list_people(#[server(default)] after: String) -> Result<PersonList, WireError> {
    people()?.people(&actor()?, &after).await.map_err(refused)
}

/// One person.
#[server(prefix = "/api/portal", endpoint = "get_person", output = Answer)]
pub async fn get_person(id: UserId) -> Result<PersonDetail, WireError> {
    people()?.person(&actor()?, id).await.map_err(refused)
}

/// Makes a person. The page that answers shows the link, and no other.
#[server(prefix = "/api/portal", endpoint = "create_person", output = Answer)]
pub async fn create_person(#[server(default)] user_name: String) -> Result<NewLink, WireError> {
    let made = people()?.create_person(&actor()?, &user_name).await.map_err(refused)?;
    crate::forms::show_answer();
    Ok(made)
}

/// A new link for the password. The page that answers shows it, and no other.
#[server(prefix = "/api/portal", endpoint = "reset_password", output = Answer)]
pub async fn reset_password(id: UserId) -> Result<NewLink, WireError> {
    let made = people()?.reset_password(&actor()?, id).await.map_err(refused)?;
    crate::forms::show_answer();
    Ok(made)
}

/// Forgets a person and goes to the list.
#[server(prefix = "/api/portal", endpoint = "delete_person", output = Answer)]
pub async fn delete_person(id: UserId) -> Result<(), WireError> {
    people()?.delete_person(&actor()?, id).await.map_err(refused)?;
    leptos_axum::redirect(routes::PEOPLE);
    Ok(())
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::service::PeopleService;

    use crate::context::service;
    use crate::error::WireError;

    pub(super) fn people() -> Result<Arc<dyn PeopleService>, WireError> {
        service()
    }
}
