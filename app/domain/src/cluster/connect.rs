//! The rules of connecting that need no kubeconfig: name, type and place.

use super::ClusterType;
use crate::id::SubscriptionId;
use crate::name::{ClusterName, ResourceGroupName};
use crate::service::ConnectDraft;
use crate::violation::{Field, Rule, Violations};

/// A valid [`ConnectDraft`]. Whether the place exists and the actor may write there is the server's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectSpec {
    /// Name of the cluster here.
    pub name: ClusterName,
    /// Part of its ARM id.
    pub cluster_type: ClusterType,
    /// Where the resource group is.
    pub subscription: SubscriptionId,
    /// Where the cluster goes.
    pub resource_group: ResourceGroupName,
}

/// What a draft means, or every fault of it. An empty type is `connectedClusters`.
pub fn validate_connect(draft: &ConnectDraft) -> Result<ConnectSpec, Violations> {
    let ConnectDraft { cluster_name, cluster_type, resource_group } = draft;
    let mut violations = Violations::default();
    let name = violations.keep(Field::ClusterName, ClusterName::parse(cluster_name.trim()));
    let cluster_type = violations.keep(Field::ClusterType, parse_type(cluster_type.trim()));
    let place = violations.keep(Field::ResourceGroup, parse_place(resource_group.trim()));
    match (name, cluster_type, place) {
        (Some(name), Some(cluster_type), Some((subscription, resource_group))) => {
            Ok(ConnectSpec { name, cluster_type, subscription, resource_group })
        }
        _ => Err(violations),
    }
}

fn parse_type(text: &str) -> Result<ClusterType, Rule> {
    if text.is_empty() {
        return Ok(ClusterType::default());
    }
    ClusterType::parse(text).ok_or_else(|| {
        let all = [ClusterType::ConnectedClusters, ClusterType::ManagedClusters];
        Rule::OneOf { allowed: all.map(|kind| kind.as_str().to_owned()).to_vec() }
    })
}

/// `<subscription id>/<resource group name>`, the value of a choice; anything else was not chosen from the list.
fn parse_place(text: &str) -> Result<(SubscriptionId, ResourceGroupName), Rule> {
    let (subscription, group) = text.split_once('/').ok_or(Rule::Required)?;
    let subscription = subscription.parse().map_err(|_| Rule::Required)?;
    Ok((subscription, ResourceGroupName::parse(group)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(name: &str, cluster_type: &str, place: &str) -> ConnectDraft {
        ConnectDraft {
            cluster_name: name.to_owned(),
            cluster_type: cluster_type.to_owned(),
            resource_group: place.to_owned(),
        }
    }

    const PLACE: &str = "00000000-0000-0000-0000-000000000001/AzureArcTest";

    #[test]
    fn a_cluster_without_a_type_is_a_connected_cluster() {
        let spec = validate_connect(&draft(" AzureArcTest1 ", "", PLACE));
        let spec = spec.expect("valid");
        assert_eq!(spec.name.as_str(), "AzureArcTest1");
        assert_eq!(spec.cluster_type, ClusterType::ConnectedClusters);
        assert_eq!(spec.resource_group.as_str(), "AzureArcTest");
        let managed = validate_connect(&draft("a", "managedclusters", PLACE)).map(|spec| spec.cluster_type);
        assert_eq!(managed, Ok(ClusterType::ManagedClusters));
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let faults = validate_connect(&draft("-a", "appliances", "AzureArcTest")).expect_err("faults");
        let allowed = vec!["connectedClusters".to_owned(), "managedClusters".to_owned()];
        assert_eq!(faults.of(Field::ClusterName).collect::<Vec<_>>(), [&Rule::ClusterName]);
        assert_eq!(faults.of(Field::ClusterType).collect::<Vec<_>>(), [&Rule::OneOf { allowed }]);
        assert_eq!(faults.of(Field::ResourceGroup).collect::<Vec<_>>(), [&Rule::Required]);
        assert_eq!(faults.0.len(), 3);
    }

    #[test]
    fn a_place_is_a_subscription_and_a_resource_group() {
        for (place, rule) in [
            ("", Rule::Required),
            ("x/AzureArcTest", Rule::Required),
            ("00000000-0000-0000-0000-000000000001/", Rule::Required),
            ("00000000-0000-0000-0000-000000000001/a/b", Rule::ResourceGroupName),
        ] {
            let faults = validate_connect(&draft("a", "", place)).expect_err(place);
            assert_eq!(faults.0.len(), 1, "{place}");
            assert_eq!(faults.of(Field::ResourceGroup).next(), Some(&rule), "{place}");
        }
    }
}
