//! Objects outside of what an operator may touch.

use crate::scene::Scene;

/// Each with the reason for which it is left out.
fn outside(scene: &Scene) -> Vec<(&'static str, &'static str, String, &'static str)> {
    let binding = format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{ name: {0}-all }}
roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }}
subjects: [{{ kind: ServiceAccount, name: {0}, namespace: {0} }}]
",
        scene.name
    );
    let namespace = format!(
        "apiVersion: v1
kind: Namespace
metadata: {{ name: {}, labels: {{ pod-security.kubernetes.io/enforce: privileged }} }}
",
        scene.name
    );
    let list = "apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: hidden, namespace: kube-system } }
";
    let definition = format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{ name: widgets.{0}.example.com }}
spec:
  group: {0}.example.com
  scope: Namespaced
  names: {{ plural: widgets, singular: widget, kind: Widget, listKind: WidgetList }}
  versions: [{{ name: v1, served: true, storage: true, schema: {{ openAPIV3Schema: {{ type: object }} }} }}]
",
        scene.name
    );
    let webhook = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: never-made }
webhooks: []
";
    let elsewhere = "apiVersion: v1
kind: Secret
metadata: { name: elsewhere, namespace: default }
";
    let lease = format!(
        "apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {{ name: {0}, namespace: {0} }}
spec: {{ holderIdentity: somebody }}
",
        scene.name
    );
    vec![
        ("binding.yaml", "ClusterRoleBinding", binding, "clusterScoped"),
        ("namespace.yaml", "Namespace", namespace, "clusterScoped"),
        ("list.yaml", "ConfigMap", list.to_owned(), "foreignNamespace"),
        ("definition.yaml", "CustomResourceDefinition", definition, "clusterScoped"),
        ("webhook.yaml", "ValidatingWebhookConfiguration", webhook.to_owned(), "clusterScoped"),
        ("elsewhere.yaml", "Secret", elsewhere.to_owned(), "foreignNamespace"),
        ("lease.yaml", "Lease", lease, "operatorObject"),
    ]
}

#[tokio::test]
async fn s_j3_what_lies_outside_the_scope_is_listed_and_never_written_and_the_rest_is_applied() {
    let scene = Scene::shared("s-j3").await.with("operator_scope", "namespace");
    let objects = outside(&scene);
    let inside = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: inside }\ndata: { key: one }\n";
    let mut change = scene.repository.change().write("inside.yaml", inside);
    for (file, _, text, _) in &objects {
        change = change.write(file, text);
    }
    change.commit("Begin").await.unwrap();
    let mark = scene.stage.cluster.audit_mark().await.unwrap();

    let id = scene.add().await;
    let view = scene.browser().until_reason(&id, "objectsLeftOut").await.unwrap();

    assert_eq!(view.state()["reason"]["count"], objects.len(), "{}", view.summary());
    for (file, kind, _, reason) in &objects {
        let rows = view.0["resources"].as_array().unwrap();
        let row = rows.iter().find(|row| row["place"].as_str().is_some_and(|place| place.starts_with(file)));
        let row = row.unwrap_or_else(|| panic!("{file} is not listed: {}", view.summary()));
        assert_eq!(
            (row["object"]["kind"].as_str(), row["reason"]["code"].as_str()),
            (Some(*kind), Some(*reason)),
            "{row}"
        );
    }
    let there = format!("/api/v1/namespaces/{}/configmaps/inside", scene.name);
    assert!(scene.object(&there).await.is_some());
    let events = scene.stage.cluster.audit(mark).await.unwrap();
    let account = scene.service_account();
    let written: Vec<_> = events
        .iter()
        .filter(|event| event.impersonated_user.as_deref() == Some(&account) && event.is_write())
        .map(|event| (event.namespace.clone().unwrap_or_default(), event.resource.clone()))
        .collect();
    assert_eq!(written, [(scene.name.clone(), "configmaps".to_owned())]);

    // A manifest without a name of its own would be made anew at each sync.
    scene
        .commit(&[("many.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { generateName: many- }\n")])
        .await;
    let view = scene.browser().sync(&id).await.unwrap();
    assert_eq!((view.compliance(), view.reason()), ("Failed", "manifestInvalid"), "{}", view.summary());
    assert!(view.state()["reason"].to_string().contains("many.yaml"), "{}", view.summary());
}
