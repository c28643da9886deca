//! An entry of a kustomization that names something on another host: which repository, which folder, which commit.

use domain::repository::{Branch, RepositoryUrl, Revision};
use engine::port::remote_base::{Reference, RemoteRepository};

use super::hosts::SETTING;
use crate::path::follow;

/// Hosts that kustomize knows, or knew, without a scheme.
const HOSTS: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"];

/// Where the repository's path ends when nothing in it says so: `organisation/repository`.
const REPOSITORY_PARTS: usize = 2;

/// Stands before the last part of a repository's path on Azure DevOps.
const AZURE_MARKER: &str = "_git/";

/// Ends of the names of single files.
const FILE_ENDS: [&str; 3] = [".yaml", ".yml", ".json"];

/// A folder of another repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteFolder {
    pub(crate) repository: RemoteRepository,
    /// From that repository's root.
    pub(crate) folder: String,
}

/// Whether a text names something on another host, as kustomize would understand it.
pub(crate) fn is_remote(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or_default();
    text.contains("://")
        || text.contains('?')
        || text.starts_with("git::")
        || text.starts_with("git@")
        || text.starts_with("gh:")
        || HOSTS.contains(&host)
        // `host.example/team/app//folder`
        || text.trim_start_matches('/').contains("//") && host.contains('.') && host != "." && host != ".."
}

/// Takes an entry apart as kustomize does. The error says why it is not read from wherever it is, and what to do; it
/// follows "which is on another host, and".
pub(crate) fn parse(text: &str) -> Result<RemoteFolder, String> {
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    let Address { scheme, host, path } = Address::of(address.strip_prefix("git::").unwrap_or(address))?;
    let (repository, folder) = split(path);
    if is_file(path, query) {
        return Err(format!(
            "of another host only folders of Git repositories are read, where the administrator allows the host with \
             the setting `{SETTING}`: keep a copy of the file in this repository"
        ));
    }
    let url = RepositoryUrl::parse(&format!("{scheme}://{host}/{repository}"));
    let url = url.map_err(|_| format!("its address is none of a repository: {ADVICE}"))?;
    let folder = follow("", folder).ok_or_else(|| format!("its folder leaves that repository: {ADVICE}"))?;
    Ok(RemoteFolder { repository: RemoteRepository { url, reference: reference(query)? }, folder })
}

/// How to write it.
const ADVICE: &str =
    "write https://host/organisation/repository//folder?ref=tag, or keep a copy of it in this repository";

/// Without what stands before and behind it.
struct Address<'text> {
    scheme: &'static str,
    host: &'text str,
    path: &'text str,
}

impl<'text> Address<'text> {
    fn of(text: &'text str) -> Result<Self, String> {
        if let Some((scheme, rest)) = text.split_once("://") {
            let scheme = ["https", "http"].into_iter().find(|name| scheme.eq_ignore_ascii_case(name));
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            return Ok(Self { scheme: scheme.ok_or_else(without_key)?, host, path });
        }
        let scheme = "https";
        if let Some(path) = text.strip_prefix("gh:") {
            return Ok(Self { scheme, host: HOSTS[0], path });
        }
        match text.split_once(['/', ':']) {
            Some((host, path)) if HOSTS.contains(&host) => Ok(Self { scheme, host, path }),
            Some((user, _)) if user.contains('@') => Err(without_key()),
            _ => Err(format!(
                "without a scheme it is not read from there, even where the administrator allows the host with the \
                 setting `{SETTING}`: {ADVICE}"
            )),
        }
    }
}

fn without_key() -> String {
    format!(
        "it would be read over http(s) alone and without a key, where the administrator allows the host with the \
         setting `{SETTING}`: {ADVICE}"
    )
}

/// The repository's path and that of the folder: at the marker of Azure DevOps, at `//`, behind `.git`, or after two
/// parts, whichever of them comes first in this list.
fn split(path: &str) -> (&str, &str) {
    let cut = |at: usize, skipped: usize| (&path[..at], path.get(at + skipped..).unwrap_or_default());
    if let Some(marker) = path.find(AZURE_MARKER) {
        let name = marker + AZURE_MARKER.len();
        let end = path[name..].find('/').map_or(path.len(), |slash| name + slash);
        return cut(end, 1);
    }
    if let Some(double) = path.find("//") {
        return cut(double, 2);
    }
    if let Some(end) = path.find(".git/") {
        return cut(end + ".git".len(), 1);
    }
    if path.strip_suffix(".git").is_some() {
        return (path, "");
    }
    let end = path.match_indices('/').nth(REPOSITORY_PARTS - 1);
    end.map_or((path, ""), |(at, _)| cut(at, 1))
}

