"""azure-mgmt-hybridkubernetes, unmodified: get and both lists."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.hybridkubernetes import ConnectedKubernetesClient
from conftest import CLUSTER, GROUP, PORTAL, SUBSCRIPTION, Credential

PLAIN = {"enforce_https": False}


@pytest.fixture
def clusters():
    with ConnectedKubernetesClient(Credential(), SUBSCRIPTION, base_url=PORTAL, retry_total=0) as client:
        yield client.connected_cluster


def test_a_cluster_is_read_and_listed(clusters):
    found = clusters.get(GROUP, CLUSTER, **PLAIN)
    assert (found.name, found.connectivity_status) == (CLUSTER, "Connected")
    assert found.kubernetes_version.startswith("v1.") and found.total_core_count is not None
    for listed in (clusters.list_by_resource_group(GROUP, **PLAIN), clusters.list_by_subscription(**PLAIN)):
        assert [cluster.id for cluster in listed] == [found.id]


def test_what_is_not_there_is_not_found(clusters):
    with pytest.raises(ResourceNotFoundError):
        clusters.get(GROUP, "nobody", **PLAIN)
    with pytest.raises(ResourceNotFoundError):
        list(clusters.list_by_resource_group("nobody", **PLAIN))


def test_a_cluster_is_not_written_through_arm(clusters):
    with pytest.raises(HttpResponseError, match="MethodNotAllowed") as refused:
        clusters.begin_delete(GROUP, CLUSTER, **PLAIN).result()
    assert refused.value.status_code == 405
