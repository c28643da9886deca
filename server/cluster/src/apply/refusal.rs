//! Why an object was not applied, in a word of ours and the words of the API server, without anything secret.

use domain::object::ObjectKey;
use domain::reason::ObjectReason;
use engine::hidden::{Hidden, without_quoted};
use engine::port::cluster::ObjectError;
use http::StatusCode;
use serde_json::Value;

use crate::call::{CallError, Fault, Refusal, bounded};

/// How the API server introduces the words of others, who have seen the whole object: also what it holds that is not in
/// the manifest, and what is about to be deleted. The name of who refuses comes next, in the quote that ends each.
const OTHERS: [&str; 2] = ["admission webhook \"", "ValidatingAdmissionPolicy '"];

/// What may be repeated of what is said about an object.
pub(crate) struct Words<'a> {
    /// The manifest, where the object holds secrets.
    secret: Option<&'a Value>,
}

impl Words<'_> {
    /// Of a request that is about no object in particular.
    pub(crate) fn of_nothing() -> Self {
        Self { secret: None }
    }

    /// Of a request that sends no manifest.
    pub(crate) fn about(key: &ObjectKey) -> Self {
        Self::new(key, &Value::Null)
    }
}

impl<'a> Words<'a> {
    pub(crate) fn new(key: &ObjectKey, manifest: &'a Value) -> Self {
        let is_secret = key.group.is_empty() && key.kind == "Secret";
        Self { secret: is_secret.then_some(manifest) }
    }

    /// The request could not even be made: the object's name is none.
    pub(crate) fn unsent(&self, error: &CallError) -> ObjectError {
        ObjectError { reason: ObjectReason::Invalid, detail: self.scrubbed(&error.detail()) }
    }

    pub(crate) fn error(&self, error: &CallError) -> ObjectError {
        ObjectError { reason: reason(error), detail: self.scrubbed(&error.detail()) }
    }

    fn scrubbed(&self, detail: &str) -> String {
        let Some(manifest) = self.secret else { return bounded(detail) };
        if let Some(others) = who_refuses(detail) {
            return bounded(&format!("{others}; its words are not shown, for it has seen the Secret"));
        }
        let mut hidden = Hidden::default();
        for field in ["data", "stringData"] {
            hidden.add(manifest.get(field).unwrap_or_default());
        }
        bounded(&without_quoted(&hidden.without(detail)))
    }
}

/// Who of the others refuses an object, as the API server says it.
fn who_refuses(detail: &str) -> Option<String> {
    let (at, begins) = OTHERS.iter().filter_map(|begins| Some((detail.find(begins)?, begins))).min()?;
    let (quote, rest) = (begins.chars().next_back()?, detail.get(at + begins.len()..)?);
    let name: String = rest.chars().take_while(|character| *character != quote).collect();
    Some(format!("refused by {begins}{name}{quote}"))
}

fn reason(error: &CallError) -> ObjectReason {
    match error {
        CallError::Unreached(
            Fault::AddressRefused(_) | Fault::AddressNotListed(_) | Fault::CertificateRefused(_),
        )
        | CallError::Unauthenticated { .. }
        | CallError::Unreadable(_) => ObjectReason::Refused,
        CallError::Unreached(_) => ObjectReason::Unavailable,
        CallError::Refused(refusal) => of_refusal(refusal),
    }
}

