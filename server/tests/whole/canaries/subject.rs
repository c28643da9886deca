//! A portal that holds a secret of every kind, with faults within reach and everything it says overheard.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testbed::{ADMINISTRATOR, Browser, Cluster, FaultProxy, GitServer, Portal, PortalOptions, SshGitServer};

use super::canary::Canary;
use super::processes::Sampler;
use super::release;
use super::tap::Tap;
use crate::embedding::{allow, ask_for_code};
use crate::rest::api::{Api, configuration};
use crate::scene::{Scene, Stage};
use crate::webhooks::Hook;

/// Held by the configurations; with every character that some spelling writes in another way.
pub(super) const FORM_USER: &str = "canary-user-1f0e";
pub(super) const FORM_KEY: &str = "canary-form-77c2/+=&\"<'%\\";
const REST_USER: &str = "canary-rest-user-9b41";
const REST_KEY: &str = "canary-rest-50ad/+=&\"<'%\\";
/// Typed into something that refuses it.
pub(super) const TYPED: &str = "canary-typed-e6f3/+=&\"<'%\\";
/// Shared with an identity provider that does not answer.
const CLIENT_SECRET: &str = "canary-client-2d94-a71c";
const PROVIDER: &str = "[[oidc]]\nname = \"canary\"\ntitle = \"Canary\"\nissuer = \"http://127.0.0.1:9\"\n\
                        client_id = \"fairlead\"\nclient_secret = \"SECRET\"\n";
/// Whose pages may show the portal in a frame.
pub(super) const PARENT: &str = "https://canary.example.com";
/// What everything else is encrypted with.
pub(super) const KEY_RING: &str = "the key ring";
/// Whom a repository's host knows the key by.
const USER: &str = "an https user";
/// In a Secret's manifest.
pub(super) const MANIFEST: &str = "canary-manifest-08d7/+=&\"<'%\\";

/// What everything happens to.
pub(super) struct Subject {
    pub(super) stage: &'static Stage,
    pub(super) tap: Tap,
    pub(super) api: Api,
    /// In front of the API server.
    pub(super) cluster: FaultProxy,
    /// In front of the Git server.
    pub(super) git: FaultProxy,
    pub(super) ssh: SshGitServer,
    /// User and key from the form, read through [`Self::git`].
    pub(super) form: (Scene, String),
    /// User and key from the REST API.
    pub(super) rest: (Scene, String),
    /// A private key from the form.
    pub(super) own_key: (Scene, String),
    /// A browser inside a frame of [`PARENT`], by a code that is used up.
    pub(super) frame: Browser,
    /// The webhook of [`Self::form`].
    pub(super) hook: Hook,
    /// The API's token.
    pub(super) bearer: String,
    /// The kubeconfig's.
    pub(super) token: String,
    /// The file of the settings, as long as the server may read it.
    _settings: tempfile::NamedTempFile,
    /// Where the server and its programs keep temporary files.
    pub(super) temporary: tempfile::TempDir,
    pub(super) sampler: Sampler,
    pub(super) canaries: Vec<Canary>,
}

