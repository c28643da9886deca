//! The pages whose code the browser loads when one of them is opened first: everything that lies behind the lists.
//! What a person sees first – signing in, and the lists – is half of the code, and is there after half of the time.
//!
//! There is one split point and therefore one more file; each page as its own split would be dozens of files, one
//! per set of pages that share code. Only `cargo leptos build --split` writes that file, so the Makefile always says it.
//!
//! # To load another page later
//!
//! A line in `later!`, then `Lazy::<later::Name>::new()` as view of its route.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use crate::pages::{activity, api, clusters, configurations, embed, people, places, settings};

/// Makes a route of each page, and the one function they all go through.
macro_rules! later {
    ($($page:ident from $module:ident,)*) => {
        /// One of the pages.
        enum Later {
            $($page,)*
        }

        fn view_of(page: Later) -> AnyView {
            match page {
                $(Later::$page => view! { <$module::$page/> }.into_any(),)*
            }
        }

        $(
            /// The page of this name, later.
            pub(crate) struct $page;

            impl LazyRoute for $page {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    split::load(Later::$page).await
                }

                async fn preload() {
                    split::preload().await;
                }
            }
        )*
    };
}

later! {
    Connect from clusters,
    ClusterPage from clusters,
    AddConfiguration from configurations,
    ConfigurationPage from configurations,
    SettingsPage from settings,
    ApiPage from api,
    PlacesPage from places,
    PlacePage from places,
    ServiceAccountPage from places,
    PeoplePage from people,
    PersonPage from people,
    ActivityPage from activity,
    EmbedSignIn from embed,
    EmbedGrant from embed,
}

/// All that is called here and nowhere else becomes the second file.
mod split {
    use leptos::prelude::AnyView;

    use super::{Later, view_of};

    #[leptos::wasm_split::wasm_split(later, wasm_split_path = ::leptos::wasm_split, preload(preload))]
    pub(super) fn load(page: Later) -> AnyView {
        view_of(page)
    }
}
