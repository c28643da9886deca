//! The index of a chart repository: which charts and versions there are, and where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::{ChartError, listed, shown};
use super::versions::{Wish, lenient};

/// A large public index has some 15 MiB.
pub(crate) const INDEX_BYTES: u64 = 32 * 1024 * 1024;
/// Nodes of its YAML: such an index has a million.
const NODES_MAX: usize = 8_000_000;
/// Nobody nests deeper.
const NESTING_MAX: usize = 64;

/// What of an index matters here.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Index {
    #[serde(default)]
    entries: BTreeMap<String, Option<Vec<Option<Entry>>>>,
}

/// A version of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    pub(crate) version: String,
    /// SHA-256 of the archive, in hexadecimal digits; some repositories leave it out.
    #[serde(default)]
    pub(crate) digest: Option<String>,
    /// Where the archive is, also relative to the index.
    #[serde(default)]
    pub(crate) urls: Vec<String>,
}

impl Index {
    /// Reads it; `repository` is for messages. Takes a while for large ones.
    pub(crate) fn parse(text: &[u8], repository: &str) -> Result<Self, ChartError> {
        let refused = |line, problem: String| ChartError::Index {
            repository: repository.to_owned(),
            line,
            problem: shown(&problem),
        };
        let text = std::str::from_utf8(text).map_err(|_| refused(None, "it is no UTF-8 text".to_owned()))?;
        let options = serde_saphyr::options! {
            // A snippet would show content of the file in an error.
            with_snippet: false,
            budget: serde_saphyr::budget! {
                max_depth: NESTING_MAX,
                flow_nesting_limit: NESTING_MAX,
                max_nodes: NODES_MAX,
                max_events: NODES_MAX * 2,
                max_documents: 1,
                max_aliases: 1_000,
                max_anchors: 1_000,
                max_total_scalar_bytes: usize::try_from(INDEX_BYTES).unwrap_or(usize::MAX),
            },
        };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let line = error.location().map(|location| location.line()).filter(|line| *line > 0);
            refused(line, error.without_snippet().to_string())
        })
    }

    /// The version of a chart that is meant.
    pub(crate) fn find(&self, repository: &str, name: &str, wish: &Wish) -> Result<&Entry, ChartError> {
        let Some(Some(entries)) = self.entries.get(name) else {
            return Err(ChartError::NoChart {
                name: shown(name),
                repository: repository.to_owned(),
                there: listed(self.entries.keys().map(String::as_str).collect::<Vec<_>>().into_iter()),
            });
        };
        let entries = entries.iter().flatten();
        wish.choose(entries.clone(), |entry| &entry.version).ok_or_else(|| ChartError::NoVersion {
            name: shown(name),
            version: shown(wish.written()),
            repository: repository.to_owned(),
            there: highest(entries.map(|entry| entry.version.as_str())),
        })
    }
}

/// Versions for a message, the highest first.
pub(crate) fn highest<'a>(versions: impl Iterator<Item = &'a str>) -> String {
    let mut versions: Vec<_> = versions.map(|text| (lenient(text), text)).collect();
    versions.sort_by(|one, other| match (&one.0, &other.0) {
        (Some(one), Some(other)) => other.cmp_precedence(one),
        (one, other) => other.is_some().cmp(&one.is_some()),
    });
    listed(versions.iter().map(|(_, text)| *text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://charts.example.com/";

    fn find(index: &str, name: &str, version: &str) -> Result<Entry, ChartError> {
        Index::parse(index.as_bytes(), URL)?.find(URL, name, &Wish::parse(version)?).cloned()
    }

    const INDEX: &str = "apiVersion: v1
generated: 2026-01-01T00:00:00Z
entries:
  broken: null
  web:
  - null
  - {name: web, version: not a version, urls: [web.tgz], icon: [1, {a: b}]}
  - {name: web, version: 1.0.0, digest: 0a, urls: [web-1.0.0.tgz]}
  - {name: web, version: '2.0', urls: [https://other.example/web-2.tgz]}
";

    #[test]
    fn the_entry_of_a_version_is_found_among_broken_ones() {
        let urls = |version| find(INDEX, "web", version).map(|entry| entry.urls);
        assert_eq!(urls("^1"), Ok(vec!["web-1.0.0.tgz".to_owned()]));
        assert_eq!(urls(""), Ok(vec!["https://other.example/web-2.tgz".to_owned()]));
        assert_eq!(
            urls("not a version").unwrap_err().to_string(),
            "\"not a version\" is neither a version nor a range of versions: \"not\" is no version"
        );
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        for (name, version, said) in [
            ("shop", "1", "there is no chart \"shop\" in https://charts.example.com/, which has broken, web"),
            (
                "broken",
                "1",
                "there is no chart \"broken\" in https://charts.example.com/, which has broken, web",
            ),
            (
                "web",
                "3",
                "there is no version \"3\" of web in https://charts.example.com/, which has 2.0, 1.0.0, not a version",
            ),
        ] {
            assert_eq!(find(INDEX, name, version).unwrap_err().to_string(), said);
        }
    }

    #[test]
    fn a_broken_index_is_told_by_its_line_and_not_by_its_content() {
        for (text, line) in [
            ("entries:\n  web: [\n", true),
            ("entries:\n  web:\n  - version: {secret: word}\n", true),
            ("entries: {}\nentries: {}\n", true),
            ("<!doctype html><p>word</p>", true),
        ] {
            let error = find(text, "web", "1").unwrap_err();
            assert!(
                matches!(&error, ChartError::Index { line: found, .. } if found.is_some() == line),
                "{text}: {error:?}"
            );
            assert!(!error.to_string().contains("word"), "{error}");
        }
        let nested = format!("entries: {}", "[".repeat(5_000));
        assert!(matches!(find(&nested, "web", "1"), Err(ChartError::Index { .. })));
        let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\nentries: {web: [*d,*d,*d,*d]}\n";
        assert!(matches!(find(laughs, "web", "1"), Err(ChartError::Index { .. })));
        assert!(matches!(Index::parse(b"\xff\xfe", URL), Err(ChartError::Index { line: None, .. })));
    }
}
