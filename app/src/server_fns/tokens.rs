//! Personal tokens.

use domain::id::TokenId;
use domain::service::{NewToken, TokenList};
use leptos::prelude::*;

use crate::error::WireError;
use crate::wire::Answer;

#[cfg(feature = "ssr")]
use self::server::tokens;
#[cfg(feature = "ssr")]
use crate::context::{actor, refused};

/// One's own.
#[server(prefix = "/api/portal", endpoint = "list_tokens", output = Answer)]
pub async fn list_tokens() -> Result<TokenList, WireError> {
    tokens()?.list(&actor()?).await.map_err(refused)
}

/// Makes one. The page that answers shows it, and no other.
#[server(prefix = "/api/portal", endpoint = "create_token", output = Answer)]
pub async fn create_token(
    #[server(default)] token_name: String,
    #[server(default)] token_days: String,
    #[server(default)] token_role: String,
    #[server(default)] token_place: String,
) -> Result<NewToken, WireError> {
    let draft = domain::service::TokenDraft {
        name: token_name,
        days: token_days,
        role: token_role,
        place: token_place,
    };
    let made = tokens()?.create(&actor()?, &draft).await.map_err(refused)?;
    crate::forms::show_answer();
    Ok(made)
}

/// Ends one of one's own.
#[server(prefix = "/api/portal", endpoint = "end_token", output = Answer)]
pub async fn end_token(id: TokenId) -> Result<(), WireError> {
    tokens()?.end(&actor()?, id).await.map_err(refused)
}

#[cfg(feature = "ssr")]
mod server {
    use std::sync::Arc;

    use domain::service::TokenService;

    use crate::context::service;
    use crate::error::WireError;

    pub(super) fn tokens() -> Result<Arc<dyn TokenService>, WireError> {
        service()
    }
}
