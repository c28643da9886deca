//! An OpenID Connect provider: the certified library `oidc-provider` as a program of Node.js, with people that a test
//! chooses.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::part::{Part, PartCommand};
use crate::portal::Browser;
use crate::{TestbedError, background, port, random};

/// Node.js starts in a second; a machine that compiles at the same time needs longer.
const READY_LIMIT: Duration = Duration::from_secs(30);

/// The program, beside its library in `end2end/node_modules`.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/identity-provider/provider.js");

/// By what the provider knows the portal.
const CLIENT: &str = "fairlead";

/// More redirects than any sign-in has.
const REDIRECTS_MAX: usize = 10;

/// Somebody with an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Who it is, for ever.
    pub subject: String,
    /// What the person is called.
    pub name: String,
    /// The claim `groups`: usually a list of names.
    pub groups: Value,
}

/// A running provider. The one who started it ends it by dropping it.
#[derive(Debug)]
pub struct IdentityProvider {
    name: String,
    issuer: String,
    secret: String,
    accounts: Mutex<BTreeMap<String, Account>>,
    people: PathBuf,
    command: PartCommand,
    // Dropped in this order: the program, then its folder.
    part: Option<Part>,
    _folder: Folder,
}

impl IdentityProvider {
    /// Starts one that knows nobody yet. `name` is what the portal's settings call it.
    pub async fn start(name: &str) -> Result<Self, TestbedError> {
        background::handle()?; // the client needs what this installs
        let folder = Folder::new("identity-provider")?;
        let people = folder.write("people.json", "{}")?;
        let (port, secret) = (port::free()?, random::token()?);
        let paths = [format!("/sign-in/{name}/callback")];
        let client = json!({ "id": CLIENT, "secret": secret, "paths": paths, "signedOut": "/sign-in" });
        let settings = json!({ "port": port, "client": client, "people": people });
        let settings = folder.write("settings.json", &settings.to_string())?;
        let command = PartCommand {
            name: "identity provider".into(),
            program: "node".into(),
            arguments: vec![PROGRAM.into(), settings.into()],
            environment: Vec::new(),
            log: folder.path().join("identity-provider.log"),
        };
        let issuer = format!("http://127.0.0.1:{port}");
        let mut provider = Self {
            name: name.to_owned(),
            issuer,
            secret,
            accounts: Mutex::default(),
            people,
            command,
            part: None,
            _folder: folder,
        };
        provider.start_again().await?;
        Ok(provider)
    }

    /// Takes it away, as when it is down.
    pub fn stop(&mut self) {
        self.part = None;
    }

    /// Brings it back at the same address, with new keys and without anybody signed in.
    pub async fn start_again(&mut self) -> Result<(), TestbedError> {
        self.stop();
        let (command, visitor) = (self.command.clone(), self.visitor()?);
        let part = background::run(async move {
            let mut part = Part::start(&command)?;
            let described = async || {
                let description = visitor.get("/.well-known/openid-configuration").await;
                description.is_ok_and(|answer| answer.status == 200)
            };
            part.wait_until(READY_LIMIT, described).await?;
            Ok(part)
        });
        self.part = Some(part.await?);
        Ok(())
    }

    /// `http://127.0.0.1:port`
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The secret that the portal and the provider share.
    pub fn client_secret(&self) -> &str {
        &self.secret
    }

    /// An entry of the portal's setting `FAIRLEAD_OIDC`, which is a JSON list of such.
    pub fn settings(&self, title: &str) -> Value {
        json!({
            "name": self.name,
            "title": title,
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": self.secret,
        })
    }

    /// From now on this login is this person, in these groups.
    pub fn person(&self, login: &str, subject: &str, groups: &[&str]) -> Result<(), TestbedError> {
        let account = Account { subject: subject.to_owned(), name: login.to_owned(), groups: json!(groups) };
        self.account(login, account)
    }

    /// From now on this login is this account.
    pub fn account(&self, login: &str, account: Account) -> Result<(), TestbedError> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.insert(login.to_owned(), account);
        let text = json!(*accounts).to_string();
        // In one step: the provider may read at this moment.
        let new = self.people.with_extension("new");
        crate::folder::write_private(&new, &text)?;
        std::fs::rename(&new, &self.people).map_err(TestbedError::file("replace", &self.people))
    }

    /// A browser in which nobody has signed in there.
    pub fn visitor(&self) -> Result<Browser, TestbedError> {
        Browser::new(self.issuer.clone(), self.command.log.clone())
    }

    /// Does at the provider what a person does: from the address that the portal sends a browser to, to the address
    /// that the provider sends it back to. Without a login the person cancels.
    pub async fn pass(
        &self,
        visitor: &Browser,
        address: &str,
        login: Option<&str>,
    ) -> Result<String, TestbedError> {
        let mut address = address.to_owned();
        for _ in 0..REDIRECTS_MAX {
            let Some(path) = address.strip_prefix(&self.issuer) else { return Ok(address) };
            let path = path.to_owned();
            let mut answer = visitor.get(&path).await?;
            if answer.status == 200 {
                let field = login.map_or(("cancel", "1"), |login| ("login", login));
                answer = visitor.post(&path, "login", &[field]).await?;
            }
            match answer.location() {
                Some(location) if location.starts_with('/') => address = format!("{}{location}", self.issuer),
                Some(location) => location.clone_into(&mut address),
                None => return Err(answer.unwished("sign in at the provider")),
            }
        }
        Ok(address)
    }
}
