//! A sync that the cluster takes in part only.

use http::Method;
use serde_json::json;
use testbed::Cluster;

use crate::garbage::{collecting, deletions};
use crate::scene::{Scene, eventually};

const NAMES: [&str; 4] = ["first", "second", "third", "fourth"];
const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDINGS: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";

/// Refuses one config map of a scene, as an admission webhook would.
struct Refusal<'a> {
    cluster: &'a Cluster,
    name: String,
}

impl<'a> Refusal<'a> {
    async fn of(scene: &'a Scene, name: &str) -> Self {
        let (cluster, policy) = (scene.stage.cluster, format!("{}-{name}", scene.name));
        let refused =
            format!("object.metadata.namespace == '{}' && object.metadata.name == '{name}'", scene.app);
        let spec = json!({
            "failurePolicy": "Fail",
            "matchConstraints": { "resourceRules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"],
            }] },
            "validations": [{ "expression": format!("!({refused})"), "message": "not on a Friday" }],
        });
        for (path, spec) in
            [(POLICIES, spec), (BINDINGS, json!({ "policyName": policy, "validationActions": ["Deny"] }))]
        {
            let object = json!({ "metadata": { "name": policy }, "spec": spec });
            let (status, answer) = cluster.ask(Method::POST, path, Some(&object)).await.unwrap();
            assert_eq!(status, 201, "{answer}");
        }
        let refusal = Self { cluster, name: policy };
        refusal.until_it_answers(scene, name, 422).await;
        refusal
    }

    /// The API server learns of it a moment later.
    async fn until_it_answers(&self, scene: &Scene, name: &str, expected: u16) {
        let path = format!("{}?dryRun=All&fieldManager=somebody-else", scene.config_map_path(name));
        let patch = json!({ "metadata": { "labels": { "tried": "yes" } } });
        eventually("the policy is in force", || async {
            self.cluster.ask(Method::PATCH, &path, Some(&patch)).await.unwrap().0 == expected
        })
        .await;
    }

    async fn lift(self, scene: &Scene, name: &str) {
        for path in [BINDINGS, POLICIES] {
            let path = format!("{path}/{}", self.name);
            assert_eq!(self.cluster.ask(Method::DELETE, &path, None).await.unwrap().0, 200);
        }
        self.until_it_answers(scene, name, 200).await;
    }
}

#[tokio::test]
async fn d27_whichever_object_is_refused_the_others_are_applied_it_is_named_and_nothing_is_deleted() {
    let (scene, id) = collecting("d27", &NAMES).await;
    for (number, name) in NAMES.into_iter().enumerate() {
        let (last, value) = (format!("last-{number}"), format!("value-{number}"));
        scene.commit(&[("last.yaml", &scene.config_map(&last, "one"))]).await;
        scene.browser().sync(&id).await.unwrap();
        let old = scene.value(name).await.unwrap();
        let refusal = Refusal::of(&scene, name).await;
        let mark = scene.stage.cluster.audit_mark().await.unwrap();
        let mut change = scene.repository.change().remove("last.yaml");
        for name in NAMES {
            change = change.write(&format!("{name}.yaml"), scene.config_map(name, &value));
        }
        change.commit("Change all and remove one").await.unwrap();

        scene.browser().sync(&id).await.unwrap();
        let view = scene.until_told(&id, "objectsRefused").await;

        assert_eq!(view.compliance(), "Failed", "{}", view.summary());
        for other in NAMES {
            let expected = if other == name { &old } else { &value };
            assert_eq!(scene.value(other).await.as_ref(), Some(expected), "{other} while {name} is refused");
            assert_eq!(
                view.object_reason("ConfigMap", other).is_empty(),
                other != name,
                "{}",
                view.summary()
            );
        }
        let row = view.resource("ConfigMap", name).unwrap().to_string();
        assert!(row.contains("not on a Friday"), "{row}");
        assert!(scene.value(&last).await.is_some(), "nothing goes while something failed");
        let events = scene.stage.cluster.audit(mark).await.unwrap();
        assert!(deletions(&scene, &events).is_empty());

        refusal.lift(&scene, name).await;
        scene.browser().sync_now(&id).await.unwrap();
        scene.browser().until_installed(&id).await.unwrap();
        assert_eq!(scene.value(name).await.as_ref(), Some(&value));
        assert!(scene.value(&last).await.is_none(), "{last} is left over");
    }
}
