//! Embedding: `parents` which origins may show the portal in a frame; here how somebody comes to be signed in there.

mod parents;

use std::sync::Arc;

use async_trait::async_trait;
use domain::access::{Actor, Permit, Place, Role, authorize};
use domain::clock::Timestamp;
use domain::embed::{EmbedLimit, ParentOrigin, embedded};
use domain::id::SubscriptionId;
use domain::service::{
    Conflict, EMBED_CODE_SECONDS, EmbedCode, EmbedCodeDraft, EmbedGrantView, EmbedParentRow, EmbedService,
    Embedded, NewSession, ServiceError, Visit,
};
use domain::violation::{Field, Rule};
use storage::{AuditEntry, AuditOutcome, EmbedCodeRecord, EmbedSessionUse, Storage};

use crate::accounts::{Accounts, Lifetime, signing_in};
use crate::bearer::{new_secret, stored_hash};
use crate::error::{invalid, random, refused, stored};
use crate::moment::moment;

/// A session that a person opened in a frame ends after this long without use, and in any case; with the one that it was
/// granted in at the latest.
const GRANTED: Lifetime = Lifetime { idle_milliseconds: 60 * 60 * 1000, absolute_seconds: 12 * 60 * 60 };
/// One that a dashboard's server asked for: minutes, after which the dashboard asks again.
const ISSUED: Lifetime = Lifetime { idle_milliseconds: 15 * 60 * 1000, absolute_seconds: 15 * 60 };
/// Codes of one user at once. They live for a minute: more than this is a program that runs wild.
const CODES_MAX: u32 = 1000;
/// Characters of a challenge: the SHA-256 of something, in base64url.
const CHALLENGE: usize = 43;

/// Use cases on embedding.
#[derive(Clone)]
pub struct Embedding {
    storage: Arc<Storage>,
    accounts: Accounts,
}

impl Embedding {
    /// Over this database, opening sessions as these use cases do.
    pub fn new(storage: Arc<Storage>, accounts: Accounts) -> Self {
        Self { storage, accounts }
    }

    /// Stores a code and gives it back, once.
    async fn new_code(
        &self,
        actor: &Actor,
        parent: ParentOrigin,
        challenge: Option<String>,
        limit: EmbedLimit,
        session_until: Option<Timestamp>,
    ) -> Result<EmbedCode, ServiceError> {
        let code = new_secret().map_err(random)?;
        let mut unit = self.storage.begin().await.map_err(stored)?;
        if unit.count_embed_codes(actor.user).await.map_err(stored)? >= CODES_MAX {
            return Err(ServiceError::Busy);
        }
        let expires_at = unit.now().plus_milliseconds(EMBED_CODE_SECONDS * 1000);
        let mut entry =
            AuditEntry::done(actor, "embed-code.create", "user", actor.user.to_string(), parent.as_str());
        entry.place = limit.place;
        let user = actor.user;
        let record = EmbedCodeRecord { user, parent, challenge, limit, expires_at, session_until };
        unit.create_embed_code(&stored_hash(&code), &record).await.map_err(stored)?;
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(EmbedCode { code, expires_at: moment(expires_at) })
    }

    /// The place that a program names, if the actor has at least this role there.
    async fn place(&self, actor: &Actor, draft: &EmbedCodeDraft, role: Role) -> Result<Place, ServiceError> {
        let group = self.storage.resource_group_by_name(draft.subscription, &draft.resource_group).await;
        let group = group.map_err(stored)?.ok_or(ServiceError::NotFound)?;
        let place = if draft.cluster.is_empty() {
            group.place()
        } else {
            let named = self.storage.clusters_named(group.id, &draft.cluster).await.map_err(stored)?;
            let seen = |place: &Place| authorize(actor, Permit::Read, place).is_ok();
            let place = named.into_iter().map(|cluster| cluster.place).find(seen);
            place.ok_or(ServiceError::NotFound)?
        };
        let permit = if role == Role::Reader { Permit::Read } else { Permit::WriteConfiguration };
        authorize(actor, permit, &place).map_err(refused)?;
        Ok(place)
    }

