//! What goes wrong: each fault is made, its sync is run to its end, and the fault is taken back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::{FaultProxy, Rule, RuleId};

use super::subject::{FORM_KEY, FORM_USER, MANIFEST, Subject, TYPED, rest_body};
use crate::rest::api::{GROUP, configuration};
use crate::scene::Scene;

/// What a Git host or a sign-in wall before it answers instead.
const ANSWERS: [StatusCode; 5] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::OK,
];

/// As many kinds as [`provoke`] knows.
pub(super) const KINDS: usize = 13;

/// Provokes one fault; the same number always provokes the same.
pub(super) async fn provoke(subject: &Subject, number: usize) {
    let turn = number / KINDS;
    match number % KINDS {
        0 => git_host_answers_otherwise(subject).await,
        1 => git_host_repeats_the_credential(subject).await,
        2 => wrong_credentials(subject).await,
        3 => git_host_is_away(subject).await,
        4 => git_request_fails(subject, turn).await,
        5 | 6 => api_server_fails(subject, number).await,
        7 => api_server_repeats_the_token(subject).await,
        8 => manifests_are_broken(subject).await,
        9 => forms_are_refused(subject).await,
        10 => rest_is_refused(subject).await,
        11 => webhooks_are_refused(subject).await,
        _ => doors_stay_shut(subject).await,
    }
}

async fn sync(subject: &Subject, (_, id): &(Scene, String)) {
    let before = subject.browser().configuration(id).await.unwrap().last_sync();
    subject.browser().sync_now(id).await.unwrap();
    // A cluster that does not answer is no end of a sync, so its time may stay.
    let ended =
        subject.browser().until(id, "it is quiet", |view| view.is_quiet() && view.last_sync() >= before);
    ended.await.unwrap();
}

async fn while_ruled(subject: &Subject, proxy: &FaultProxy, rule: Rule) {
    let rule: RuleId = proxy.add(rule);
    sync(subject, &subject.form).await;
    proxy.remove(rule);
}

async fn git_host_answers_otherwise(subject: &Subject) {
    for status in ANSWERS {
        for configuration in [&subject.form, &subject.rest] {
            configuration.0.repository.answer_with(status).unwrap();
            sync(subject, configuration).await;
            configuration.0.repository.answer_normally().unwrap();
        }
    }
}

/// As hosts do that want to be helpful.
async fn git_host_repeats_the_credential(subject: &Subject) {
    let basic = STANDARD.encode(format!("{FORM_USER}:{FORM_KEY}"));
    let text = format!("cannot sign in {FORM_USER} with {FORM_KEY} (Authorization: Basic {basic})\n");
    for status in ANSWERS {
        while_ruled(subject, &subject.git, Rule::answer(status).body("text/plain", &text)).await;
    }
}

async fn wrong_credentials(subject: &Subject) {
    let (scene, _) = &subject.form;
    scene.repository.require_basic_auth(FORM_USER, "other").unwrap();
    sync(subject, &subject.form).await;
    scene.repository.require_basic_auth(FORM_USER, FORM_KEY).unwrap();
    subject.ssh.authorize(&[]).unwrap();
    sync(subject, &subject.own_key).await;
    subject.ssh.authorize(&[subject.ssh.public_key()]).unwrap();
}

async fn git_host_is_away(subject: &Subject) {
    subject.git.refuse(true);
    sync(subject, &subject.form).await;
    subject.git.refuse(false);
}

async fn git_request_fails(subject: &Subject, turn: usize) {
    // Something to fetch, so that there is more than one request.
    subject.form.0.commit(&[("more.yaml", &subject.form.0.config_map("more", &format!("v{turn}")))]).await;
    let rule = [Rule::cut(), Rule::truncate(20), Rule::answer(StatusCode::BAD_GATEWAY)];
    while_ruled(subject, &subject.git, rule[turn % 3].clone().nth(1 + turn % 4)).await;
}

async fn api_server_fails(subject: &Subject, number: usize) {
    let rule = match number % 5 {
        0 => Rule::answer(StatusCode::INTERNAL_SERVER_ERROR),
        1 => Rule::answer(StatusCode::UNAUTHORIZED),
        2 => Rule::answer(StatusCode::OK).body("text/html", "<html>not an API server"),
        3 => Rule::cut_afterwards(),
        _ => Rule::truncate(10),
    };
    let unwatched = |request: &testbed::ProxiedRequest| !request.path.contains("watch=true");
    let value = format!("v{number}");
    subject.form.0.commit(&[("settings.yaml", &subject.form.0.config_map("settings", &value))]).await;
    while_ruled(subject, &subject.cluster, rule.when(unwatched).nth(1 + number % 11)).await;
}

async fn api_server_repeats_the_token(subject: &Subject) {
    for (status, reason) in [(StatusCode::UNAUTHORIZED, "Unauthorized"), (StatusCode::FORBIDDEN, "Forbidden")]
    {
        let body = json!({
            "apiVersion": "v1", "kind": "Status", "status": "Failure", "metadata": {}, "code": status.as_u16(),
            "reason": reason, "message": format!("the token {} is not taken", subject.token),
        });
        let rule = Rule::answer(status).body("application/json", &body.to_string());
        while_ruled(subject, &subject.cluster, rule).await;
    }
}

