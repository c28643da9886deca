//! Services that answer with a small made-up world: enough to see and test every page without a cluster.

use std::sync::Arc;

use app::api::ApiOperations;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::post;
use domain::access::{Actor, Role, Via};
use domain::cluster::{CheckOutcome, ClusterType, Permission, Preflight, PreflightItem};
use domain::configuration::{ConfigurationDraft, RepositoryCredentialDraft};
use domain::id::{ClusterDraftId, ClusterId, ConfigurationId, RetirementId, SessionId, TokenId, UserId};
use domain::page::{Page, PageQuery};
use domain::reason::RetirementState;
use domain::service::{
    AccessService, AccountService, ActivityService, ClusterDetail, ClusterList, ClusterRow, ClusterService,
    ComplianceCounts, ConfigurationDetail, ConfigurationList, ConfigurationService, ConfigurationState,
    Conflict, ConnectDraft, ConnectView, ContextView, EmbedService, Entered, NewSession, NewToken,
    NewWebhook, OwnAccount, PasswordChange, PeopleService, PlaceChoice, RefusedField, ReleaseService,
    RetirementRow, ServiceAccountTokens, ServiceError, SessionList, TokenDraft, TokenList, TokenService,
    Visit,
};
use domain::status::Compliance;
use domain::violation::{Field, KubeconfigRefusal, Rule, Violations};
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::LeptosRoutes;
use uuid::Uuid;

use super::{access, world};

/// The cookie of a session here; its value is of no importance.
pub(crate) const SESSION: &str = "session";
/// What signs in.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// All of it.
pub(crate) struct Sample;

/// The router as the server builds it, without its layers.
pub(crate) fn router(options: &LeptosOptions) -> Router {
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let mut router = Router::new();
    let routes = app::page_routes();
    for route in &routes {
        let shell = shell.clone();
        let answer = move |request: Request<Body>| app::forms::answer(request, context, shell, |_| true);
        router = router.route(route.path(), post(answer));
    }
    router
        .leptos_routes_with_context(options, routes, context, shell.clone())
        .fallback(leptos_axum::render_app_async_with_context(context, shell))
        .with_state(options.clone())
}

fn context() {
    provide_context::<Arc<dyn ConfigurationService>>(Arc::new(Sample));
    provide_context::<Arc<dyn ClusterService>>(Arc::new(Sample));
    provide_context::<Arc<dyn AccountService>>(Arc::new(Sample));
    provide_context::<Arc<dyn TokenService>>(Arc::new(Sample));
    provide_context::<Arc<dyn AccessService>>(Arc::new(Sample));
    provide_context::<Arc<dyn PeopleService>>(Arc::new(Sample));
    provide_context::<Arc<dyn ActivityService>>(Arc::new(Sample));
    provide_context::<Arc<dyn EmbedService>>(Arc::new(Sample));
    provide_context::<Arc<dyn ReleaseService>>(Arc::new(Sample));
    provide_context::<ApiOperations>(world::operations().into());
    let parts = use_context::<axum::http::request::Parts>();
    let cookies = parts.as_ref().and_then(|parts| parts.headers.get("cookie")?.to_str().ok());
    let signed_in = cookies.is_some_and(|cookies| cookies.contains(&format!("{SESSION}=in")));
    let response = use_context::<leptos_axum::ResponseOptions>();
    let cookie: Arc<dyn app::SessionCookie> = Arc::new(Cookie { response, signed_in });
    provide_context(cookie);
    if signed_in {
        provide_context(actor());
    }
}

fn actor() -> Actor {
    Actor {
        user: UserId(Uuid::nil()),
        name: "ada".to_owned(),
        administrator: true,
        grants: Vec::new(),
        limit: None,
        via: Via::default(),
    }
}

struct Cookie {
    response: Option<leptos_axum::ResponseOptions>,
    signed_in: bool,
}

impl Cookie {
    fn write(&self, cookie: &str) {
        if let (Some(response), Ok(value)) = (&self.response, cookie.parse()) {
            response.append_header(axum::http::header::SET_COOKIE, value);
        }
    }
}

impl app::SessionCookie for Cookie {
    fn set(&self, _secret: &str, max_age_seconds: i64) {
        self.write(&format!("{SESSION}=in; Path=/; HttpOnly; Max-Age={max_age_seconds}"));
    }

    fn secret(&self) -> Option<String> {
        self.signed_in.then(|| "in".to_owned())
    }

    fn clear(&self) {
        self.write(&format!("{SESSION}=; Path=/; Max-Age=0"));
    }
}

// === impl AccountService ===

