use serde_json::json;

use super::*;

const WATCHED: Watched<'_> = Watched { repository: "https://git.example.com/team/app.git", branch: "main" };

fn of(payload: &Value) -> Hint {
    hint(payload.to_string().as_bytes(), WATCHED)
}

/// A push to a branch of a repository, as each host tells it.
fn pushes(path: &str, branch: &str) -> [(&'static str, Value); 6] {
    let full = format!("refs/heads/{branch}");
    let (https, ssh) =
        (format!("https://git.example.com/{path}.git"), format!("git@git.example.com:{path}.git"));
    let html = format!("https://git.example.com/{path}");
    let api = format!("https://api.git.example.com/repos/{path}");
    [
        (
            "GitHub and Gitea",
            json!({ "ref": full, "repository": { "clone_url": https, "ssh_url": ssh, "html_url": html, "url": api } }),
        ),
        (
            "GitLab",
            json!({ "object_kind": "push", "ref": full,
                "project": { "git_http_url": https, "git_ssh_url": ssh, "web_url": html },
                "repository": { "url": ssh, "homepage": html } }),
        ),
        (
            "Bitbucket",
            json!({ "push": { "changes": [{ "new": { "type": "branch", "name": branch }, "old": null }] },
                "repository": { "full_name": path, "links": { "html": { "href": html }, "self": { "href": api } } } }),
        ),
        (
            "Bitbucket Data Center",
            json!({ "eventKey": "repo:refs_changed", "changes": [{ "ref": { "id": full, "type": "BRANCH" } }],
                "repository": { "slug": "app", "links": { "clone": [{ "href": https }, { "href": ssh }] } } }),
        ),
        (
            "Azure DevOps",
            json!({ "eventType": "git.push",
                "resource": { "refUpdates": [{ "name": full }], "repository": { "remoteUrl": https, "url": api } } }),
        ),
        ("somebody's own program", json!({ "ref": full, "repository": https })),
    ]
}

#[test]
fn a_push_to_the_branch_is_a_hint_whichever_host_tells_it() {
    for (host, push) in pushes("team/app", "main") {
        assert_eq!(of(&push), Hint::Look, "{host}");
    }
}

// S-L4
#[test]
fn a_push_to_another_branch_or_repository_is_none() {
    for branch in ["other", "Main", "main2", "feature/main", "m.*", ".*", "main|x", "main\n"] {
        for (host, push) in pushes("team/app", branch) {
            assert_eq!(of(&push), Hint::OtherBranch, "{host}: {branch}");
        }
    }
    for path in ["team/other", "team/app2", "team/a.p", ".*", "team/.*"] {
        for (host, push) in pushes(path, "main") {
            assert_eq!(of(&push), Hint::OtherRepository, "{host}: {path}");
        }
    }
}

#[test]
fn a_tag_is_another_thing_than_the_branch() {
    assert_eq!(of(&json!({ "ref": "refs/tags/flux-sync" })), Hint::OtherBranch);
    let tag = json!({ "push": { "changes": [{ "new": { "type": "tag", "name": "main" } }] } });
    assert_eq!(of(&tag), Hint::OtherBranch);
}

#[test]
fn one_of_several_branches_is_enough_and_so_is_one_that_is_gone() {
    let change = |name: &str| json!({ "new": { "type": "branch", "name": name } });
    let both = json!({ "push": { "changes": [change("other"), change("main")] } });
    assert_eq!(of(&both), Hint::Look);
    let gone =
        json!({ "push": { "changes": [{ "new": null, "old": { "type": "branch", "name": "main" } }] } });
    assert_eq!(of(&gone), Hint::Look);
}

#[test]
fn a_form_that_wraps_the_payload_is_opened() {
    let wrapped = |payload: &Value| {
        form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish()
    };
    let body = wrapped(&json!({ "ref": "refs/heads/other" }));
    assert_eq!(hint(body.as_bytes(), WATCHED), Hint::OtherBranch);
    assert_eq!(hint(b"payload=%7B", WATCHED), Hint::Look);
}

// S-L2
#[test]
fn whatever_cannot_be_read_is_a_hint_and_no_panic() {
    let nulls = json!({ "ref": null, "repository": null, "push": { "changes": null }, "resource": null });
    let wrong =
        json!({ "ref": [1], "repository": { "clone_url": {}, "links": { "clone": {}, "html": [] } } });
    let mixed = json!({ "push": { "changes": [{ "new": { "type": "branch", "name": "other" } }, 7, null] } });
    let updates = json!({ "resource": { "refUpdates": [{}], "repository": "x" } });
    let empty = json!({ "changes": [], "repository": {} });
    let ping = json!({ "zen": "Keep it logically awesome.", "hook_id": 1 });
    let short = json!({ "ref": "other" });
    for payload in [nulls, wrong, mixed, updates, empty, ping, short, json!([]), json!("x"), json!(null)] {
        assert_eq!(of(&payload), Hint::Look, "{payload}");
    }
    let deep = |levels: usize| format!("{}1{}", "{\"ref\":".repeat(levels), "}".repeat(levels));
    for body in ["", "{", "\u{0}", "payload=", &deep(64), &deep(8000), &"[".repeat(65_536)] {
        assert_eq!(
            hint(body.as_bytes(), WATCHED),
            Hint::Look,
            "{}",
            body.chars().take(9).collect::<String>()
        );
    }
    assert_eq!(hint(&[0xff, 0xfe, 0x00], WATCHED), Hint::Look);
}
