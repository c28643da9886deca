//! Where the key ring comes from. `command` asks a program for it, `rotation` seals everything by a new key.

mod command;
pub mod rotation;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use vault::{FileSource, KeyRing, KeyRingError, Loaded, RingTextError, Vault};

use self::command::{CommandError, CommandSource};
use crate::settings::Settings;

/// The variable that may hold the ring itself.
pub const VARIABLE: &str = "FAIRLEAD_KEYS";

/// The one place that the ring comes from.
pub enum KeyPlace {
    /// A file; the only place that we can write to.
    File(PathBuf),
    /// The variable [`VARIABLE`], with what it says. No program we start sees it: they get no variable of ours.
    Variable(zeroize::Zeroizing<String>),
    /// What a program prints.
    Command(CommandSource),
}

/// Why there is no ring. Each is a sentence for whoever starts the program; none says a word of a ring.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Two places are set.
    #[error("the keys are to come from {one} and from {other}: set one of the two alone")]
    Two {
        /// The first.
        one: &'static str,
        /// The second.
        other: &'static str,
    },
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] KeyRingError),
    /// The variable does not say what a ring says.
    #[error("the keys in the variable {VARIABLE} cannot be used: {0}")]
    Variable(RingTextError),
    /// The variable is no text.
    #[error("the variable {VARIABLE} is no UTF-8 text")]
    NoText,
    /// The program gives none.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl KeyPlace {
    /// The place that the settings and the environment of this process name.
    pub fn of(settings: &Settings) -> Result<Self, KeysError> {
        Self::among(settings, std::env::var_os(VARIABLE))
    }

    fn among(settings: &Settings, variable: Option<OsString>) -> Result<Self, KeysError> {
        let Settings { key_file, key_command, .. } = settings;
        let two = |one, other| Err(KeysError::Two { one, other });
        match (key_file, variable, key_command) {
            (Some(_), Some(_), _) => two("`key_file`", VARIABLE),
            (Some(_), _, Some(_)) => two("`key_file`", "`key_command`"),
            (_, Some(_), Some(_)) => two(VARIABLE, "`key_command`"),
            (_, None, None) => Ok(Self::File(settings.key_file())),
            (None, Some(text), None) => {
                let text = text.into_string().map_err(|_| KeysError::NoText)?;
                Ok(Self::Variable(text.into()))
            }
            (None, None, Some(words)) => Ok(Self::Command(CommandSource::parse(words)?)),
        }
    }

    /// The vault of a server. The first start makes the file; while the database holds secrets (`rows_exist`) a
    /// missing one is an error instead.
    pub fn open_or_create(self, rows_exist: bool) -> Result<Vault, KeysError> {
        if let Self::File(path) = &self {
            let Loaded { ring: _, new_key } = KeyRing::load_or_create(path, rows_exist)?;
            if let Some(new_key) = new_key {
                tracing::warn!("{new_key}");
            }
        }
        self.open()
    }

    /// A vault that follows the place: keys are exchanged while it is in use. What a variable says is fixed until the
    /// next start.
    pub fn open(self) -> Result<Vault, KeysError> {
        Ok(match self {
            Self::File(path) => Vault::following(KeyRing::load(&path)?, Box::new(FileSource::new(&path))),
            Self::Variable(text) => Vault::new(KeyRing::parse(&text).map_err(KeysError::Variable)?),
            Self::Command(source) => Vault::following(source.ask()?, Box::new(source)),
        })
    }
}

/// As a sentence names it.
impl fmt::Display for KeyPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "the file {}", path.display()),
            Self::Variable(_) => write!(formatter, "the variable {VARIABLE}"),
            Self::Command(source) => write!(formatter, "the command {source}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &str = "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:active";

    fn settings(flags: &[(&str, &str)]) -> Settings {
        let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Settings::read(None, std::iter::empty(), &flags).unwrap()
    }

    fn among(flags: &[(&str, &str)], variable: Option<&str>) -> Result<KeyPlace, KeysError> {
        KeyPlace::among(&settings(flags), variable.map(OsString::from))
    }

    #[test]
    fn the_ring_comes_from_the_file_unless_another_place_is_set() {
        let place = |flags: &[(&str, &str)], variable| among(flags, variable).unwrap().to_string();
        assert_eq!(place(&[("data_dir", "here")], None), "the file here/keys");
        assert_eq!(place(&[("key_file", "there")], None), "the file there");
        assert_eq!(place(&[], Some(RING)), "the variable FAIRLEAD_KEYS");
        assert_eq!(place(&[("key_command", "cat there")], None), "the command cat there");
    }

    #[test]
    fn two_places_are_an_error_that_names_both() {
        let file = ("key_file", "there");
        let command = ("key_command", "cat there");
        let cases = [
            (among(&[file], Some(RING)), ["`key_file`", "FAIRLEAD_KEYS"]),
            (among(&[command], Some(RING)), ["FAIRLEAD_KEYS", "`key_command`"]),
            (among(&[file, command], None), ["`key_file`", "`key_command`"]),
        ];
        for (refused, names) in cases {
            let refused = refused.err().unwrap().to_string();
            assert!(names.iter().all(|name| refused.contains(name)), "{refused}");
        }
    }

    #[test]
    fn the_variable_is_read_as_the_file_is_and_an_error_shows_nothing_of_it() {
        assert_eq!(among(&[], Some(RING)).unwrap().open().unwrap().active_id(), "a");
        let refused = among(&[], Some("a:hunter2:active")).unwrap().open().unwrap_err().to_string();
        assert!(refused.contains("FAIRLEAD_KEYS") && !refused.contains("hunter2"), "{refused}");
    }
}
