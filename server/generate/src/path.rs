//! Paths inside a repository, as texts: relative, parts separated by `/`, the root is empty.

/// Follows a relative path from a folder. `None` when it leaves the repository, is absolute, or goes into Git's own
/// folder.
pub(crate) fn follow(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = parts(folder).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part if part.eq_ignore_ascii_case(".git") => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder that holds a path; the root's is the root.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Either may be the root.
pub(crate) fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", path) | (path, "") => path.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}

/// Whether `path` is `folder` or lies below it.
pub(crate) fn is_within(folder: &str, path: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// How `to` is named in the folder `from`, both from one root.
pub(crate) fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(parts(from).count()))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_followed_and_never_leaves_the_repository() {
        for (folder, path, expected) in [
            ("", ".", Some("")),
            ("a/b", "../c", Some("a/c")),
            ("a", "./b//c/", Some("a/b/c")),
            ("a", "..", Some("")),
            ("a", "../..", None),
            ("", "../a", None),
            ("a", "/etc", None),
            ("a", ".git/config", None),
            ("a", ".GIT", None),
            ("a", "b\0", None),
        ] {
            assert_eq!(follow(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }

    #[test]
    fn a_path_from_a_folder_leads_back_to_where_it_is() {
        for (from, to) in [("", "a/b"), ("a/b", "c"), ("a", "a/b")] {
            assert_eq!(follow(from, &relative(from, to)).as_deref(), Some(to), "{from} {to}");
        }
    }
}
