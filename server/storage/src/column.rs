//! From columns to the domain's words and back.

use std::fmt::Display;
use std::str::FromStr;

use domain::access::Place;
use domain::configuration::OperatorScope;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};

use crate::error::StorageError;

/// A column that says something this version does not understand. Never carries the content.
#[derive(Debug)]
pub(crate) struct ColumnError(String);

impl ColumnError {
    pub(crate) fn new(column: &str, cause: impl Display) -> Self {
        Self(format!("column {column}: {cause}"))
    }

    /// The error of the whole row.
    pub(crate) fn of(self, what: &'static str, id: &str) -> StorageError {
        StorageError::Unreadable { what, id: id.to_owned(), detail: self.0 }
    }
}

impl Display for ColumnError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An id.
pub(crate) fn id<T: FromStr>(column: &str, text: &str) -> Result<T, ColumnError> {
    text.parse().map_err(|_| ColumnError::new(column, "is no id"))
}

/// A variant's name, as `as_str` writes it.
pub(crate) fn word<'text, T: Deserialize<'text>>(column: &str, text: &'text str) -> Result<T, ColumnError> {
    let deserializer: StrDeserializer<'text, ValueError> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|_| ColumnError::new(column, "is no known word"))
}

/// A variant's name or nothing.
pub(crate) fn optional_word<'text, T: Deserialize<'text>>(
    column: &str,
    text: Option<&'text str>,
) -> Result<Option<T>, ColumnError> {
    text.map(|text| word(column, text)).transpose()
}

/// The operator's scope, in ARM's spelling.
pub(crate) fn scope(column: &str, text: &str) -> Result<OperatorScope, ColumnError> {
    [OperatorScope::Cluster, OperatorScope::Namespace]
        .into_iter()
        .find(|scope| scope.as_str() == text)
        .ok_or_else(|| ColumnError::new(column, "is no known word"))
}

/// JSON text.
pub(crate) fn json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, ColumnError> {
    serde_json::from_str(text).map_err(|error| {
        // serde's own message may quote the content
        ColumnError::new(
            column,
            format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column()),
        )
    })
}

/// JSON text or nothing.
pub(crate) fn optional_json<T: DeserializeOwned>(
    column: &str,
    text: Option<&str>,
) -> Result<Option<T>, ColumnError> {
    text.map(|text| json(column, text)).transpose()
}

/// As JSON text.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(StorageError::Unwritable)
}

/// As JSON text or nothing.
pub(crate) fn to_optional_json<T: Serialize>(value: Option<&T>) -> Result<Option<String>, StorageError> {
    value.map(to_json).transpose()
}

/// A place's three columns: subscription, resource group, cluster.
pub(crate) fn place_columns(place: &Place) -> (String, Option<String>, Option<String>) {
    match place {
        Place::Subscription(subscription) => (subscription.to_string(), None, None),
        Place::ResourceGroup(subscription, group) => {
            (subscription.to_string(), Some(group.to_string()), None)
        }
        Place::Cluster(subscription, group, cluster) => {
            (subscription.to_string(), Some(group.to_string()), Some(cluster.to_string()))
        }
    }
}

/// The same of a place that may be missing.
pub(crate) fn optional_place_columns(
    place: Option<&Place>,
) -> (Option<String>, Option<String>, Option<String>) {
    match place.map(place_columns) {
        Some((subscription, group, cluster)) => (Some(subscription), group, cluster),
        None => (None, None, None),
    }
}

/// A place from its three columns.
pub(crate) fn place(
    subscription: &str,
    resource_group: Option<&str>,
    cluster: Option<&str>,
) -> Result<Place, ColumnError> {
    let subscription = id("subscription_id", subscription)?;
    let resource_group = resource_group.map(|group| id("resource_group_id", group)).transpose()?;
    let cluster = cluster.map(|cluster| id("cluster_id", cluster)).transpose()?;
    Ok(match (resource_group, cluster) {
        (Some(group), Some(cluster)) => Place::Cluster(subscription, group, cluster),
        (Some(group), None) => Place::ResourceGroup(subscription, group),
        (None, _) => Place::Subscription(subscription),
    })
}
