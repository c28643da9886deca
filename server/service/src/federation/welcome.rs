//! Whom a provider vouches for: found by issuer and subject, never by name or mail address, or made.

use domain::id::UserId;
use domain::service::{NewSession, ServiceError, Visit};
use storage::{AuditEntry, Identity, UnitOfWork};

use super::{Federation, IdentityProvider, ProvenIdentity, change};
use crate::accounts::{USER_NAME_MAX, signing_in};
use crate::error::{internal, stored};
use crate::text::single_line;

/// Tries for a name that nobody has.
const NAMES_TRIED: u32 = 1000;
/// Names that the audit's entry lists of the groups; the others are counted.
const GROUPS_TOLD: usize = 50;

impl Federation {
    /// Opens a session for the user, who has from now on the groups that the provider named and no others of it.
    pub(super) async fn welcome(
        &self,
        provider: &dyn IdentityProvider,
        proven: &ProvenIdentity,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let ProvenIdentity { issuer, subject, name, groups } = proven;
        let identity = Identity {
            provider: provider.name().to_owned(),
            issuer: issuer.clone(),
            subject: subject.clone(),
        };
        let mut unit = self.accounts.storage.begin().await.map_err(stored)?;
        let known = unit.identity_user(&identity).await.map_err(stored)?;
        let user = match known {
            Some(user) => user,
            None => make_user(&mut unit, &identity, name.as_deref(), visit).await?,
        };
        unit.set_groups(user, provider.name(), groups).await.map_err(stored)?;
        if let Some(group) = provider.administrators_group() {
            let administrator = groups.iter().any(|named| named == group);
            unit.set_administrator(user, administrator).await.map_err(stored)?;
        }
        // What a session's owner may do is read when it is opened, so it is there before.
        unit.commit().await.map_err(stored)?;
        let mut unit = self.accounts.storage.begin().await.map_err(stored)?;
        let session = self.accounts.open_session(&mut unit, user, Some(provider.name()), visit).await?;
        let actor = signing_in(user, &unit.user_name(user).await.map_err(stored)?, visit);
        let mut entry = AuditEntry::done(&actor, "session.create", "user", user.to_string(), &actor.name);
        entry.changes =
            vec![change("provider", provider.name().to_owned()), change("groups", told_groups(groups))];
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(session)
    }
}

/// A user for somebody who comes for the first time.
async fn make_user(
    unit: &mut UnitOfWork,
    identity: &Identity,
    name: Option<&str>,
    visit: &Visit,
) -> Result<UserId, ServiceError> {
    let name = free_name(unit, &identity.provider, &shown_name(name, &identity.subject)).await?;
    let user = unit.create_user(&name, false).await.map_err(stored)?;
    unit.create_identity(identity, user).await.map_err(stored)?;
    let actor = signing_in(user, &name, visit);
    let mut entry = AuditEntry::done(&actor, "user.create", "user", user.to_string(), &name);
    entry.changes =
        vec![change("provider", identity.provider.clone()), change("subject", identity.subject.clone())];
    unit.audit(&entry).await.map_err(stored)?;
    Ok(user)
}

/// The name as far as it can be one of ours; else the subject.
fn shown_name(name: Option<&str>, subject: &str) -> String {
    let name = name.map(str::trim).filter(|name| single_line(name, USER_NAME_MAX).is_ok());
    let name = name.unwrap_or(subject);
    name.chars().take(USER_NAME_MAX).collect()
}

/// The name itself, else with the provider's behind it, else with a number too: a name that a local user has is never
/// somebody else's.
async fn free_name(unit: &mut UnitOfWork, provider: &str, name: &str) -> Result<String, ServiceError> {
    for attempt in 0..NAMES_TRIED {
        let suffix = match attempt {
            0 => String::new(),
            1 => format!(" ({provider})"),
            attempt => format!(" ({provider} {attempt})"),
        };
        let kept = USER_NAME_MAX.saturating_sub(suffix.chars().count());
        let candidate = format!("{}{suffix}", name.chars().take(kept).collect::<String>().trim());
        if !unit.is_user_name_taken(&candidate).await.map_err(stored)? {
            return Ok(candidate);
        }
    }
    Err(internal("a user could not be made", &format!("every name like {name:?} is taken")))
}

fn told_groups(groups: &[String]) -> String {
    let told = groups.iter().take(GROUPS_TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    match groups.len().saturating_sub(GROUPS_TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_hides_something_or_is_none_gives_way_to_the_subject() {
        assert_eq!(shown_name(Some(" Ada "), "42"), "Ada");
        for name in [None, Some(""), Some("a\u{202e}b"), Some("a\nb")] {
            assert_eq!(shown_name(name, "42"), "42", "{name:?}");
        }
    }
}
