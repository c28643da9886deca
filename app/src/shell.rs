//! The document around the application.

use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::embedding::{self, FrameParent};
use crate::{preferences, routes};

/// The whole document. The only script is the one that brings the page to life, with the nonce of the answer;
/// nothing is preloaded by a link, since a preload without the nonce would be reported by the policy.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let (locale, theme) = preferences::read();
    let parent = use_context::<FrameParent>().map(|FrameParent(parent)| parent);
    // The script of frames is also what the pop-up hands its answer over with; no other page needs it.
    let frames = embedding::needs_script().then(|| {
        view! { <script type="module" src=routes::EMBED_SCRIPT nonce=use_nonce()></script> }
    });
    let package = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let start = format!(
        "import start, {{ hydrate }} from \"{package}.js\";\
         await start({{ module_or_path: \"{package}.wasm\" }});\
         hydrate();"
    );
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag() data-theme=theme.word() data-parent=parent>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href=format!("{package}.css")/>
                <AutoReload options=options/>
                <MetaTags/>
                {frames}
                <script type="module" nonce=use_nonce()>{start}</script>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
