//! What Helm releases read and write besides the helm program, as the operator's service account.

mod definition;
mod lend;
mod sight;

use async_trait::async_trait;
use domain::object::{ObjectKey, ResourceKind};
use engine::own_fields::FIELD_MANAGER;
use engine::port::cluster::{ClusterError, ObjectError};
use engine::port::release::{LentKubeconfig, MadeObject, ReleaseClient, StoredRelease, helm_release_kind};
use http::Method;
use serde_json::{Value, json};

pub(crate) use self::definition::define;
pub(crate) use self::lend::Lender;
pub(crate) use self::sight::{MADE, made};
use crate::apply::Words;
use crate::call::{self, ApiServer, Call, JSON, Listing, METADATA, METADATA_LIST, object_path, query};

/// A change of some fields, the others stay.
const MERGE_PATCH: &str = "application/merge-patch+json";

/// What is beyond so many pages is not ours to list.
const PAGES_MAX: usize = 200;

/// Helm's own storage: its Secrets carry this.
const STORED: &str = "owner=helm";

/// The service account's client.
pub(crate) struct Client {
    pub(crate) server: ApiServer,
    pub(crate) lender: Lender,
}

#[async_trait]
impl ReleaseClient for Client {
    fn lend(&self) -> Result<LentKubeconfig, ClusterError> {
        self.lender.lend()
    }

    async fn helm_releases(&self, namespace: Option<&str>) -> Result<Vec<Value>, ObjectError> {
        self.list(&helm_release_kind(), namespace, "", JSON).await
    }

    async fn read(&self, kind: &ResourceKind, object: &ObjectKey) -> Result<Option<Value>, ObjectError> {
        let words = Words::of_nothing();
        let path = path(kind, object, &words)?;
        self.server.find(&Call::get(path)).await.map_err(|error| words.error(&error))
    }

    async fn made(
        &self,
        kind: &ResourceKind,
        namespace: Option<&str>,
    ) -> Result<Vec<(ObjectKey, MadeObject)>, ObjectError> {
        let objects = self.list(kind, namespace, MADE.selector, METADATA_LIST).await?;
        Ok(objects.iter().map(|object| (key(kind, object), made(object))).collect())
    }

    async fn stored(&self, namespace: Option<&str>) -> Result<Vec<StoredRelease>, ObjectError> {
        let secrets = ResourceKind {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "Secret".to_owned(),
            plural: "secrets".to_owned(),
            namespaced: true,
        };
        let found = self.list(&secrets, namespace, STORED, METADATA_LIST).await?;
        Ok(found.iter().filter_map(stored).collect())
    }

    async fn write_status(&self, object: &ObjectKey, status: &Value) -> Result<(), ObjectError> {
        let words = Words::of_nothing();
        let path = format!("{}/status", path(&helm_release_kind(), object, &words)?);
        self.patch(&path, &json!({ "status": status }), &words).await.map(drop)
    }

    async fn annotate(
        &self,
        kind: &ResourceKind,
        object: &ObjectKey,
        (name, value): (&str, &str),
    ) -> Result<(), ObjectError> {
        let words = Words::of_nothing();
        let path = path(kind, object, &words)?;
        let patch = json!({ "metadata": { "annotations": { name: value } } });
        // What went meanwhile needs no annotation.
        self.patch(&path, &patch, &words).await.map(drop)
    }
}

impl Client {
    async fn list(
        &self,
        kind: &ResourceKind,
        namespace: Option<&str>,
        selector: &str,
        accept: &'static str,
    ) -> Result<Vec<Value>, ObjectError> {
        let listing = Listing { kind, namespace, selector, accept, pages_max: PAGES_MAX };
        let mut objects = Vec::new();
        let listed = call::list(&self.server, listing, |items| objects.extend(items)).await;
        listed.map(|_| objects).map_err(|error| Words::of_nothing().error(&error))
    }

    /// `None` when there is no such object.
    async fn patch(
        &self,
        path: &str,
        patch: &Value,
        words: &Words<'_>,
    ) -> Result<Option<Value>, ObjectError> {
        let path = query(path, &[("fieldManager", FIELD_MANAGER)]);
        let call = Call::new(Method::PATCH, path).accept(METADATA).body(MERGE_PATCH, patch);
        let call = call.map_err(|error| words.unsent(&error))?;
        self.server.find(&call).await.map_err(|error| words.error(&error))
    }
}

fn path(kind: &ResourceKind, object: &ObjectKey, words: &Words<'_>) -> Result<String, ObjectError> {
    object_path(kind, object.namespace.as_deref(), &object.name).map_err(|error| words.unsent(&error))
}

fn text<'object>(object: &'object Value, pointer: &str) -> Option<&'object str> {
    object.pointer(pointer).and_then(Value::as_str)
}

fn key(kind: &ResourceKind, object: &Value) -> ObjectKey {
    ObjectKey {
        group: kind.group.clone(),
        kind: kind.kind.clone(),
        namespace: text(object, "/metadata/namespace").map(str::to_owned),
        name: text(object, "/metadata/name").unwrap_or_default().to_owned(),
    }
}

/// By the labels that helm's storage of kind Secret writes: `name`, `version`, `status` and `modifiedAt`.
fn stored(secret: &Value) -> Option<StoredRelease> {
    let label = |name: &str| secret.pointer("/metadata/labels").and_then(|labels| labels.get(name)?.as_str());
    Some(StoredRelease {
        namespace: text(secret, "/metadata/namespace")?.to_owned(),
        name: label("name")?.to_owned(),
        revision: label("version")?.parse().ok()?,
        status: label("status")?.to_owned(),
        modified_at: label("modifiedAt").and_then(|at| at.parse().ok()).unwrap_or_default(),
    })
}
