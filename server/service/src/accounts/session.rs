//! A browser's session: how long it lives, and how it gets its secrets.

use domain::access::Actor;
use domain::id::UserId;
use domain::service::{NewSession, ServiceError, SessionRow, Visit};
use storage::UnitOfWork;

use super::Accounts;
use crate::bearer::{new_secret, stored_hash};
use crate::error::{random, stored};
use crate::moment::moment;

/// A session ends after this long without use (ASVS 7.3.1).
pub(super) const IDLE_MILLISECONDS: i64 = 8 * 60 * 60 * 1000;
/// A session ends after this long in any case (ASVS 7.3.2).
const ABSOLUTE_SECONDS: i64 = 7 * 24 * 60 * 60;
/// One that a provider vouched for ends sooner: its groups are known as they were at the sign-in, and somebody who was
/// taken out of a group keeps its roles no longer than this.
const PROVIDER_ABSOLUTE_SECONDS: i64 = 12 * 60 * 60;
/// The secret before a session's present one is good for this long at most, for the browser has it until the answer with the
/// new one has come.
const RENEWED_MILLISECONDS: i64 = 30_000;
/// What is kept of what a browser calls itself.
const USER_AGENT_MAX: usize = 256;

/// How long a session lives.
#[derive(Clone, Copy)]
pub(crate) struct Lifetime {
    /// Without use.
    pub(crate) idle_milliseconds: i64,
    /// In any case.
    pub(crate) absolute_seconds: i64,
}

impl Accounts {
    /// Opens a session in this unit, in place of the one that the browser has; its secret is known to the browser alone.
    /// `provider` is who vouches for the person, when it is not our own password.
    pub(crate) async fn open_session(
        &self,
        unit: &mut UnitOfWork,
        user: UserId,
        provider: Option<&str>,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let absolute_seconds = if provider.is_some() { PROVIDER_ABSOLUTE_SECONDS } else { ABSOLUTE_SECONDS };
        let lifetime = Lifetime { idle_milliseconds: IDLE_MILLISECONDS, absolute_seconds };
        self.end_former(unit, user, visit).await?;
        self.open_session_for(unit, user, provider, lifetime, visit).await
    }

    /// The same, for as long as the caller says.
    pub(crate) async fn open_session_for(
        &self,
        unit: &mut UnitOfWork,
        user: UserId,
        provider: Option<&str>,
        lifetime: Lifetime,
        visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        let Lifetime { idle_milliseconds, absolute_seconds } = lifetime;
        let secret = new_secret().map_err(random)?;
        let now = unit.now();
        let actor = self.storage.actor(user).await.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let session = storage::NewSession {
            hash: stored_hash(&secret),
            user,
            idle_until: now.plus_milliseconds(idle_milliseconds),
            expires_at: now.plus_milliseconds(absolute_seconds * 1000),
            user_agent: visit.user_agent.as_ref().map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            address: visit.via.address.clone(),
            provider: provider.map(str::to_owned),
            rights: rights(&actor),
        };
        unit.create_session(&session).await.map_err(stored)?;
        Ok(NewSession { secret, max_age_seconds: absolute_seconds })
    }

    /// Gives a session another secret when its owner's rights are no longer those that it was opened or renewed with.
    pub(crate) async fn renew(
        &self,
        hash: &str,
        rights_then: &str,
        owner: &Actor,
    ) -> Result<Option<NewSession>, ServiceError> {
        let rights_now = rights(owner);
        if rights_now == rights_then {
            return Ok(None);
        }
        let secret = new_secret().map_err(random)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let now = unit.now();
        let until = now.plus_milliseconds(RENEWED_MILLISECONDS);
        let ends =
            unit.renew_session(hash, &stored_hash(&secret), &rights_now, until).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(ends.map(|ends| NewSession { secret, max_age_seconds: ends.milliseconds_since(now) / 1000 }))
    }
}

/// All that somebody may do, in a form that is equal when it is the same.
fn rights(actor: &Actor) -> String {
    let mut grants: Vec<String> = actor.grants.iter().map(|grant| format!("{grant:?}")).collect();
    grants.sort_unstable();
    stored_hash(&format!("{} {}", actor.administrator, grants.join(" ")))
}

pub(super) fn session_row(record: storage::SessionRecord) -> SessionRow {
    let storage::SessionRecord {
        id,
        present,
        created_at,
        last_used_at,
        expires_at,
        user_agent,
        address,
        parent,
    } = record;
    SessionRow {
        id,
        present,
        created_at: moment(created_at),
        last_used_at: moment(last_used_at),
        expires_at: moment(expires_at),
        user_agent,
        address,
        parent,
    }
}
