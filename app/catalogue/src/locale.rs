//! The languages there are.

/// A language of the portal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English; also what the REST API and the command line speak.
    #[default]
    English,
    /// 简体中文
    Chinese,
}

impl Locale {
    /// Both, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The BCP 47 tag, as in `<html lang>` and in the cookie.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Its own name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// From a tag, as the cookie holds it.
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// The first language of an `Accept-Language` header that there is, else English. Weights are not
    /// compared: browsers send the list in order of preference.
    pub fn accepted(header: &str) -> Self {
        header.split(',').find_map(|part| Self::of_language(part.split(';').next()?)).unwrap_or_default()
    }

    fn of_language(tag: &str) -> Option<Self> {
        let language = tag.trim().split('-').next()?.to_ascii_lowercase();
        match language.as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }
}
