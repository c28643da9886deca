//! The browser's entry: takes over the page that the server rendered. Empty in native builds, so that building
//! the whole workspace never mixes the browser's features into the server's.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script of the page.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
