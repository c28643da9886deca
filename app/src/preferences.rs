//! Language and theme of this browser: from its cookies, else from what it asks for.

use catalogue::Locale;
use leptos::prelude::*;

/// Cookie of the language.
pub const LOCALE_COOKIE: &str = "locale";
/// Cookie of the theme.
pub const THEME_COOKIE: &str = "theme";

/// How the portal looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system is set.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As in `data-theme` and in the cookie.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// From the cookie.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark].into_iter().find(|theme| theme.word() == word)
    }

    /// What the switch turns to next.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// The language of this page. It never changes while a page lives: the switch loads the page anew.
pub fn use_locale() -> Locale {
    use_context::<Locale>().unwrap_or_default()
}

/// The theme this page was made with.
pub fn use_theme() -> Theme {
    use_context::<Theme>().unwrap_or_default()
}

/// Puts both into the context of everything below.
pub(crate) fn provide() {
    let (locale, theme) = read();
    provide_context(locale);
    provide_context(theme);
}

#[cfg(feature = "ssr")]
pub(crate) fn read() -> (Locale, Theme) {
    use crate::context::{cookie, header};
    let chosen = cookie(LOCALE_COOKIE).and_then(|tag| Locale::parse(&tag));
    let accepted = || header("accept-language").map(|header| Locale::accepted(&header)).unwrap_or_default();
    let theme = cookie(THEME_COOKIE).and_then(|word| Theme::parse(&word)).unwrap_or_default();
    (chosen.unwrap_or_else(accepted), theme)
}

/// The server wrote both into the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn read() -> (Locale, Theme) {
    let attribute = |name: &str| {
        let page = document().document_element();
        page.and_then(|page| page.get_attribute(name)).unwrap_or_default()
    };
    (
        Locale::parse(&attribute("lang")).unwrap_or_default(),
        Theme::parse(&attribute("data-theme")).unwrap_or_default(),
    )
}