async fn manifests_are_broken(subject: &Subject) {
    let (scene, _) = &subject.form;
    let secret = |data: &str| {
        let app = &scene.app;
        let manifest = json!(MANIFEST);
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: canary, namespace: {app}}}\n\
             stringData: {{password: {manifest}}}\n{data}\n"
        )
    };
    for broken in ["data: {password: [}", "type: kubernetes.io/tls", "data: {password: 5}", "data: {a: '?'}"]
    {
        scene.commit(&[("secret.yaml", &secret(broken))]).await;
        sync(subject, &subject.form).await;
    }
    scene.repository.change().remove("secret.yaml").commit("Whole again").await.unwrap();
}

async fn forms_are_refused(subject: &Subject) {
    let (browser, cluster) = (subject.browser(), subject.stage.cluster_id.as_str());
    let page = format!("/clusters/{cluster}/gitops/new");
    let token = format!("users: [{{name: a, user: {{token: {}, exec: {{}}}}}}]", json!(TYPED));
    let wrong = [("name", "Not A Name"), ("repository_url", "file:///etc"), ("git_branch", "--upload-pack")];
    for (field, value) in wrong {
        for secret in ["https_user", "https_key", "ssh_private_key"] {
            let fields =
                subject.form.0.fields.clone().with(field, value).with(secret, TYPED).with("ssh_key", "own");
            let mut pairs = fields.pairs();
            pairs.push(("cluster", cluster));
            for answer in [
                browser.post(&page, "create_configuration", &pairs).await.unwrap(),
                browser.call("create_configuration", &pairs).await.unwrap(),
            ] {
                assert!((400..500).contains(&answer.status), "{field}: {}", answer.status);
            }
        }
    }
    for kubeconfig in [TYPED, token.as_str()] {
        let fields = [("kubeconfig", kubeconfig)];
        for answer in [
            browser.post("/clusters/connect", "begin_connect", &fields).await.unwrap(),
            browser.call("begin_connect", &fields).await.unwrap(),
        ] {
            assert!((400..500).contains(&answer.status), "{}", answer.status);
        }
    }
}

async fn rest_is_refused(subject: &Subject) {
    let (scene, api) = (&subject.rest.0, &subject.api);
    let typed = STANDARD.encode(TYPED);
    let bodies: [Value; 6] = [
        rest_body(scene, &json!({ "httpsUser": TYPED, "httpsKey": TYPED })),
        rest_body(scene, &json!({ "httpsKey": [TYPED] })),
        rest_body(scene, &json!({ "sshPrivateKey": typed })),
        rest_body(scene, &json!({ "httpsUser": typed, "httpsKey": typed, "sshPrivateKey": typed })),
        json!({ "properties": { "httpsKey": TYPED, "repositoryUrl": "file:///etc" } }),
        json!(TYPED),
    ];
    for body in &bodies {
        let answer = api.put(&configuration(&scene.name), body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    let path = format!("/api/v1{GROUP}/clusters/another");
    for body in
        [json!({ "kubeconfig": TYPED }), json!({ "kubeconfig": [TYPED] }), json!({ "kubeconfigs": TYPED })]
    {
        let answer = api.put(&path, &body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    let headers = [("if-match", TYPED)];
    let stale = api.ask(Method::DELETE, &configuration(&scene.name), &headers, None).await;
    assert_eq!(stale.status, 412, "{stale:?}");
}

/// The secret where it belongs, and where it does not.
async fn webhooks_are_refused(subject: &Subject) {
    let hook = &subject.hook;
    let push = json!({ "ref": "refs/heads/main" }).to_string();
    let told = json!({ "ref": "refs/heads/main", "secret": hook.secret }).to_string();
    let gitlab = [("x-gitlab-token", hook.secret.as_str())];
    // Whoever comes often is told that it is too often.
    let is_taken = |status: StatusCode| status.is_success() || status == StatusCode::TOO_MANY_REQUESTS;
    assert!(is_taken(hook.signed(push.as_bytes()).await));
    assert!(is_taken(hook.signed(told.as_bytes()).await));
    assert!(is_taken(hook.send(&gitlab, push.as_bytes()).await.0));
    let wrong = format!("{}x", hook.secret);
    for headers in [("x-gitlab-token", wrong.as_str()), ("x-hub-signature-256", hook.secret.as_str())] {
        let (status, said) = hook.send(&[headers], told.as_bytes()).await;
        assert!(status.is_client_error() && !said.contains(&hook.secret), "{status}: {said}");
    }
    let (status, said) = hook.at(&format!("{}?secret={}", hook.address, hook.secret)).send(&[], b"{}").await;
    assert!(status.is_client_error() && !said.contains(&hook.secret), "{status}: {said}");
}

async fn doors_stay_shut(subject: &Subject) {
    let visitor = subject.stage.portal.visitor_by(subject.tap.url()).unwrap();
    let fields = [("user_name", "admin"), ("password", TYPED), ("then", "")];
    for answer in [
        visitor.post("/sign-in", "sign_in", &fields).await.unwrap(),
        visitor.call("sign_in", &fields).await.unwrap(),
    ] {
        // Who has tried too often is told to wait.
        assert!((400..500).contains(&answer.status) || answer.status == 503, "{}", answer.status);
    }
    let fields = [("link", TYPED), ("password", TYPED), ("password_again", TYPED)];
    let answer = visitor.call("set_password", &fields).await.unwrap();
    assert!((400..500).contains(&answer.status) || answer.status == 503, "{}", answer.status);
    for path in ["/clusters?access_token=", "/subscriptions/x?api-version=1&token="] {
        assert_eq!(visitor.get(&format!("{path}{}", subject.bearer)).await.unwrap().status, 400, "{path}");
    }
    let stranger = crate::rest::api::Api::by(subject.tap.url(), "flp_canary-typed-e6f3");
    assert_eq!(stranger.get(&configuration("x")).await.status, 401);
}
