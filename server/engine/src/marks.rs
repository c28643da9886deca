//! Flux v1's marks on every applied object, exactly: from a mark alone one can recompute whose object it is.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::repository::{Branch, RepositoryPath};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::canonical;

/// Label that says by which set an object was applied; the watches select by it.
pub const GC_MARK_LABEL: &str = "fluxcd.io/sync-gc-mark";
/// Annotation with the checksum of the document in Git.
pub const CHECKSUM_ANNOTATION: &str = "fluxcd.io/sync-checksum";
/// Annotations that ask, by `"true"`, to leave an object alone; the second is Flux' old prefix.
pub const IGNORE_ANNOTATIONS: [&str; 2] = ["fluxcd.io/ignore", "flux.weave.works/ignore"];
/// Label of what the server itself makes in a cluster. Git may not claim it: it decides what goes with an operator.
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
/// Its value.
pub const MANAGED_BY: &str = "fairlead";

/// Name of the set of objects that one Git source gives: base64url of the SHA-256 of URL, branch and paths, one
/// after the other without separators. `safe_url` is [`domain::repository::RepositoryUrl::safe_url`].
pub fn set_name(safe_url: &str, branch: &Branch, paths: &[RepositoryPath]) -> String {
    let mut hash = Sha256::new();
    hash.update(safe_url);
    hash.update(branch.as_str());
    for path in paths {
        hash.update(path.as_str());
    }
    BASE64URL_NOPAD.encode(&hash.finalize())
}

/// Value of [`GC_MARK_LABEL`]. `flux_id` is [`domain::object::ObjectKey::flux_id`] after namespace defaulting.
pub fn gc_mark(set_name: &str, flux_id: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(set_name);
    hash.update(flux_id);
    format!("sha256.{}", BASE64URL_NOPAD.encode(&hash.finalize()))
}

/// Value of [`CHECKSUM_ANNOTATION`]: hexadecimal SHA-1 of the document as loaded, before a namespace is filled in
/// and marks are set, as canonical JSON. (Flux hashes the YAML that Go writes for it; the value is for the one
/// program that wrote it.)
pub fn checksum(document: &Value) -> String {
    HEXLOWER.encode(&Sha1::digest(canonical::text(document)))
}

/// Whether an object, in Git or live, asks to be left alone.
pub fn ignored(object: &Value) -> bool {
    let annotations = object.pointer("/metadata/annotations");
    IGNORE_ANNOTATIONS
        .iter()
        .any(|name| annotations.and_then(|all| all.get(name)).and_then(Value::as_str) == Some("true"))
}
