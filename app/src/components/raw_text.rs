//! Text inside elements whose content Leptos writes as it is: `<textarea>` and `<title>`.

/// The text as the element's content: escaped in the server's HTML; in the browser a text is a text.
pub(crate) fn raw_text(text: String) -> String {
    if cfg!(feature = "ssr") { text.replace('&', "&amp;").replace('<', "&lt;") } else { text }
}
