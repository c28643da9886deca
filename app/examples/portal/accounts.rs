//! Sessions and tokens of the made-up world.

use async_trait::async_trait;
use domain::access::Actor;
use domain::id::{SessionId, TokenId, UserId};
use domain::service::{
    AccountService, Entered, NewSession, NewToken, OwnAccount, PasswordChange, ServiceAccountTokens,
    ServiceError, SessionList, TokenDraft, TokenList, TokenService, Visit,
};
use domain::violation::{Field, Rule, Violations};

use crate::sample::{PASSWORD, Sample, actor};
use crate::{access, world};

#[async_trait]
impl AccountService for Sample {
    async fn sign_in(
        &self,
        user_name: &str,
        password: &str,
        _visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        if user_name == "ada" && password == PASSWORD {
            return Ok(session());
        }
        let mut violations = Violations::default();
        violations.push(Field::Password, Rule::SignInRefused);
        Err(ServiceError::Invalid { violations })
    }

    async fn sign_out(&self, _actor: &Actor, _secret: &str) -> Result<Option<String>, ServiceError> {
        Ok(None)
    }

    async fn sessions(&self, _actor: &Actor, _secret: &str) -> Result<SessionList, ServiceError> {
        Ok(SessionList { sessions: vec![world::session()], now: world::moment(0) })
    }

    async fn end_session(&self, _actor: &Actor, _id: SessionId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn actor(&self, _secret: &str) -> Result<Option<Actor>, ServiceError> {
        Ok(Some(actor()))
    }

    async fn enter(&self, _secret: &str) -> Result<Option<Entered>, ServiceError> {
        Ok(Some(Entered { actor: actor(), renewed: None }))
    }

    async fn link_user(&self, link: &str) -> Result<Option<String>, ServiceError> {
        Ok((link == "fresh").then(|| "ada".to_owned()))
    }

    async fn set_password(
        &self,
        _link: &str,
        password: &str,
        password_again: &str,
        _visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        if password == password_again {
            return Ok(session());
        }
        let mut violations = Violations::default();
        violations.push(Field::PasswordAgain, Rule::PasswordsDiffer);
        Err(ServiceError::Invalid { violations })
    }

    async fn account(&self, actor: &Actor) -> Result<OwnAccount, ServiceError> {
        Ok(OwnAccount { name: actor.name.clone(), has_password: true })
    }

    async fn change_password(
        &self,
        _actor: &Actor,
        change: &PasswordChange,
        _visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        if change.present == PASSWORD {
            return Ok(session());
        }
        let mut violations = Violations::default();
        violations.push(Field::PresentPassword, Rule::NotPresentPassword);
        Err(ServiceError::Invalid { violations })
    }
}

fn session() -> NewSession {
    NewSession { secret: "in".to_owned(), max_age_seconds: 3600 }
}

#[async_trait]
impl TokenService for Sample {
    async fn bearer(&self, _token: &str) -> Result<Option<Actor>, ServiceError> {
        Ok(None)
    }

    async fn list(&self, _actor: &Actor) -> Result<TokenList, ServiceError> {
        Ok(TokenList { tokens: vec![world::token()], now: world::moment(0) })
    }

    async fn create(&self, _actor: &Actor, draft: &TokenDraft) -> Result<NewToken, ServiceError> {
        if draft.name.is_empty() {
            let mut violations = Violations::default();
            violations.push(Field::TokenName, Rule::Required);
            return Err(ServiceError::Invalid { violations });
        }
        Ok(NewToken { token: "flp_shown-once".to_owned(), row: world::token() })
    }

    async fn end(&self, _actor: &Actor, _id: TokenId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn list_of(&self, actor: &Actor, _account: UserId) -> Result<ServiceAccountTokens, ServiceError> {
        let list = TokenService::list(self, actor).await?;
        let way = access::way();
        Ok(ServiceAccountTokens { name: "wall".to_owned(), places: vec![way.clone()], place: way, list })
    }

    async fn create_for(
        &self,
        actor: &Actor,
        _account: UserId,
        draft: &TokenDraft,
    ) -> Result<NewToken, ServiceError> {
        TokenService::create(self, actor, draft).await
    }

    async fn end_of(&self, _actor: &Actor, _account: UserId, _id: TokenId) -> Result<(), ServiceError> {
        Ok(())
    }
}