impl Subject {
    pub(super) async fn start(log_format: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        // In a file: the variables of the server itself are looked through too.
        let settings = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(settings.path(), PROVIDER.replace("SECRET", CLIENT_SECRET)).unwrap();
        let environment = [
            ("FAIRLEAD_LOG", "trace"),
            ("FAIRLEAD_LOG_FORMAT", log_format),
            ("FAIRLEAD_CLUSTER_INTERVAL_SECONDS", "1"),
            ("TMPDIR", temporary.path().to_str().unwrap()),
            ("FAIRLEAD_CONFIG", settings.path().to_str().unwrap()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let portal = Portal::start_with(PortalOptions { listen: None, environment }).await.unwrap();
        let sampler = Sampler::of(portal.process().unwrap());
        let tap = Tap::in_front_of(portal.address()).await;
        let browser = portal.visitor_by(tap.url()).unwrap();
        browser.sign_in(ADMINISTRATOR, portal.password()).await.unwrap();
        let bearer = portal
            .command(&["token", "create", "--user", ADMINISTRATOR, "--name", "canary"], "")
            .await
            .unwrap();
        let link = portal.command(&["user", "create", "linked"], "").await.unwrap();
        let link = link.split("link=").nth(1).unwrap().to_owned();

        let (control, server) = tokio::try_join!(Cluster::shared(), GitServer::shared()).unwrap();
        let ssh = SshGitServer::start().await.unwrap();
        let (cluster, git) =
            (FaultProxy::in_front_of(control).unwrap(), FaultProxy::to(server.url(), None).unwrap());
        let token = control.service_account_token("default", "canary").await.unwrap();
        control.make_administrator("default", "canary").await.unwrap();
        let kubeconfig = cluster.kubeconfig_for_token(&token);
        let cluster_id = browser.connect_cluster(&kubeconfig, "default", "Stage").await.unwrap();
        // Another one waits to be connected: its client certificate has a private key.
        let draft = [("kubeconfig", control.kubeconfig())];
        let draft: Vec<(&str, &str)> = draft.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.submit("/clusters/connect", "begin_connect", &draft).await.unwrap();

        let mut canaries = repository_canaries(&ssh);
        canaries.extend([
            Canary::new("a kubeconfig's token", token.rsplit('.').next().unwrap()),
            Canary::new("a kubeconfig's private key", client_key(&control.kubeconfig())),
            Canary::new("a session", cookie(&browser)),
            Canary::new("an API token", bearer.as_str()),
            Canary::new("a one-time link", link),
            Canary::new("a password", portal.password()),
            Canary::new(KEY_RING, ring_key(portal.data())),
            Canary::new("what was typed and refused", TYPED),
            Canary::new("a Secret in Git", MANIFEST),
            Canary::new("the values of a release", release::VALUES),
            Canary::new("an identity provider's client secret", CLIENT_SECRET),
        ]);
        let api = Api::by(tap.url(), &bearer);
        let stage = Stage { portal, cluster: control, git: server, browser, cluster_id };
        let stage: &'static Stage = Box::leak(Box::new(stage));
        let form = with_form_key(stage, &git).await;
        let rest = with_rest_key(stage, &api).await;
        let own_key = with_own_key(stage, &ssh).await;
        // Codes and secrets are shown once, to whoever asks; that is not overheard.
        allow(stage, PARENT).await;
        let code = ask_for_code(&Api::by(&stage.portal.url(), &bearer), PARENT, "Reader").await;
        let entrance = code.json["path"].as_str().unwrap();
        let frame = stage.portal.visitor_by(tap.url()).unwrap();
        assert_eq!(frame.get(entrance).await.unwrap().status, 303);
        let frame = frame.in_frame();
        canaries.push(Canary::new("a frame's one-time code", code.json["code"].as_str().unwrap()));
        canaries.push(Canary::new("a frame's session", cookie(&frame)));
        let hook = Hook::make_by(&Api::by(&stage.portal.url(), &bearer), &form.0.name).await;
        canaries.push(Canary::new("a webhook's secret", hook.secret.as_str()));
        Self {
            stage,
            tap,
            api,
            cluster,
            git,
            ssh,
            form,
            rest,
            own_key,
            frame,
            hook,
            bearer,
            token,
            _settings: settings,
            temporary,
            sampler,
            canaries,
        }
    }

    pub(super) fn browser(&self) -> &'static Browser {
        &self.stage.browser
    }

    /// Where the server keeps everything.
    pub(super) fn data(&self) -> PathBuf {
        self.stage.portal.data().to_path_buf()
    }
}

fn repository_canaries(ssh: &SshGitServer) -> Vec<Canary> {
    let line = ssh.private_key().lines().nth(2).unwrap();
    vec![
        Canary::new(USER, FORM_USER),
        Canary::new("an https key", FORM_KEY),
        Canary::new(USER, REST_USER),
        Canary::new("an https key by REST", REST_KEY),
        Canary::new("a line of an ssh key", line),
        Canary::new("an ssh key itself", seed(ssh.private_key())),
    ]
}

/// The 32 secret bytes of an Ed25519 key in OpenSSH's form: they follow the length of both halves, which is 64.
fn seed(key: &str) -> Vec<u8> {
    let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = STANDARD.decode(body).unwrap();
    let length = bytes.windows(4).position(|window| window == [0, 0, 0, 64]).unwrap();
    bytes[length + 4..length + 36].to_vec()
}

/// A line from the middle of the client's private key.
fn client_key(kubeconfig: &str) -> String {
    let encoded = kubeconfig.split("client-key-data: ").nth(1).unwrap().split_whitespace().next().unwrap();
    let pem = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
    pem.lines().nth(2).unwrap().to_owned()
}

/// The first key of the ring: `id:base64`.
fn ring_key(data: &Path) -> Vec<u8> {
    let ring = std::fs::read_to_string(data.join("keys")).unwrap();
    let encoded = ring.lines().find(|line| line.contains(':')).unwrap().split(':').nth(1).unwrap();
    STANDARD.decode(encoded).unwrap()
}

fn cookie(browser: &Browser) -> String {
    let cookies = browser.cookies();
    let session = cookies.split("; ").find(|cookie| cookie.contains("session")).unwrap_or(&cookies);
    session.split_once('=').unwrap().1.to_owned()
}

async fn files(scene: &Scene) {
    let (namespace, settings) = (scene.namespace(), scene.config_map("settings", "one"));
    scene.commit(&[("namespace.yaml", &namespace), ("settings.yaml", &settings)]).await;
}

async fn with_form_key(stage: &'static Stage, git: &FaultProxy) -> (Scene, String) {
    let scene = stage.scene("form").await;
    scene.repository.require_basic_auth(FORM_USER, FORM_KEY).unwrap();
    let url = scene.repository.url().replace(stage.git.url(), git.url());
    let scene = scene.with("repository_url", &url).with("https_user", FORM_USER).with("https_key", FORM_KEY);
    let scene = release::enabled(scene);
    files(&scene).await;
    let chart = release::chart(&scene).await;
    scene.commit(&[("release.yaml", &release::manifests(&scene, &chart))]).await;
    let id = scene.add().await;
    stage.browser.until_installed(&id).await.unwrap();
    release::until_released(&scene).await;
    (scene, id)
}

async fn with_rest_key(stage: &'static Stage, api: &Api) -> (Scene, String) {
    let scene = stage.scene("rest").await;
    scene.repository.require_basic_auth(REST_USER, REST_KEY).unwrap();
    files(&scene).await;
    let secrets = json!({ "httpsUser": STANDARD.encode(REST_USER), "httpsKey": STANDARD.encode(REST_KEY) });
    let made = api.put(&configuration(&scene.name), &rest_body(&scene, &secrets)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let query = [("query[page]", "1"), ("query[filter]", scene.name.as_str())];
    let list = stage.browser.read("list_configurations", &query).await.unwrap();
    let id = list["page"]["items"][0]["state"]["id"].as_str().unwrap().to_owned();
    stage.browser.until_installed(&id).await.unwrap();
    (scene, id)
}

async fn with_own_key(stage: &'static Stage, ssh: &SshGitServer) -> (Scene, String) {
    let mut scene = stage.scene("own").await;
    scene.repository = ssh.repository("manifests").await.unwrap();
    let url = scene.repository.url().to_owned();
    let scene = scene
        .with("repository_url", &url)
        .with("ssh_key", "own")
        .with("ssh_known_hosts", &ssh.known_hosts())
        .with("ssh_private_key", ssh.private_key());
    files(&scene).await;
    let id = scene.add().await;
    stage.browser.until_installed(&id).await.unwrap();
    (scene, id)
}

/// A body for a configuration of this scene, with these protected settings.
pub(super) fn rest_body(scene: &Scene, secrets: &Value) -> Value {
    json!({ "properties": {
        "repositoryUrl": scene.repository.url(), "operatorNamespace": scene.name,
        "operatorInstanceName": scene.name, "operatorScope": "cluster",
        "operatorParams": "--git-readonly --git-branch=main", "configurationProtectedSettings": secrets,
    } })
}