    /// The live session with this hash, if its parent is still allowed somewhere.
    async fn found(&self, hash: &str) -> Result<Option<Found>, ServiceError> {
        let used = self.storage.use_embed_session(hash, GRANTED.idle_milliseconds).await.map_err(stored)?;
        let Some(session) = used else { return Ok(None) };
        let allowed = self.allowed(&session.parent).await?;
        let owner = self.storage.actor(session.user).await.map_err(stored)?.filter(|_| !allowed.is_empty());
        Ok(owner.map(|owner| Found { session, owner, allowed }))
    }

    async fn allowed(&self, parent: &ParentOrigin) -> Result<Vec<SubscriptionId>, ServiceError> {
        self.storage.embed_allowed(parent).await.map_err(stored)
    }
}

/// A session in a frame, with all that its owner may do elsewhere.
struct Found {
    session: EmbedSessionUse,
    owner: Actor,
    /// The subscriptions that allow its parent.
    allowed: Vec<SubscriptionId>,
}

impl Found {
    fn into_embedded(self, renewed: Option<NewSession>) -> Embedded {
        let Self { session: EmbedSessionUse { parent, limit, .. }, owner, allowed } = self;
        Embedded { actor: embedded(owner, &limit, &allowed), parent, renewed }
    }
}

#[async_trait]
impl EmbedService for Embedding {
    async fn parents(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
    ) -> Result<Vec<EmbedParentRow>, ServiceError> {
        self.list_parents(actor, subscription).await
    }

    async fn allow_parent(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        origin: &str,
    ) -> Result<(), ServiceError> {
        self.add_parent(actor, subscription, origin).await
    }

    async fn disallow_parent(
        &self,
        actor: &Actor,
        subscription: SubscriptionId,
        origin: &str,
    ) -> Result<(), ServiceError> {
        self.remove_parent(actor, subscription, origin).await
    }

    async fn grant_view(&self, actor: &Actor, parent: &str) -> Result<EmbedGrantView, ServiceError> {
        let parent = ParentOrigin::parse(parent).map_err(|_| ServiceError::NotFound)?;
        let anywhere = EmbedLimit { role: Role::Reader, place: None };
        let allowed = self.allowed(&parent).await?;
        let inside = embedded(actor.clone(), &anywhere, &allowed);
        let seen: Vec<SubscriptionId> =
            inside.grants.iter().map(|grant| grant.place.subscription()).collect();
        let mut subscriptions = Vec::new();
        for id in allowed.into_iter().filter(|id| seen.contains(id)) {
            subscriptions.extend(self.storage.subscription_name(id).await.map_err(stored)?);
        }
        if subscriptions.is_empty() {
            return Err(ServiceError::NotFound);
        }
        subscriptions.sort_unstable();
        Ok(EmbedGrantView { parent, subscriptions })
    }

    async fn grant(
        &self,
        actor: &Actor,
        secret: &str,
        parent: &str,
        challenge: &str,
        role: &str,
    ) -> Result<EmbedCode, ServiceError> {
        let EmbedGrantView { parent, .. } = self.grant_view(actor, parent).await?;
        let role = embed_role(role)?;
        if challenge.len() != CHALLENGE || !challenge.is_ascii() {
            return Err(ServiceError::Conflict { conflict: Conflict::EmbedCodeUsed });
        }
        let until = self.storage.session_until(&stored_hash(secret)).await.map_err(stored)?;
        let until = until.ok_or(ServiceError::Unauthenticated)?;
        let limit = EmbedLimit { role, place: None };
        self.new_code(actor, parent, Some(challenge.to_owned()), limit, Some(until)).await
    }

    async fn issue(&self, actor: &Actor, draft: &EmbedCodeDraft) -> Result<EmbedCode, ServiceError> {
        let role = embed_role(&draft.role)?;
        let place = self.place(actor, draft, role).await?;
        let parent = ParentOrigin::parse(&draft.parent).map_err(|rule| invalid(Field::ParentOrigin, rule))?;
        if !self.allowed(&parent).await?.contains(&place.subscription()) {
            return Err(invalid(Field::ParentOrigin, Rule::ParentNotAllowed));
        }
        self.new_code(actor, parent, None, EmbedLimit { role, place: Some(place) }, None).await
    }