/// A marker or a query is only of use in the address of a repository.
fn is_file(path: &str, query: &str) -> bool {
    let has_marker = path.contains("//") || path.contains(".git/") || path.contains(AZURE_MARKER);
    query.is_empty() && !has_marker && FILE_ENDS.iter().any(|end| path.ends_with(end))
}

/// `ref`, or `version`, its older name. How long a fetch may take is ours to say and submodules are never fetched, so
/// nothing else of a query matters.
fn reference(query: &str) -> Result<Reference, String> {
    let value = |key: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, value)| *name == key && !value.is_empty()).map(|(_, value)| value).next()
    };
    let Some(text) = value("ref").or_else(|| value("version")) else { return Ok(Reference::Head) };
    if let Ok(revision) = Revision::parse(text) {
        return Ok(Reference::Commit(revision));
    }
    // A `%` would begin an encoded character, which nobody needs in a name.
    match Branch::parse(text) {
        Ok(name) if !text.contains('%') => Ok(Reference::Named(name)),
        _ => Err(format!(
            "its ref {text} is no name of a tag or branch, nor a full commit id: write it as Git shows it, or keep a \
             copy of it in this repository"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let RemoteFolder { repository, folder } = parse(text).expect(text);
        let reference = match repository.reference {
            Reference::Head => "head".to_owned(),
            Reference::Named(name) => format!("named {name}"),
            Reference::Commit(commit) => format!("commit {}", commit.short()),
        };
        format!("{} {folder} {reference}", repository.url)
    }

    #[test]
    fn the_forms_of_kustomize_are_taken_apart_as_it_does() {
        let commit = "a".repeat(40);
        for (text, expected) in [
            (
                "https://host.example/org/repo//deploy/a?ref=v1",
                "https://host.example/org/repo deploy/a named v1",
            ),
            (
                "https://host.example/org/repo.git/deploy?ref=v1",
                "https://host.example/org/repo.git deploy named v1",
            ),
            ("https://host.example/org/repo.git//deploy", "https://host.example/org/repo.git deploy head"),
            ("https://host.example/org/repo.git", "https://host.example/org/repo.git  head"),
            ("https://host.example/org/repo/deploy?ref=v1", "https://host.example/org/repo deploy named v1"),
            ("https://host.example/org/repo", "https://host.example/org/repo  head"),
            ("http://127.0.0.1:3000/a/b/c.git//d", "http://127.0.0.1:3000/a/b/c.git d head"),
            ("git::https://host.example/a/b/c//d?version=v1", "https://host.example/a/b/c d named v1"),
            (
                "github.com/org/repo//deploy?ref=release/1",
                "https://github.com/org/repo deploy named release/1",
            ),
            ("github.com/org/repo?ref=v1&timeout=90s", "https://github.com/org/repo  named v1"),
            ("github.com:org/repo", "https://github.com/org/repo  head"),
            ("gh:org/repo/deploy", "https://github.com/org/repo deploy head"),
            (
                "https://org@dev.azure.com/org/project/_git/repo/deploy?ref=main",
                "https://org@dev.azure.com/org/project/_git/repo deploy named main",
            ),
            ("https://host.example/o/r//x.yaml?ref=v1", "https://host.example/o/r x.yaml named v1"),
            (&format!("https://host.example/o/r?ref={commit}"), "https://host.example/o/r  commit aaaaaaa"),
        ] {
            assert!(is_remote(text), "{text}");
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn other_forms_say_what_to_write() {
        for (text, words) in [
            ("https://host.example/x.yaml", "only folders of Git repositories"),
            ("https://raw.example/org/repo/main/deploy.yml", "only folders of Git repositories"),
            ("ssh://git@host.example/a/b", "without a key"),
            ("git@host.example:a/b", "without a key"),
            ("file:///etc//x", "over http(s) alone"),
            ("host.example/a/b.git//x", "without a scheme"),
            ("https://host.example", "its address is none"),
            ("https://user:word@host.example/a/b", "its address is none"),
            ("https://host.example/a/b//../../x", "leaves that repository"),
            ("https://host.example/a/b//.git", "leaves that repository"),
            ("https://host.example/a/b?ref=--upload-pack=x", "is no name of a tag or branch"),
            ("https://host.example/a/b?ref=a%2Fb", "is no name of a tag or branch"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(words) && error.contains("keep a copy"), "{text}: {error}");
        }
    }
}
