//! The kinds of Kubernetes 1.35 itself, for a look at a repository without a cluster.

use domain::object::ResourceKind;

use crate::port::cluster::Kinds;

/// What a plain cluster serves.
pub fn builtin_kinds() -> Kinds {
    let mut kinds = Kinds::default();
    for (group, versions, scope, names) in TABLE {
        for (kind, plural) in names.split_whitespace().filter_map(|name| name.split_once('=')) {
            let served = versions.split(' ').map(|version| ResourceKind {
                group: (*group).to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
                plural: plural.to_owned(),
                namespaced: *scope == Scope::Namespaced,
            });
            kinds.served.insert(((*group).to_owned(), kind.to_owned()), served.collect());
        }
    }
    kinds
}

#[derive(PartialEq)]
enum Scope {
    Namespaced,
    Cluster,
}

/// Group, versions (preferred first), scope, kinds with their path words.
const TABLE: &[(&str, &str, Scope, &str)] = &[
    (
        "",
        "v1",
        Scope::Namespaced,
        "Binding=bindings ConfigMap=configmaps Endpoints=endpoints Event=events LimitRange=limitranges \
         PersistentVolumeClaim=persistentvolumeclaims Pod=pods PodTemplate=podtemplates \
         ReplicationController=replicationcontrollers ResourceQuota=resourcequotas Secret=secrets \
         Service=services ServiceAccount=serviceaccounts",
    ),
    (
        "",
        "v1",
        Scope::Cluster,
        "Namespace=namespaces Node=nodes PersistentVolume=persistentvolumes \
         ComponentStatus=componentstatuses",
    ),
    (
        "apps",
        "v1",
        Scope::Namespaced,
        "ControllerRevision=controllerrevisions DaemonSet=daemonsets Deployment=deployments \
         ReplicaSet=replicasets StatefulSet=statefulsets",
    ),
    ("batch", "v1", Scope::Namespaced, "CronJob=cronjobs Job=jobs"),
    (
        "admissionregistration.k8s.io",
        "v1",
        Scope::Cluster,
        "MutatingWebhookConfiguration=mutatingwebhookconfigurations \
         ValidatingWebhookConfiguration=validatingwebhookconfigurations \
         ValidatingAdmissionPolicy=validatingadmissionpolicies \
         ValidatingAdmissionPolicyBinding=validatingadmissionpolicybindings",
    ),
    ("apiextensions.k8s.io", "v1", Scope::Cluster, "CustomResourceDefinition=customresourcedefinitions"),
    ("apiregistration.k8s.io", "v1", Scope::Cluster, "APIService=apiservices"),
    (
        "authentication.k8s.io",
        "v1",
        Scope::Cluster,
        "TokenReview=tokenreviews SelfSubjectReview=selfsubjectreviews",
    ),
    (
        "authorization.k8s.io",
        "v1",
        Scope::Cluster,
        "SelfSubjectAccessReview=selfsubjectaccessreviews SelfSubjectRulesReview=selfsubjectrulesreviews \
         SubjectAccessReview=subjectaccessreviews",
    ),
    ("authorization.k8s.io", "v1", Scope::Namespaced, "LocalSubjectAccessReview=localsubjectaccessreviews"),
    ("autoscaling", "v2 v1", Scope::Namespaced, "HorizontalPodAutoscaler=horizontalpodautoscalers"),
    ("certificates.k8s.io", "v1", Scope::Cluster, "CertificateSigningRequest=certificatesigningrequests"),
    ("coordination.k8s.io", "v1", Scope::Namespaced, "Lease=leases"),
    ("discovery.k8s.io", "v1", Scope::Namespaced, "EndpointSlice=endpointslices"),
    ("events.k8s.io", "v1", Scope::Namespaced, "Event=events"),
    (
        "flowcontrol.apiserver.k8s.io",
        "v1",
        Scope::Cluster,
        "FlowSchema=flowschemas PriorityLevelConfiguration=prioritylevelconfigurations",
    ),
    ("networking.k8s.io", "v1", Scope::Namespaced, "Ingress=ingresses NetworkPolicy=networkpolicies"),
    (
        "networking.k8s.io",
        "v1",
        Scope::Cluster,
        "IngressClass=ingressclasses IPAddress=ipaddresses ServiceCIDR=servicecidrs",
    ),
    ("node.k8s.io", "v1", Scope::Cluster, "RuntimeClass=runtimeclasses"),
    ("policy", "v1", Scope::Namespaced, "PodDisruptionBudget=poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "v1", Scope::Namespaced, "Role=roles RoleBinding=rolebindings"),
    (
        "rbac.authorization.k8s.io",
        "v1",
        Scope::Cluster,
        "ClusterRole=clusterroles ClusterRoleBinding=clusterrolebindings",
    ),
    (
        "resource.k8s.io",
        "v1",
        Scope::Namespaced,
        "ResourceClaim=resourceclaims ResourceClaimTemplate=resourceclaimtemplates",
    ),
    ("resource.k8s.io", "v1", Scope::Cluster, "DeviceClass=deviceclasses ResourceSlice=resourceslices"),
    ("scheduling.k8s.io", "v1", Scope::Cluster, "PriorityClass=priorityclasses"),
    (
        "storage.k8s.io",
        "v1",
        Scope::Cluster,
        "CSIDriver=csidrivers CSINode=csinodes StorageClass=storageclasses VolumeAttachment=volumeattachments \
         VolumeAttributesClass=volumeattributesclasses",
    ),
    ("storage.k8s.io", "v1", Scope::Namespaced, "CSIStorageCapacity=csistoragecapacities"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::cluster::KindLookup;

    #[test]
    fn every_row_of_the_table_says_name_and_path_word() {
        let kinds = builtin_kinds();
        let written: usize = TABLE.iter().map(|(.., names)| names.split_whitespace().count()).sum();
        assert_eq!(kinds.served.len(), written);
        for kind in kinds.served.values().flatten() {
            assert!(kind.plural.starts_with(&kind.kind.to_lowercase()[..3]), "{kind:?}");
        }
    }

    #[test]
    fn the_preferred_version_stands_first_and_others_are_found() {
        let kinds = builtin_kinds();
        assert!(matches!(kinds.find("autoscaling", "v1", "HorizontalPodAutoscaler"), KindLookup::Served(_)));
        assert_eq!(kinds.find("extensions", "v1beta1", "Ingress"), KindLookup::Unknown);
    }
}
