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
/// Prefix of all other labels and annotations that the server writes in a cluster; not Git's to claim either.
pub const OWN_PREFIX: &str = "fairlead/";

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

/// Whether a live object asks not to be deleted when it leaves Git: `"true"`, or `"sync_only"` (Flux 1.19).
pub fn kept_from_collection(object: &Value) -> bool {
    let annotations = object.pointer("/metadata/annotations");
    let word = |name: &&str| annotations.and_then(|all| all.get(*name)).and_then(Value::as_str);
    IGNORE_ANNOTATIONS.iter().filter_map(word).any(|word| matches!(word, "true" | "sync_only"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::repository_paths;

    fn set(url: &str, branch: &str, paths: &[&str]) -> String {
        set_name(url, &Branch::parse(branch).expect("a branch"), &repository_paths(paths))
    }

    /// Values of `tests/marks.py`.
    #[test]
    fn set_names_are_those_of_flux() {
        let url = "https://example.com/team/config.git";
        assert_eq!(set(url, "main", &[]), "HBt-Kr9xDH6yE-7NB9zb4eenLMZlLcBsa1COH6UoJI8");
        assert_eq!(set(url, "main", &["apps"]), "Psb_QAlmDaIqHqV-Fng-rKZ_8py5_JT28hrF71_FwFc");
        assert_eq!(set(url, "main", &["apps", "infra/base"]), "YOPDiX-U2HMOJj9BQOAw1wsGoIRVyKPW0MtTYL9HFOY");
        let other = set("ssh://git@example.com/team/config", "release/1.0", &["ünï"]);
        assert_eq!(other, "qAlAPePnGxhaCISFZmRyKitI0ikxy2rM2QhBSYo5EOo");
    }

    /// Values of `tests/marks.py`.
    #[test]
    fn marks_are_those_of_flux() {
        let set = set("https://example.com/team/config.git", "main", &["apps"]);
        for (flux_id, expected) in [
            ("<cluster>:namespace/team-a", "sha256.bxhNxsZ6uLiqZKmzM0JTEAYIg1_FgUk5dlp6IlaL9aQ"),
            ("team-a:configmap/endpoints", "sha256.Xc4ZIRnbA4Fez1wbgFiyMuDpfMEl91zwOtXKyqksRQE"),
            ("default:deployment/arc-k8s-demo", "sha256.FOGz_9MOb5Ull44xwA8HEGXNHVwAvnZuGBJ0ALBSu38"),
        ] {
            assert_eq!(gc_mark(&set, flux_id), expected);
        }
    }

    /// Values of `tests/marks.py`.
    #[test]
    fn checksums_are_of_the_canonical_json() {
        for (document, expected) in [
            (
                json!({"kind": "ConfigMap", "apiVersion": "v1",
                       "metadata": {"name": "endpoints", "namespace": "team-a"}}),
                "4b9ee83f2ae302fdd2777cebf718edecf0094ce4",
            ),
            (
                json!({"b": [1, {"z": null, "a": "ü \"\n"}], "a": 1.5, "ä": true, "A": 420}),
                "b773fbb43e86f9e649f29fd7beb06a1793f6c776",
            ),
            (json!({}), "bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f"),
        ] {
            assert_eq!(checksum(&document), expected);
        }
    }

    #[test]
    fn what_asks_to_be_synced_only_is_not_collected_either() {
        for name in IGNORE_ANNOTATIONS {
            let with = |value: &str| json!({"metadata": {"annotations": {name: value}}});
            assert!(
                kept_from_collection(&with("true")) && kept_from_collection(&with("sync_only")),
                "{name}"
            );
            assert!(!kept_from_collection(&with("false")), "{name}");
        }
        assert!(!kept_from_collection(&json!({"metadata": {}})));
    }

    #[test]
    fn only_the_text_true_asks_to_be_left_alone() {
        let with = |value: Value| json!({"metadata": {"annotations": {"fluxcd.io/ignore": value}}});
        assert!(ignored(&with(json!("true"))));
        for value in [json!(true), json!("True"), json!("sync_only"), json!(null)] {
            assert!(!ignored(&with(value.clone())), "{value}");
        }
        assert!(!ignored(&json!({"metadata": {"annotations": null}})));
    }
}