fn of_refusal(refusal: &Refusal) -> ObjectReason {
    let Refusal { status, message, causes } = refusal;
    if causes.iter().any(|cause| cause == "NamespaceTerminating") {
        return ObjectReason::NamespaceTerminating;
    }
    let says = |words: &str| message.contains(words);
    if says("admission webhook") || says("failed calling webhook") || says("ValidatingAdmissionPolicy") {
        return ObjectReason::AdmissionRefused;
    }
    // What does not fit the schema is answered as an internal error of server-side apply.
    if says("failed to create typed patch object") || says("failed to create typed live object") {
        return ObjectReason::Invalid;
    }
    match *status {
        // The words of the RBAC authorizer; every other 403 comes from an admission plugin (quota, pod security).
        StatusCode::FORBIDDEN if says(" cannot ") => ObjectReason::Forbidden,
        StatusCode::FORBIDDEN => ObjectReason::AdmissionRefused,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::PAYLOAD_TOO_LARGE => {
            ObjectReason::Invalid
        }
        StatusCode::NOT_FOUND if says("the server could not find the requested resource") => {
            ObjectReason::UnknownKind
        }
        StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            ObjectReason::Unavailable
        }
        status if status.is_server_error() => ObjectReason::Unavailable,
        _ => ObjectReason::Refused,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(kind: &str) -> ObjectKey {
        ObjectKey { group: String::new(), kind: kind.to_owned(), namespace: None, name: "a".to_owned() }
    }

    fn refused(status: u16, message: &str, causes: &[&str]) -> CallError {
        CallError::Refused(Box::new(Refusal {
            status: StatusCode::from_u16(status).expect("a status"),
            message: message.to_owned(),
            causes: causes.iter().map(|&cause| cause.to_owned()).collect(),
        }))
    }

    #[test]
    fn refusals_are_told_apart() {
        let forbidden =
            r#"configmaps "a" is forbidden: User "system:serviceaccount:x:y" cannot patch resource"#;
        let cases = [
            (refused(403, forbidden, &[]), ObjectReason::Forbidden),
            (
                refused(403, "pods \"a\" is forbidden: exceeded quota: few", &[]),
                ObjectReason::AdmissionRefused,
            ),
            (
                refused(403, "unable to create new content", &["NamespaceTerminating"]),
                ObjectReason::NamespaceTerminating,
            ),
            (
                refused(400, "admission webhook \"x\" denied the request: no", &[]),
                ObjectReason::AdmissionRefused,
            ),
            (refused(500, "failed calling webhook \"x\": timeout", &[]), ObjectReason::AdmissionRefused),
            (
                refused(422, "ValidatingAdmissionPolicy 'x' denied request", &[]),
                ObjectReason::AdmissionRefused,
            ),
            (
                refused(500, "failed to create typed patch object (a/b; /v1, Kind=X)", &[]),
                ObjectReason::Invalid,
            ),
            (refused(422, "spec.replicas: Invalid value: -1", &[]), ObjectReason::Invalid),
            (refused(400, "strict decoding error: unknown field \"spec.x\"", &[]), ObjectReason::Invalid),
            (
                refused(404, "the server could not find the requested resource", &[]),
                ObjectReason::UnknownKind,
            ),
            (refused(404, "namespaces \"x\" not found", &[]), ObjectReason::Refused),
            (refused(429, "slow down", &[]), ObjectReason::Unavailable),
            (refused(503, "no leader", &[]), ObjectReason::Unavailable),
            (CallError::Unreached(Fault::TimedOut), ObjectReason::Unavailable),
        ];
        for (error, expected) in cases {
            assert_eq!(reason(&error), expected, "{error:?}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_repeated() {
        let manifest =
            json!({"kind": "Secret", "data": {"password": "aHVudGVyMg=="}, "stringData": {"n": 20_261_123}});
        let words = Words::new(&key("Secret"), &manifest);
        let said = r#"Secret "a" is invalid: data[x]: Invalid value: "quoted \"CANARY\"": bad aHVudGVyMg==; .stringData.n: got &{Value:20261123}; `CANARY`"#;
        let detail = words.error(&refused(422, said, &[])).detail;
        for secret in ["aHVudGVyMg==", "20261123", "CANARY", "quoted"] {
            assert!(!detail.contains(secret), "{secret} in {detail}");
        }
        assert!(detail.contains("Invalid value") && detail.contains("data[x]"), "{detail}");
    }

    // S-G3
    #[test]
    fn whoever_has_seen_a_secret_is_named_and_not_repeated() {
        let words = Words::about(&key("Secret"));
        for (said, told) in [
            (
                "admission webhook \"no.example.com\" denied the request: CANARY is weak",
                "refused by admission webhook \"no.example.com\"; its words are not shown, for it has seen the Secret",
            ),
            (
                "secrets \"a\" is forbidden: ValidatingAdmissionPolicy 'no' with binding 'CANARY' denied request: CANARY",
                "refused by ValidatingAdmissionPolicy 'no'; its words are not shown, for it has seen the Secret",
            ),
        ] {
            assert_eq!(words.error(&refused(403, said, &[])).detail, told);
        }
    }

    #[test]
    fn of_other_objects_the_words_are_kept() {
        let manifest = json!({"kind": "ConfigMap"});
        let detail =
            Words::new(&key("ConfigMap"), &manifest).error(&refused(422, "bad \"value\"", &[])).detail;
        assert_eq!(detail, "bad \"value\"");
    }
}
