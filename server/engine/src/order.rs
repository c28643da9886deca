//! Order of application.

use crate::desired::{Desired, Rank};

/// The rank of a kind, as Flux v1 has it; by kind alone, but for the two kinds that others wait for.
pub fn rank(group: &str, kind: &str) -> Rank {
    match (group, kind) {
        ("", "Namespace") => Rank::Namespace,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => Rank::Definition,
        (_, "ServiceAccount" | "ClusterRole" | "Role" | "PersistentVolume" | "Service") => Rank::Foundation,
        (
            _,
            "ResourceQuota"
            | "LimitRange"
            | "Secret"
            | "ConfigMap"
            | "RoleBinding"
            | "ClusterRoleBinding"
            | "PersistentVolumeClaim"
            | "Ingress",
        ) => Rank::Configuration,
        (
            _,
            "DaemonSet"
            | "Deployment"
            | "ReplicationController"
            | "ReplicaSet"
            | "Job"
            | "CronJob"
            | "StatefulSet",
        ) => Rank::Workload,
        _ => Rank::Rest,
    }
}

/// Sorts into the order of application: by rank, inside a rank by name (Flux v1), then by what else is in the key,
/// so that the order is always the same.
pub fn sort(desired: &mut [Desired]) {
    desired.sort_by(|left, right| {
        (left.rank, &left.key.name, &left.key).cmp(&(right.rank, &right.key.name, &right.key))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_flux() {
        let table = [
            (Rank::Namespace, "", "Namespace"),
            (Rank::Definition, "apiextensions.k8s.io", "CustomResourceDefinition"),
            (Rank::Foundation, "", "ServiceAccount Service PersistentVolume"),
            (Rank::Foundation, "rbac.authorization.k8s.io", "ClusterRole Role"),
            (Rank::Foundation, "serving.knative.dev", "Service"),
            (Rank::Configuration, "", "ResourceQuota LimitRange Secret ConfigMap PersistentVolumeClaim"),
            (Rank::Configuration, "rbac.authorization.k8s.io", "RoleBinding ClusterRoleBinding"),
            (Rank::Configuration, "networking.k8s.io", "Ingress"),
            (Rank::Workload, "apps", "DaemonSet Deployment ReplicaSet StatefulSet"),
            (Rank::Workload, "", "ReplicationController"),
            (Rank::Workload, "batch", "Job CronJob"),
            (Rank::Rest, "", "Pod Endpoints"),
            (Rank::Rest, "admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
            (Rank::Rest, "example.com", "Namespace CustomResourceDefinition"),
        ];
        for (expected, group, kinds) in table {
            for kind in kinds.split(' ') {
                assert_eq!(rank(group, kind), expected, "{group}/{kind}");
            }
        }
    }
}
