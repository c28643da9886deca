//! Charts whose templates never come to an end.

use super::Releases;
use crate::scene::eventually;

/// Folder, template, values, and what is said of it.
const ENDLESS: [(&str, &str, &str, &str); 4] = [
    (
        "include",
        "{{ define \"again\" }}{{ include \"again\" . }}{{ end }}{{ include \"again\" . }}",
        "",
        "nested reference name: again",
    ),
    (
        "neighbours",
        "{{ define \"one\" }}{{ include \"two\" . }}{{ end }}{{ define \"two\" }}{{ include \"one\" . }}{{ end }}\
         {{ include \"one\" . }}",
        "",
        "nested reference name",
    ),
    (
        "template",
        "{{ define \"again\" }}{{ template \"again\" . }}{{ end }}{{ template \"again\" . }}",
        "",
        "exceeded maximum template depth",
    ),
    (
        "text",
        "{{ tpl .Values.again . }}",
        "again: '{{ tpl .Values.again . }}'\n",
        "helm needed more memory than it may have",
    ),
];

// S-F2
#[tokio::test]
async fn a_chart_that_includes_itself_without_end_is_told_and_its_neighbours_go_on() {
    let releases = Releases::begin("hrend", "  values:\n    value: one\n").await;
    let Releases { scene, id } = &releases;
    let app = &scene.app;
    let mut change = scene.repository.change();
    for (name, template, values, _) in ENDLESS {
        let description = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let release = super::release(scene, name, "").replace("charts/web", &format!("charts/{name}"));
        change = change
            .write(&format!("charts/{name}/Chart.yaml"), description)
            .write(&format!("charts/{name}/values.yaml"), values)
            .write(&format!("charts/{name}/templates/endless.yaml"), template)
            .write(&format!("releases/{name}.yaml"), release);
    }
    change.commit("Add charts without end").await.unwrap();
    scene.browser().sync(id).await.unwrap();
    for (name, .., words) in ENDLESS {
        let path = format!("/apis/helm.fluxcd.io/v1/namespaces/{app}/helmreleases/{name}");
        eventually(&format!("{name} has failed and says {words}"), || async {
            let object = scene.object(&path).await.unwrap_or_default();
            object["status"]["phase"] == "DeployFailed"
                && object["status"]["conditions"].to_string().contains(words)
        })
        .await;
        let page = format!("/configurations/{id}?tab=releases&release={app}/{name}");
        let page = scene.browser().get(&page).await.unwrap().text();
        assert!(page.contains(words), "{name}: {page}");
    }
    let view = scene.until_told(id, "releasesFailed").await;
    assert_eq!((view.compliance(), view.level()), ("Installed", "Warning"));
    releases.change("  values:\n    value: two\n").await;
    releases.until_value("two").await;
}
