//! What releases have made as watches see it: objects that helm labels as its own.

use domain::health::Health;
use engine::own_fields::helm_fields;
use engine::port::cluster::Observed;
use engine::port::release::MadeObject;
use serde_json::Value;

use crate::observer::{Sight, text};

/// The annotation by which the Helm operator knows whose an object is.
const ANTECEDENT: &str = "helm.fluxcd.io/antecedent";

/// Objects of releases, by helm's own label and their metadata alone.
pub(crate) const MADE: Sight = Sight {
    selector: "app.kubernetes.io/managed-by=Helm",
    whole: |_| false,
    keep: |object| Observed {
        uid: text(object, "/metadata/uid"),
        own_fields: helm_fields(object),
        health: Health::Healthy,
        message: None,
    },
};

/// What is kept of an object in a list.
pub(crate) fn made(object: &Value) -> MadeObject {
    let annotations = object.pointer("/metadata/annotations");
    let antecedent = annotations.and_then(|all| all.get(ANTECEDENT)).and_then(Value::as_str);
    MadeObject {
        uid: text(object, "/metadata/uid"),
        helm_fields: helm_fields(object),
        antecedent: antecedent.map(str::to_owned),
    }
}
