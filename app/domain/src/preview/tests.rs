use super::*;

const PLACE: PreviewPlace<'_> = PreviewPlace {
    subscription: "00000000-0000-0000-0000-000000000001",
    resource_group: "AzureArcTest",
    cluster: "AzureArcTest1",
    cluster_type: ClusterType::ConnectedClusters,
};

fn spec() -> ConfigurationSpec {
    let draft = ConfigurationDraft {
        name: "cluster-config".to_owned(),
        operator_namespace: "itops".to_owned(),
        repository_url: "https://github.com/Azure/arc-k8s-demo".to_owned(),
        operator_params: "--git-branch=main".to_owned(),
        ..ConfigurationDraft::default()
    };
    draft.validate().expect("valid")
}

#[test]
fn the_body_carries_what_arm_reads() {
    insta::assert_snapshot!(arm_body(&spec()), @r#"
    {
      "properties": {
        "repositoryUrl": "https://github.com/Azure/arc-k8s-demo",
        "operatorNamespace": "itops",
        "operatorInstanceName": "cluster-config",
        "operatorType": "Flux",
        "operatorParams": "--git-readonly --git-branch=main",
        "operatorScope": "cluster",
        "enableHelmOperator": false
      }
    }
    "#);
}

#[test]
fn the_command_can_be_pasted_into_a_shell() {
    insta::assert_snapshot!(az_command(&spec(), &PLACE), @r"
    az k8s-configuration create \
      --subscription=00000000-0000-0000-0000-000000000001 \
      --resource-group=AzureArcTest \
      --cluster-name=AzureArcTest1 \
      --cluster-type=connectedClusters \
      --name=cluster-config \
      --operator-instance-name=cluster-config \
      --operator-namespace=itops \
      --operator-type=flux \
      --operator-params='--git-readonly --git-branch=main' \
      --repository-url=https://github.com/Azure/arc-k8s-demo \
      --scope=cluster
    ");
}

#[test]
fn the_helm_operator_appears_when_it_is_switched_on() {
    let mut draft = ConfigurationDraft::from_spec(&spec());
    draft.enable_helm_operator = "on".to_owned();
    draft.chart_values = "--set helm.versions=v3".to_owned();
    insta::assert_snapshot!(draft_arm_body(&draft), @r#"
    {
      "properties": {
        "repositoryUrl": "https://github.com/Azure/arc-k8s-demo",
        "operatorNamespace": "itops",
        "operatorInstanceName": "cluster-config",
        "operatorType": "Flux",
        "operatorParams": "--git-readonly --git-branch=main",
        "operatorScope": "cluster",
        "enableHelmOperator": true,
        "helmOperatorProperties": {
          "chartVersion": "1.2.0",
          "chartValues": "--set helm.versions=v3"
        }
      }
    }
    "#);
    let command = draft_az_command(&draft, &PLACE);
    let end = " \\
  --enable-helm-operator=true \\
  --helm-operator-chart-version=1.2.0 \\
  --helm-operator-params='--set helm.versions=v3'";
    assert_eq!(command.strip_suffix(end), Some(az_command(&spec(), &PLACE).as_str()));
}

#[test]
fn a_form_just_begun_shows_its_defaults() {
    let place = PreviewPlace { cluster_type: ClusterType::ManagedClusters, ..PLACE };
    let draft = ConfigurationDraft {
        name: "it's".to_owned(),
        operator_params: "--git-path='".to_owned(),
        ..ConfigurationDraft::default()
    };
    insta::assert_snapshot!(draft_az_command(&draft, &place), @r"
    az k8s-configuration create \
      --subscription=00000000-0000-0000-0000-000000000001 \
      --resource-group=AzureArcTest \
      --cluster-name=AzureArcTest1 \
      --cluster-type=managedClusters \
      --name='it'\''s' \
      --operator-instance-name='it'\''s' \
      --operator-namespace=default \
      --operator-type=flux \
      --operator-params='--git-path='\''' \
      --scope=cluster
    ");
}
