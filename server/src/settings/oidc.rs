//! Identity providers: `[[oidc]]` tables in the file, or a JSON list of the same in `FAIRLEAD_OIDC`, which replaces them.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// One provider, as set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// Lower-case word, in paths and for the groups that roles are assigned to.
    pub name: String,
    /// What people call it, on the button.
    pub title: String,
    /// Its issuer, to the letter.
    pub issuer: String,
    /// We, as it knows us.
    pub client_id: String,
    /// By which it recognises us; this, the file, or neither for a public client.
    pub client_secret: Option<Hidden>,
    /// A file with that secret.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for, by blanks.
    #[serde(default = "scopes")]
    pub scopes: String,
    /// The claim that holds what a person is called.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// The claim that holds the groups.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// Whoever is in this group is an administrator, and nobody else of this provider.
    pub administrators_group: Option<String>,
}

/// A secret in the settings: never part of what is shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

fn scopes() -> String {
    "openid profile email groups".to_owned()
}

fn name_claim() -> String {
    "preferred_username".to_owned()
}

fn groups_claim() -> String {
    "groups".to_owned()
}

/// A list, or a text that is one in JSON.
pub(super) fn providers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<OidcSettings>, D::Error> {
    deserializer.deserialize_any(List)
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Vec<OidcSettings>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("identity providers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list))
    }

    /// What is wrong is said by its place: the parser would repeat values, and one of them is a secret.
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            E::custom(format_args!("it is no JSON list of identity providers (line {line}, column {column})"))
        })
    }
}

impl OidcSettings {
    /// Where the client secret comes from, for whoever reads the settings.
    pub fn secret_place(&self) -> String {
        match (&self.client_secret, &self.client_secret_file) {
            (_, Some(file)) => file.display().to_string(),
            (Some(_), None) => "set".to_owned(),
            (None, None) => "none".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Settings;

    const JSON: &str = r#"[{"name":"company","title":"Company","issuer":"https://id","client_id":"f","client_secret":"hush"}]"#;

    fn environment(value: &str) -> Result<Settings, String> {
        let variables = [("FAIRLEAD_OIDC".to_owned(), value.to_owned())];
        Settings::read(None, variables.into_iter(), &[]).map_err(|error| error.to_string())
    }

    #[test]
    fn providers_come_from_tables_or_from_a_json_list() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fairlead.toml");
        let table = "[[oidc]]\nname = \"company\"\ntitle = \"Company\"\nissuer = \"https://id\"\nclient_id = \"f\"\nclient_secret = \"hush\"\n";
        std::fs::write(&file, table).unwrap();
        let by_file = Settings::read(Some(Path::new(&file)), std::iter::empty(), &[]).unwrap().oidc;
        let by_variable = environment(JSON).unwrap().oidc;
        assert_eq!(by_file, by_variable);
        assert_eq!(by_file[0].scopes, "openid profile email groups");
        assert!(environment("[]").unwrap().oidc.is_empty());
    }

    #[test]
    fn no_error_and_no_debug_output_shows_the_secret() {
        assert!(!format!("{:?}", environment(JSON).unwrap()).contains("hush"));
        for wrong in [
            JSON.replace("\"client_id\":\"f\",", ""),
            JSON.replace('}', ",\"extra\":1}"),
            JSON.replace("\"hush\"", "[\"hush\"]"),
        ] {
            let error = environment(&wrong).unwrap_err();
            assert!(error.contains("JSON list") && !error.contains("hush"), "{error}");
        }
    }
}
