//! Whether a repository that a webhook names can be the one that is read.

use domain::repository::RepositoryUrl;
use serde_json::Value;

/// Where payloads have the repository: GitHub, Gitea, Bitbucket and others; GitLab; Azure DevOps.
const OBJECTS: [&str; 3] = ["/repository", "/project", "/resource/repository"];
/// Fields of it with addresses that Git is given.
const CLONE_FIELDS: [&str; 8] =
    ["clone_url", "ssh_url", "git_url", "git_http_url", "git_ssh_url", "http_url", "remoteUrl", "sshUrl"];
/// The same of senders who have nothing better.
const OTHER_FIELDS: [&str; 3] = ["url", "html_url", "web_url"];

/// All addresses under which a payload names its repository.
pub(super) fn named(payload: &Value) -> Vec<&str> {
    let objects = || OBJECTS.iter().filter_map(|place| payload.pointer(place));
    let of = |fields: &'static [&str]| {
        objects().flat_map(move |object| fields.iter().filter_map(|field| object.get(field)?.as_str()))
    };
    let links = objects().flat_map(|object| {
        let clone = object.pointer("/links/clone").and_then(Value::as_array);
        let clone = clone.into_iter().flatten().filter_map(|link| link.get("href")?.as_str());
        clone.chain(object.pointer("/links/html/href").and_then(Value::as_str))
    });
    let mut urls: Vec<&str> = of(&CLONE_FIELDS).chain(links).collect();
    if urls.is_empty() {
        urls.extend(of(&OTHER_FIELDS).chain(objects().filter_map(Value::as_str)));
    }
    urls
}

/// `false` only where it is clear: another path on the same host, or another name when no address is on that host. A host
/// may be known by several names, one for ssh and one for http: then the repository's own name decides.
pub(super) fn may_be(named: &[&str], watched: &str) -> bool {
    let Some(watched) = Spot::of(watched) else { return true };
    let named: Vec<Spot> = named.iter().filter_map(|url| Spot::of(url)).collect();
    // One address can be written with and without encoding.
    let encoded = named.iter().chain([&watched]).any(|spot| spot.path.contains('%'));
    if named.is_empty() || encoded || named.contains(&watched) {
        return true;
    }
    let elsewhere = !named.iter().any(|spot| spot.host == watched.host);
    elsewhere && named.iter().any(|spot| spot.name() == watched.name())
}

/// Host and path of a repository, whichever way it is reached.
#[derive(PartialEq, Eq)]
struct Spot {
    host: String,
    /// Without slashes around it and without `.git`, in lower case as most hosts compare it.
    path: String,
}

impl Spot {
    fn of(url: &str) -> Option<Self> {
        let url = RepositoryUrl::parse(url).ok()?;
        let path = url.path().trim_matches('/').to_ascii_lowercase();
        let path = path.strip_suffix(".git").unwrap_or(&path).to_owned();
        Some(Self { host: url.host().to_owned(), path })
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_many_addresses() {
        let watched = "https://git.example.com/Team/app.git";
        for named in [
            "https://git.example.com/team/app",
            "http://git.example.com:3000/team/app.git/",
            "git@git.example.com:team/app.git",
            "ssh://git@git.example.com:22/team/app",
            "https://user@git.example.com/team/app.git",
            "https://git.inside:8443/other/app.git",
        ] {
            assert!(may_be(&[named], watched), "{named}");
        }
        let azure = "git@ssh.dev.azure.com:v3/org/project/app";
        assert!(may_be(&["https://org@dev.azure.com/org/project/_git/app"], azure));
        assert!(may_be(&["https://org@dev.azure.com/org/my%20project/_git/app"], azure));
    }

    #[test]
    fn another_one_is_another_one() {
        let watched = "https://git.example.com/team/app.git";
        for named in [
            "https://git.example.com/team/application",
            "https://git.example.com/fork/app.git",
            "https://git.example.com/team/app.git.git",
            "https://git.inside/team/other.git",
        ] {
            assert!(!may_be(&[named], watched), "{named}");
        }
        assert!(may_be(&["https://git.inside/team/other.git", "git@git.example.com:team/app"], watched));
    }

    // S-L4
    #[test]
    fn names_are_compared_and_never_matched() {
        let watched = "https://git.example.com/team/a.p";
        assert!(!may_be(&["https://git.example.com/team/app"], watched));
        for pattern in ["https://git.example.com/team/.*", "https://git.example.com/.+"] {
            assert!(!may_be(&[pattern], "https://git.example.com/team/app"), "{pattern}");
        }
    }

    #[test]
    fn what_names_nothing_readable_may_be_anything() {
        let watched = "https://git.example.com/team/app.git";
        assert!(may_be(&[], watched));
        assert!(may_be(&["", "\u{0}", "file:///etc", "--upload-pack=x", ".*"], watched));
        assert!(may_be(&["https://git.example.com/other"], "no address"));
    }
}
