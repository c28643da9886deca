//! What the command line does with people: whoever can run the program beside its data may do everything already.

use domain::access::Via;
use domain::id::UserId;
use domain::password::check_password;
use domain::service::{ServiceError, TOKEN_DAYS_MAX, TOKEN_NAME_MAX};
use domain::violation::Field;
use storage::{AuditEntry, AuditOutcome};

use super::{Accounts, check_user_name};
use crate::error::{hashed, invalid, name_taken, stored};
use crate::tokens::{self, new_token};

impl Accounts {
    /// Makes a user. Without a password the secret of a one-time link is given back,
    /// with one an empty text.
    pub async fn create_user(
        &self,
        name: &str,
        administrator: bool,
        password: Option<&str>,
    ) -> Result<String, ServiceError> {
        check_user_name(Field::UserName, name)?;
        let hash = match password {
            None => None,
            Some(password) => {
                check_password(password, name).map_err(|rule| invalid(Field::Password, rule))?;
                Some(self.passwords.hash(password).await.map_err(hashed)?)
            }
        };
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let user = unit.create_user(name, administrator).await;
        let user = user.map_err(name_taken(Field::UserName, name))?;
        let link = match hash {
            Some(hash) => {
                unit.set_password(user, &hash).await.map_err(stored)?;
                String::new()
            }
            None => self.new_link(&mut unit, user).await?,
        };
        unit.audit(&by_command_line("user.create", user, name)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(link)
    }

    /// On a new database: makes the administrator and gives back the secret of the link that sets the password.
    /// When nobody has used the link of an earlier start, a new one is made. `None` once a password is set, or
    /// when an identity provider vouches for the administrator.
    pub async fn first_administrator(&self, name: &str) -> Result<Option<String>, ServiceError> {
        match self.storage.administrator().await.map_err(stored)? {
            Some(administrator) if administrator.password_hash.is_some() => Ok(None),
            Some(administrator) => {
                let mut unit = self.storage.begin().await.map_err(stored)?;
                if unit.has_identity(administrator.id).await.map_err(stored)? {
                    return Ok(None);
                }
                let link = self.new_link(&mut unit, administrator.id).await?;
                unit.commit().await.map_err(stored)?;
                Ok(Some(link))
            }
            None => self.create_user(name, true, None).await.map(Some),
        }
    }

    /// Makes a bearer token for the REST API and gives it back: only its hash is kept.
    pub async fn create_token(&self, user_name: &str, name: &str, days: u32) -> Result<String, ServiceError> {
        let user = self.storage.user_by_name(user_name).await.map_err(stored)?;
        let user = user.ok_or(ServiceError::NotFound)?;
        let days = days.clamp(1, TOKEN_DAYS_MAX);
        let name: String = name.chars().take(TOKEN_NAME_MAX).collect();
        let (token, new) = new_token(user.id, &name, tokens::end(self.clock.now(), days), None)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        unit.create_token(&new).await.map_err(stored)?;
        unit.audit(&by_command_line("token.create", user.id, &new.name)).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(token)
    }
}

fn by_command_line(action: &str, user: UserId, name: &str) -> AuditEntry {
    AuditEntry {
        actor: None,
        actor_name: "command line".to_owned(),
        action: action.to_owned(),
        target_kind: "user".to_owned(),
        target_id: user.to_string(),
        target_name: name.to_owned(),
        place: None,
        via: Via::default(),
        outcome: AuditOutcome::Done,
        changes: Vec::new(),
    }
}