    async fn enter(&self, code: &str, verifier: &str, visit: &Visit) -> Result<NewSession, ServiceError> {
        let used = || ServiceError::Conflict { conflict: Conflict::EmbedCodeUsed };
        let mut unit = self.storage.begin().await.map_err(stored)?;
        let taken = unit.take_embed_code(&stored_hash(code)).await.map_err(stored)?;
        let Some(EmbedCodeRecord { user, parent, challenge, limit, expires_at, session_until }) = taken
        else {
            tracing::warn!("a code for a frame was refused: it is none of ours, or was used already");
            drop(unit);
            self.accounts.note_stranger("a one-time code for a frame", &visit.via).await?;
            return Err(used());
        };
        let name = self.storage.user(user).await.map_err(stored)?.map(|user| user.name).unwrap_or_default();
        let actor = signing_in(user, &name, visit);
        let mut entry = AuditEntry::done(&actor, "session.create", "user", user.to_string(), parent.as_str());
        entry.place = limit.place;
        let known = match &challenge {
            Some(challenge) => !verifier.is_empty() && stored_hash(verifier) == *challenge,
            None => verifier.is_empty(),
        };
        let lifetime = lifetime(challenge.is_some(), session_until, unit.now());
        if !known || expires_at <= unit.now() || lifetime.absolute_seconds <= 0 {
            entry.outcome = AuditOutcome::Refused;
            unit.audit(&entry).await.map_err(stored)?;
            // The code is gone with it.
            unit.commit().await.map_err(stored)?;
            return Err(used());
        }
        let session = self.accounts.open_session_for(&mut unit, user, None, lifetime, visit).await?;
        unit.bind_session(&stored_hash(&session.secret), &parent, &limit).await.map_err(stored)?;
        unit.audit(&entry).await.map_err(stored)?;
        unit.commit().await.map_err(stored)?;
        Ok(session)
    }

    async fn embedded(&self, secret: &str) -> Result<Option<Embedded>, ServiceError> {
        Ok(self.found(&stored_hash(secret)).await?.map(|found| found.into_embedded(None)))
    }

    async fn enter_embedded(&self, secret: &str) -> Result<Option<Embedded>, ServiceError> {
        let hash = stored_hash(secret);
        let Some(found) = self.found(&hash).await? else { return Ok(None) };
        // Whoever comes with the secret before has it from a page that was loaded before.
        let Found { session, owner, .. } = &found;
        let renewed =
            if session.renewed { None } else { self.accounts.renew(&hash, &session.rights, owner).await? };
        Ok(Some(found.into_embedded(renewed)))
    }

    async fn listed(&self, parent: &str) -> Result<Option<ParentOrigin>, ServiceError> {
        let Ok(parent) = ParentOrigin::parse(parent) else { return Ok(None) };
        Ok((!self.allowed(&parent).await?.is_empty()).then_some(parent))
    }
}

/// How long a session in a frame lives: one that a person granted no longer than the session it was granted in, so that what
/// an identity provider said of somebody holds nowhere for longer than it does there.
fn lifetime(granted: bool, session_until: Option<Timestamp>, now: Timestamp) -> Lifetime {
    let most = if granted { GRANTED } else { ISSUED };
    let left = session_until.map_or(i64::MAX, |until| until.milliseconds_since(now) / 1000);
    Lifetime { absolute_seconds: most.absolute_seconds.min(left), ..most }
}

/// The most that a session in a frame may do. Rights and clusters are never changed from there.
fn embed_role(word: &str) -> Result<Role, ServiceError> {
    match Role::parse(word.trim()) {
        None if word.trim().is_empty() => Ok(Role::Reader),
        Some(role @ (Role::Reader | Role::Contributor)) => Ok(role),
        _ => {
            let allowed = [Role::Reader, Role::Contributor].map(|role| role.as_str().to_owned()).to_vec();
            Err(invalid(Field::Role, Rule::OneOf { allowed }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_in_a_frame_ends_with_the_one_it_was_granted_in_at_the_latest() {
        let now = Timestamp(1_790_000_000_000);
        for (granted, left, seconds) in [
            (true, Some(7 * 24 * 3600), 12 * 3600),
            (true, Some(600), 600),
            (true, Some(0), 0),
            (true, None, 12 * 3600),
            (false, None, 15 * 60),
        ] {
            let until = left.map(|seconds| now.plus_milliseconds(seconds * 1000));
            assert_eq!(lifetime(granted, until, now).absolute_seconds, seconds, "{granted} {left:?}");
        }
    }
}