#[async_trait]
impl AccountService for Sample {
    async fn sign_in(
        &self,
        user_name: &str,
        password: &str,
        _visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        if user_name == "ada" && password == PASSWORD {
            return Ok(session());
        }
        let mut violations = Violations::default();
        violations.push(Field::Password, Rule::SignInRefused);
        Err(ServiceError::Invalid { violations })
    }

    async fn sign_out(&self, _actor: &Actor, _secret: &str) -> Result<Option<String>, ServiceError> {
        Ok(None)
    }

    async fn sessions(&self, _actor: &Actor, _secret: &str) -> Result<SessionList, ServiceError> {
        Ok(SessionList { sessions: vec![world::session()], now: world::moment(0) })
    }

    async fn end_session(&self, _actor: &Actor, _id: SessionId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn actor(&self, _secret: &str) -> Result<Option<Actor>, ServiceError> {
        Ok(Some(actor()))
    }

    async fn enter(&self, _secret: &str) -> Result<Option<Entered>, ServiceError> {
        Ok(Some(Entered { actor: actor(), renewed: None }))
    }

    async fn link_user(&self, link: &str) -> Result<Option<String>, ServiceError> {
        Ok((link == "fresh").then(|| "ada".to_owned()))
    }

    async fn set_password(
        &self,
        _link: &str,
        password: &str,
        password_again: &str,
        _visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        if password == password_again {
            return Ok(session());
        }
        let mut violations = Violations::default();
        violations.push(Field::PasswordAgain, Rule::PasswordsDiffer);
        Err(ServiceError::Invalid { violations })
    }

    async fn account(&self, actor: &Actor) -> Result<OwnAccount, ServiceError> {
        Ok(OwnAccount { name: actor.name.clone(), has_password: true })
    }

    async fn change_password(
        &self,
        _actor: &Actor,
        change: &PasswordChange,
        _visit: &Visit,
    ) -> Result<NewSession, ServiceError> {
        if change.present == PASSWORD {
            return Ok(session());
        }
        let mut violations = Violations::default();
        violations.push(Field::PresentPassword, Rule::NotPresentPassword);
        Err(ServiceError::Invalid { violations })
    }
}

fn session() -> NewSession {
    NewSession { secret: "in".to_owned(), max_age_seconds: 3600 }
}

// === impl TokenService ===

#[async_trait]
impl TokenService for Sample {
    async fn bearer(&self, _token: &str) -> Result<Option<Actor>, ServiceError> {
        Ok(None)
    }

    async fn list(&self, _actor: &Actor) -> Result<TokenList, ServiceError> {
        Ok(TokenList { tokens: vec![world::token()], now: world::moment(0) })
    }

    async fn create(&self, _actor: &Actor, draft: &TokenDraft) -> Result<NewToken, ServiceError> {
        if draft.name.is_empty() {
            let mut violations = Violations::default();
            violations.push(Field::TokenName, Rule::Required);
            return Err(ServiceError::Invalid { violations });
        }
        Ok(NewToken { token: "flp_shown-once".to_owned(), row: world::token() })
    }

    async fn end(&self, _actor: &Actor, _id: TokenId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn list_of(&self, actor: &Actor, _account: UserId) -> Result<ServiceAccountTokens, ServiceError> {
        let list = TokenService::list(self, actor).await?;
        let way = access::way();
        Ok(ServiceAccountTokens { name: "wall".to_owned(), places: vec![way.clone()], place: way, list })
    }

    async fn create_for(
        &self,
        actor: &Actor,
        _account: UserId,
        draft: &TokenDraft,
    ) -> Result<NewToken, ServiceError> {
        TokenService::create(self, actor, draft).await
    }

    async fn end_of(&self, _actor: &Actor, _account: UserId, _id: TokenId) -> Result<(), ServiceError> {
        Ok(())
    }
}

// === impl ConfigurationService ===

#[async_trait]
impl ConfigurationService for Sample {
    async fn list(
        &self,
        _actor: &Actor,
        cluster: Option<ClusterId>,
        query: &PageQuery,
    ) -> Result<ConfigurationList, ServiceError> {
        let row = cluster.map(world::cluster).transpose()?;
        let mut items = world::configurations();
        items.retain(|item| cluster.is_none_or(|cluster| item.cluster == cluster));
        let count = |compliance: Compliance| {
            u32::try_from(items.iter().filter(|item| item.state.compliance == compliance).count())
                .unwrap_or(0)
        };
        let counts = ComplianceCounts {
            installed: count(Compliance::Installed),
            pending: count(Compliance::Pending),
            failed: count(Compliance::Failed),
        };
        let filter = query.filter.to_lowercase();
        items.retain(|item| item.name.contains(&filter) || item.repository_url.contains(&filter));
        let total = u32::try_from(items.len()).unwrap_or(0);
        let page = Page { items, total, page: 1 };
        Ok(ConfigurationList {
            page,
            counts,
            now: world::moment(0),
            cluster: row,
            may_write: true,
            reached: None,
        })
    }

