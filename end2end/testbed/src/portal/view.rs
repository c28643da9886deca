//! What the portal says about a configuration.

use serde_json::Value;

/// The answer of `get_configuration`.
#[derive(Debug, Clone)]
pub struct ConfigurationView(pub Value);

impl ConfigurationView {
    /// The whole state that the row and the live stream show.
    pub fn state(&self) -> &Value {
        &self.0["row"]["state"]
    }

    /// `Pending`, `Installed` or `Failed`.
    pub fn compliance(&self) -> &str {
        self.state()["compliance"].as_str().unwrap_or_default()
    }

    /// `Information`, `Warning` or `Error`.
    pub fn level(&self) -> &str {
        self.state()["level"].as_str().unwrap_or_default()
    }

    /// The code of the one reason, for instance `branchMissing`.
    pub fn reason(&self) -> &str {
        self.state()["reason"]["code"].as_str().unwrap_or_default()
    }

    /// What Git or the API server said.
    pub fn detail(&self) -> &str {
        self.0["detail"].as_str().unwrap_or_default()
    }

    /// The commit of the last sync.
    pub fn revision(&self) -> &str {
        self.state()["revision"].as_str().unwrap_or_default()
    }

    /// The worst health of its objects.
    pub fn health(&self) -> &str {
        self.state()["health"].as_str().unwrap_or_default()
    }

    /// When the last sync ended, in milliseconds since the epoch; 0 before the first.
    pub fn last_sync(&self) -> i64 {
        self.state()["last_sync"]["at"].as_i64().unwrap_or_default()
    }

    /// Whether no sync runs.
    pub fn is_quiet(&self) -> bool {
        self.state()["syncing"].is_null()
    }

    /// The version that a changed form must name.
    pub fn spec_version(&self) -> String {
        self.0["spec_version"].to_string()
    }

    /// One of its objects, by kind and name.
    pub fn resource(&self, kind: &str, name: &str) -> Option<&Value> {
        let resources = self.0["resources"].as_array()?;
        resources.iter().find(|row| row["object"]["kind"] == kind && row["object"]["name"] == name)
    }

    /// Why an object was not applied, by kind and name; empty when it was.
    pub fn object_reason(&self, kind: &str, name: &str) -> &str {
        self.resource(kind, name).and_then(|row| row["reason"]["code"].as_str()).unwrap_or_default()
    }

    /// The list of objects that left Git and are kept for this cause: `Guard`, `LeftBehind` or `Dry`.
    pub fn prune_list(&self, cause: &str) -> Option<&Value> {
        self.0["prune"].as_array()?.iter().find(|list| list["cause"] == cause)
    }

    /// The names on that list.
    pub fn prune_names(&self, cause: &str) -> Vec<&str> {
        let objects = self.prune_list(cause).and_then(|list| list["objects"].as_array());
        objects.into_iter().flatten().filter_map(|object| object["name"].as_str()).collect()
    }

    /// In one line, for errors.
    pub fn summary(&self) -> String {
        let Self(view) = self;
        let refused =
            view["resources"].as_array().into_iter().flatten().filter(|row| !row["reason"].is_null());
        let refused: Vec<String> = refused
            .map(|row| format!("{} {}: {}", row["object"]["kind"], row["object"]["name"], row["detail"]))
            .collect();
        format!("{} — {} {}", self.state(), self.detail(), refused.join("; "))
    }
}
