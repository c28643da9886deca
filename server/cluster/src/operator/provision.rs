//! Makes the operator objects that are absent. Looks first, so that nothing is written when all is there; what watches
//! know is not asked for.

use domain::configuration::OperatorScope;
use domain::reason::Reason;
use engine::port::cluster::{ClusterError, Observation, Operator, Provisioned};
use http::{Method, StatusCode};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::try_join;

use super::{CREATED, Place, RBAC, ROLE, Seen, has_label, is_ours, retire};
use crate::call::{ApiServer, Call, CallError, null_is_empty};

/// Makes namespace, service account and binding where they are absent.
///
/// An existing namespace or service account is used as it is. An existing binding must say exactly what ours would:
/// what somebody else made is not changed. The binding of the other scope goes, if it is ours, so that a
/// configuration narrowed to its namespace loses its rights in the cluster.
pub(crate) async fn provision(
    server: &ApiServer,
    seen: &Seen,
    operator: &Operator,
) -> Result<Provisioned, ClusterError> {
    if seen.is_provisioned() {
        return Ok(Provisioned { namespace_is_ours: seen.namespace_is_ours() });
    }
    let (wanted_at, other_at) = match operator.scope {
        OperatorScope::Cluster => (Place::cluster_role_binding(operator), Place::role_binding(operator)),
        OperatorScope::Namespace => (Place::role_binding(operator), Place::cluster_role_binding(operator)),
    };
    let (namespace_at, account_at) = (Place::namespace(operator), Place::service_account(operator));
    let (namespace, account, wanted) = try_join!(
        find::<Namespace>(server, &namespace_at),
        find_unless(&seen.account, find::<ServiceAccount>(server, &account_at)),
        find_unless(&seen.wanted, find::<Binding>(server, &wanted_at)),
    )
    .map_err(error)?;
    // Where an operator was made a moment ago, a watch may not have seen its binding yet, and would leave rights in the
    // cluster that nobody chose.
    let other = find::<Binding>(server, &other_at);
    let other = if namespace.is_some() { other.await } else { find_unless(&seen.other, other).await };
    let other = other.map_err(error)?;
    let namespace = match namespace {
        Some(namespace) => namespace,
        None => create_namespace(server, operator).await?,
    };
    if namespace.metadata.deletion_timestamp.is_some() {
        return Err(failed(format!(
            "Namespace {} is being deleted; wait until it is gone",
            operator.namespace
        )));
    }
    let make_account = async {
        let wanted = ServiceAccount { metadata: account_at.metadata(), ..ServiceAccount::default() };
        if account.is_none() {
            create::<_, ServiceAccount>(server, &account_at, &wanted).await.map(drop)
        } else {
            Ok(())
        }
    };
    let make_binding = async {
        match wanted {
            Some(binding) => binding.check(&wanted_at, operator),
            None => create_binding(server, &wanted_at, operator).await,
        }
    };
    try_join!(make_account, make_binding)?;
    if let Some(other) = other.filter(|other| is_ours(&other.metadata)) {
        retire::delete(server, &other_at, &other.metadata).await.map_err(error)?;
    }
    Ok(Provisioned { namespace_is_ours: namespace_is_ours(&namespace.metadata) })
}

/// Whether we made this namespace.
pub(super) fn namespace_is_ours(metadata: &ObjectMeta) -> bool {
    is_ours(metadata) && has_label(metadata, CREATED, "true")
}

/// Either kind of binding, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    metadata: ObjectMeta,
    role_ref: RoleRef,
    #[serde(default, deserialize_with = "null_is_empty")]
    subjects: Vec<Subject>,
}

impl Binding {
    fn check(&self, place: &Place, operator: &Operator) -> Result<(), ClusterError> {
        let wanted = subject(operator);
        let same = |subject: &Subject| {
            (&subject.kind, &subject.name, &subject.namespace)
                == (&wanted.kind, &wanted.name, &wanted.namespace)
        };
        if self.role_ref == role() && self.subjects.iter().any(same) {
            return Ok(());
        }
        Err(failed(format!(
            "{} exists, but does not bind ServiceAccount {}/{} to ClusterRole {ROLE}; delete it or choose another \
             operator instance name",
            place.title(),
            operator.namespace,
            operator.instance,
        )))
    }
}

fn role() -> RoleRef {
    RoleRef { api_group: Some(RBAC.to_owned()), kind: "ClusterRole".to_owned(), name: ROLE.to_owned() }
}

fn subject(operator: &Operator) -> Subject {
    Subject {
        api_group: None,
        kind: "ServiceAccount".to_owned(),
        name: operator.instance.as_str().to_owned(),
        namespace: Some(operator.namespace.as_str().to_owned()),
    }
}

async fn create_namespace(server: &ApiServer, operator: &Operator) -> Result<Namespace, ClusterError> {
    let place = Place::namespace(operator);
    let mut metadata = place.metadata();
    metadata.labels.get_or_insert_default().insert(CREATED.to_owned(), "true".to_owned());
    create(server, &place, &Namespace { metadata, ..Namespace::default() }).await
}

async fn create_binding(server: &ApiServer, place: &Place, operator: &Operator) -> Result<(), ClusterError> {
    let (metadata, role_ref, subjects) = (place.metadata(), role(), Some(vec![subject(operator)]));
    let binding: Binding = match operator.scope {
        OperatorScope::Cluster => {
            create(server, place, &ClusterRoleBinding { metadata, role_ref, subjects }).await?
        }
        OperatorScope::Namespace => {
            create(server, place, &RoleBinding { metadata, role_ref, subjects }).await?
        }
    };
    // Somebody else may have been quicker, with something else.
    binding.check(place, operator)
}

async fn find<T: DeserializeOwned>(server: &ApiServer, place: &Place) -> Result<Option<T>, CallError> {
    server.find(&place.get()?).await
}

/// What a watch knows to be absent is not asked for: should another's be there, making ours is answered so.
async fn find_unless<T>(
    seen: &Observation,
    find: impl Future<Output = Result<Option<T>, CallError>>,
) -> Result<Option<T>, CallError> {
    if *seen == Observation::Absent { Ok(None) } else { find.await }
}

/// Creates it; when somebody was quicker, what they made is the answer.
async fn create<T: Serialize, Found: DeserializeOwned>(
    server: &ApiServer,
    place: &Place,
    wanted: &T,
) -> Result<Found, ClusterError> {
    let call =
        place.collection().and_then(|path| Call::new(Method::POST, path).json(wanted)).map_err(error)?;
    match server.fetch(&call).await {
        Err(refused) if refused.has_status(StatusCode::CONFLICT) => {
            let found = find(server, place).await.map_err(error)?;
            found.ok_or_else(|| failed(format!("{} can be neither created nor read", place.title())))
        }
        answer => answer.map_err(error),
    }
}

fn error(error: CallError) -> ClusterError {
    error.into_cluster_error(Reason::ProvisionDenied, Reason::ProvisionFailed)
}

fn failed(detail: String) -> ClusterError {
    ClusterError { reason: Reason::ProvisionFailed, detail: Some(detail) }
}