    async fn get(&self, _actor: &Actor, id: ConfigurationId) -> Result<ConfigurationDetail, ServiceError> {
        world::configuration(id)
    }

    async fn states(
        &self,
        _actor: &Actor,
        _ids: &[ConfigurationId],
    ) -> Result<Vec<ConfigurationState>, ServiceError> {
        Ok(Vec::new())
    }

    async fn create_with_access(
        &self,
        _actor: &Actor,
        _cluster: ClusterId,
        draft: &ConfigurationDraft,
        _credential: &RepositoryCredentialDraft,
    ) -> Result<ConfigurationId, ServiceError> {
        draft.validate().map_err(|violations| ServiceError::Invalid { violations })?;
        Ok(world::configuration_id(1))
    }

    async fn replace_with_access(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        draft: &ConfigurationDraft,
        _credential: &RepositoryCredentialDraft,
        spec_version: i64,
    ) -> Result<(), ServiceError> {
        draft.validate().map_err(|violations| ServiceError::Invalid { violations })?;
        if spec_version == world::SPEC_VERSION { Ok(()) } else { Err(ServiceError::Stale) }
    }

    async fn trust_host_key(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        _fingerprint: &str,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn delete(&self, _actor: &Actor, _id: ConfigurationId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn confirm_prune(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        hash: &str,
    ) -> Result<(), ServiceError> {
        if hash == world::PRUNE_HASH { Ok(()) } else { Err(ServiceError::Stale) }
    }

    async fn sync_now(&self, _actor: &Actor, _id: ConfigurationId) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn suspend(
        &self,
        _actor: &Actor,
        _id: ConfigurationId,
        _suspended: bool,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn make_webhook(&self, _actor: &Actor, _id: ConfigurationId) -> Result<NewWebhook, ServiceError> {
        let address = "/webhooks/0123456789abcdef0123456789abcdef".to_owned();
        Ok(NewWebhook { address, secret: "webhook-secret-shown-once".to_owned() })
    }

    async fn remove_webhook(&self, _actor: &Actor, _id: ConfigurationId) -> Result<bool, ServiceError> {
        Ok(true)
    }
}

// === impl ClusterService ===

#[async_trait]
impl ClusterService for Sample {
    async fn list(&self, _actor: &Actor, query: &PageQuery) -> Result<ClusterList, ServiceError> {
        let mut items = world::clusters();
        items.retain(|item| item.name.to_lowercase().contains(&query.filter.to_lowercase()));
        let total = u32::try_from(items.len()).unwrap_or(0);
        Ok(ClusterList { page: Page { items, total, page: 1 }, now: world::moment(0), may_connect: true })
    }

    async fn get(&self, _actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError> {
        Ok(ClusterDetail {
            row: world::cluster(id)?,
            server: "https://10.0.0.7:6443".to_owned(),
            uid: "8d1f6a52-8d39-4b7e-9c0f-1b7a5e0a9f11".to_owned(),
            connected_at: world::moment(90_000_000),
            preflight: Some(preflight(CheckOutcome::Missing)),
            retirements: vec![
                retirement("old-config", RetirementState::Waiting, 20_000),
                retirement("older-config", RetirementState::WishTooOld, 100_000_000),
            ],
            now: world::moment(0),
            role: Role::Owner,
        })
    }

    async fn rows(&self, _actor: &Actor, _ids: &[ClusterId]) -> Result<Vec<ClusterRow>, ServiceError> {
        Ok(Vec::new())
    }

    async fn begin_connect(&self, _actor: &Actor, kubeconfig: &str) -> Result<ConnectView, ServiceError> {
        if !kubeconfig.contains("apiVersion") {
            let mut violations = Violations::default();
            let detail = "line 1: a mapping was expected".to_owned();
            violations.push(Field::Kubeconfig, Rule::KubeconfigFormat { detail });
            return Err(ServiceError::Invalid { violations });
        }
        Ok(connect_view(None))
    }

    async fn draft(
        &self,
        _actor: &Actor,
        _draft: ClusterDraftId,
        context: Option<&str>,
    ) -> Result<ConnectView, ServiceError> {
        Ok(connect_view(context))
    }

    async fn connect(
        &self,
        _actor: &Actor,
        _draft: ClusterDraftId,
        _context: &str,
        connect: &ConnectDraft,
    ) -> Result<ClusterId, ServiceError> {
        if connect.cluster_name == "taken" {
            let conflict = Conflict::ClusterConnectedAlready { name: Some("AzureArcTest1".to_owned()) };
            return Err(ServiceError::Conflict { conflict });
        }
        Ok(world::cluster_id(1))
    }

    async fn disconnect(&self, _actor: &Actor, _id: ClusterId) -> Result<(), ServiceError> {
        Err(ServiceError::Conflict { conflict: Conflict::ClusterHasConfigurations { count: 3 } })
    }

    async fn replace_kubeconfig(
        &self,
        _actor: &Actor,
        _id: ClusterId,
        _kubeconfig: &str,
        _context: &str,
    ) -> Result<(), ServiceError> {
        let uid = "11111111-2222-3333-4444-555555555555".to_owned();
        Err(ServiceError::Conflict { conflict: Conflict::KubeconfigOfAnotherCluster { uid } })
    }

    async fn confirm_replaced(&self, _actor: &Actor, _id: ClusterId, _uid: &str) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn renew_retirement(
        &self,
        _actor: &Actor,
        _id: ClusterId,
        _retirement: RetirementId,
    ) -> Result<(), ServiceError> {
        Ok(())
    }

    async fn check(&self, actor: &Actor, id: ClusterId) -> Result<ClusterDetail, ServiceError> {
        ClusterService::get(self, actor, id).await
    }
}

fn retirement(name: &str, state: RetirementState, milliseconds_ago: i64) -> RetirementRow {
    RetirementRow {
        id: RetirementId(Uuid::from_u128(8)),
        configuration: name.to_owned(),
        operator: format!("{name}/{name}"),
        state,
        detail: None,
        requested_at: world::moment(milliseconds_ago),
        requested_by: Some("ada".to_owned()),
    }
}

fn connect_view(context: Option<&str>) -> ConnectView {
    let refused = |field: &str, reason| RefusedField { field: field.to_owned(), reason };
    let view = |name: &str, user: &str, refused| ContextView {
        name: name.to_owned(),
        server: "https://10.0.0.7:6443".to_owned(),
        user: user.to_owned(),
        namespace: None,
        refused,
    };
    let outcome = match context {
        Some("weak") => {
            CheckOutcome::Failed { detail: "namespaces is forbidden: User \"weak\" cannot create".to_owned() }
        }
        _ => CheckOutcome::Passed,
    };
    ConnectView {
        draft: ClusterDraftId(Uuid::from_u128(7)),
        contexts: vec![
            view("admin@test1", "admin", Vec::new()),
            view("weak", "weak", Vec::new()),
            view(
                "exec user",
                "ada",
                vec![
                    refused("users[ada].user.exec", KubeconfigRefusal::RunsProgram),
                    refused("clusters[test1].cluster.proxy-url", KubeconfigRefusal::Proxy),
                ],
            ),
        ],
        context: context.map(str::to_owned),
        preflight: context.map(|_| preflight(outcome)),
        proposed_name: "test1".to_owned(),
        places: vec![PlaceChoice {
            value: format!("{}/AzureArcTest", world::SUBSCRIPTION),
            subscription_name: "Demo".to_owned(),
            resource_group: "AzureArcTest".to_owned(),
            reached: None,
        }],
    }
}

fn preflight(create_namespaces: CheckOutcome) -> Preflight {
    let item = |permission, outcome| PreflightItem { permission, outcome };
    let passed = create_namespaces == CheckOutcome::Passed;
    Preflight {
        items: vec![
            item(Permission::Reach, CheckOutcome::Passed),
            item(Permission::Authenticate, CheckOutcome::Passed),
            item(Permission::ReadIdentity, CheckOutcome::Passed),
            item(Permission::ListNodes, CheckOutcome::Passed),
            item(Permission::CreateNamespaces, create_namespaces),
            item(Permission::ImpersonateServiceAccounts, CheckOutcome::Skipped),
        ],
        uid: None,
        facts: Some(world::facts()),
        missing_rbac: (!passed).then(|| "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: fairlead\nrules:\n  - apiGroups: [\"\"]\n    resources: [namespaces]\n    verbs: [create]\n".to_owned()),
    }
}

/// The types a cluster may have, as the samples spread them.
pub(crate) fn cluster_type(number: u128) -> ClusterType {
    if number == 3 { ClusterType::ManagedClusters } else { ClusterType::ConnectedClusters }
}
