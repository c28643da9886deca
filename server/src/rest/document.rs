//! The `OpenAPI` document: made of the routes themselves, so that what is not routed is not described.

use app::api::ApiOperation;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::cluster::ClusterType;
use http::header;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ObjectBuilder, OpenApi, PathItem, RefOr, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;

use crate::rest::error::{ErrorDetail, ErrorResponse};
use crate::rest::input::{Clusters, Configurations, Providers, Versions};
use crate::router::AppState;

/// Name of the way to sign in.
const BEARER: &str = "bearer";

/// What is said before the operations.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Fairlead",
        description = "Configurations as Azure Resource Manager speaks of them, and beside them what it has no words for. \
                       Every request carries a personal token: `Authorization: Bearer …`."
    ),
    components(schemas(ErrorResponse, ErrorDetail)),
    tags(
        (name = "arm", description = "As Azure Resource Manager has it"),
        (name = "portal", description = "What Azure Resource Manager has no words for"),
    )
)]
struct Frame;

/// An empty router with the document's frame.
pub fn frame() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Frame::openapi())
}

/// Adds what holds for all operations.
pub fn finish(mut api: OpenApi) -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = api.components.get_or_insert_with(Components::new);
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    for (path, item) in &mut api.paths.paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let parameters = operation.parameters.iter_mut().flatten();
            for parameter in parameters.filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(parameter),
                RefOr::Ref(_) => None,
            }) {
                name_values(path, parameter);
            }
        }
    }
    api.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    api
}

/// Parameters that are one of a few words say which: the versions of their kind, the types of clusters.
fn name_values(path: &str, parameter: &mut Parameter) {
    let types = [ClusterType::ConnectedClusters, ClusterType::ManagedClusters];
    let values: Vec<&str> = match parameter.name.as_str() {
        "api-version" => versions(path).to_vec(),
        "clusterRp" => types.map(ClusterType::provider).to_vec(),
        "clusterResourceName" | "clusterType" => types.map(ClusterType::as_str).to_vec(),
        _ => return,
    };
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
    parameter.schema = Some(schema.into());
}

/// The versions of what is at a path.
fn versions(path: &str) -> &'static [&'static str] {
    if path.contains("Microsoft.KubernetesConfiguration") {
        Configurations::KNOWN
    } else if path.contains("Microsoft.Kubernetes") {
        Clusters::KNOWN
    } else {
        Providers::KNOWN
    }
}

/// The document as it is served.
#[derive(Clone, Debug)]
pub struct Document(Bytes);

impl Document {
    /// Written once: it is the same for everybody.
    pub fn new(api: &OpenApi) -> serde_json::Result<Self> {
        serde_json::to_vec(api).map(|text| Self(text.into()))
    }
}

/// `/openapi.json`
pub async fn document(State(Document(text)): State<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text)
}

/// The operations, as the portal's page lists them.
pub fn operations(api: &OpenApi) -> Vec<ApiOperation> {
    api.paths.paths.iter().flat_map(|(path, item)| of_path(path, item)).collect()
}

fn of_path(path: &str, item: &PathItem) -> Vec<ApiOperation> {
    let PathItem { get, put, post, delete, .. } = item;
    let methods = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete)];
    let operation = |(method, operation): (&str, &Option<Operation>)| {
        let operation = operation.as_ref()?;
        Some(ApiOperation {
            method: method.to_owned(),
            path: path.to_owned(),
            id: operation.operation_id.clone().unwrap_or_default(),
            group: operation.tags.iter().flatten().next().cloned().unwrap_or_default(),
            summary: operation.summary.clone().unwrap_or_default(),
        })
    };
    methods.into_iter().filter_map(operation).collect()
}
