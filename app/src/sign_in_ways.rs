//! The ways to sign in beside a password, and why one of them just failed: told by the server with the page.

use domain::service::{ProviderRow, RefusedSignIn};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::wire::Wire;

/// What the page to sign in shows beside its form. Empty on every other page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInWays {
    /// The identity providers, in the order of the settings.
    pub providers: Vec<ProviderRow>,
    /// Why nobody was signed in.
    pub refused: Option<RefusedSignIn>,
}

/// Takes it from the server's context; in the browser from the page the server made.
pub(crate) fn provide() {
    provide_context(SharedValue::<_, Wire>::new_with_encoding(ways).into_inner());
}

fn ways() -> SignInWays {
    #[cfg(feature = "ssr")]
    {
        use std::sync::Arc;

        use domain::service::ProviderService;

        let providers = match use_context::<Arc<dyn ProviderService>>() {
            Some(service) if crate::context::asking().is_none() => service.providers(),
            _ => Vec::new(),
        };
        SignInWays { providers, refused: use_context::<RefusedSignIn>() }
    }
    #[cfg(not(feature = "ssr"))]
    SignInWays::default()
}
