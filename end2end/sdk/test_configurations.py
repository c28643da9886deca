"""azure-mgmt-kubernetesconfiguration, unmodified: create, get, list over two pages, update, delete, for each kind of access."""

import os
from datetime import datetime, timezone

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.kubernetesconfiguration import SourceControlConfigurationClient
from conftest import CLUSTER, GROUP, PORTAL, SUBSCRIPTION, Credential, encoded, wait_until

PLACE = (GROUP, "Microsoft.Kubernetes", "connectedClusters", CLUSTER)
# The credential goes over plain http: the portal under test listens on this machine alone.
PLAIN = {"enforce_https": False}


def client(api_version=None):
    return SourceControlConfigurationClient(
        Credential(), SUBSCRIPTION, api_version=api_version, base_url=PORTAL, retry_total=0
    )


@pytest.fixture
def configurations():
    with client() as opened:
        yield opened.source_control_configurations


def public(repository):
    return {"repository_url": repository.url}


def generated_key(repository):
    return {
        "repository_url": repository.ssh_url,
        "ssh_known_hosts_contents": encoded(os.environ["FAIRLEAD_TESTBED_SSH_KNOWN_HOSTS"]),
    }


def own_key(repository):
    key = encoded(os.environ["FAIRLEAD_TESTBED_SSH_KEY"])
    return generated_key(repository) | {"configuration_protected_settings": {"sshPrivateKey": key}}


def user_and_token(repository):
    repository.require("ada", "t0ken: with / signs")
    settings = {"httpsUser": encoded("ada"), "httpsKey": encoded("t0ken: with / signs")}
    return public(repository) | {"configuration_protected_settings": settings}


def models():
    return SourceControlConfigurationClient.models("2023-05-01")


def wanted(name, access, params="--git-branch=main --git-poll-interval=3s"):
    return models().SourceControlConfiguration(
        operator_namespace=name[:23],
        operator_instance_name=name[:23],
        operator_type="flux",
        operator_params=params,
        operator_scope="cluster",
        **access,
    )


def until_installed(configurations, name):
    def ask():
        found = configurations.get(*PLACE, name, **PLAIN)
        installed = found.compliance_status.compliance_state == "Installed"
        return found if installed else found.compliance_status.message

    return wait_until(f"{name} is installed", ask)


@pytest.mark.parametrize("access", [public, generated_key, own_key, user_and_token])
def test_a_configuration_lives_through_the_sdk(configurations, repository, name, access):
    access = access(repository)
    made = configurations.create_or_update(*PLACE, name, wanted(name, access), **PLAIN)
    assert made.name == name and made.operator_type == "Flux" and made.provisioning_state == "Succeeded"
    assert made.compliance_status.compliance_state == "Pending"
    assert made.compliance_status.last_config_applied == datetime(1, 1, 1, tzinfo=timezone.utc)
    assert not made.configuration_protected_settings, "secrets never come back"
    over_ssh = access["repository_url"].startswith("ssh:")
    assert made.repository_public_key.startswith("ssh-") == over_ssh
    if over_ssh:
        accept(made.repository_public_key)

    installed = until_installed(configurations, name)
    assert installed.compliance_status.message_level == "Information"
    assert installed.compliance_status.last_config_applied.year > 2000
    assert installed.repository_public_key == made.repository_public_key
    assert installed.system_data.created_at.tzinfo is not None

    # What is not sent again is kept, as long as the host stays the same.
    again = access | {"configuration_protected_settings": {}}
    params = "--git-branch=main --git-poll-interval=3s --git-readonly"
    updated = configurations.create_or_update(*PLACE, name, wanted(name, again, params), **PLAIN)
    assert updated.id == made.id and "--git-readonly" in updated.operator_params
    assert updated.repository_public_key == made.repository_public_key
    until_installed(configurations, name)
    assert name in [found.name for found in configurations.list(*PLACE, **PLAIN)]

    assert configurations.begin_delete(*PLACE, name, **PLAIN).result() is None
    configurations.begin_delete(*PLACE, name, **PLAIN).result()  # nothing is there any more, and that is fine
    with pytest.raises(ResourceNotFoundError, match=rf"\(ResourceNotFound\).*'{name}'"):
        configurations.get(*PLACE, name, **PLAIN)


def accept(public_key):
    """Does what a person does on the page of a Git host."""
    with open(os.environ["FAIRLEAD_TESTBED_SSH_AUTHORIZED_KEYS"], "a", encoding="utf-8") as keys:
        keys.write(public_key.strip() + "\n")


def test_a_list_goes_on_over_its_pages(configurations, repository, name):
    names = [f"{name}-{number}" for number in range(3)]
    for each in names:
        configurations.create_or_update(*PLACE, each, wanted(each, public(repository)), **PLAIN)
    pages = [
        [found.name for found in page]
        for page in configurations.list(*PLACE, params={"$top": "2"}, **PLAIN).by_page()
    ]
    assert len(pages) >= 2 and all(len(page) <= 2 for page in pages)
    assert set(names) <= {each for page in pages for each in page}
    for each in names:
        configurations.begin_delete(*PLACE, each, **PLAIN).result()


@pytest.mark.parametrize("version", ["2020-10-01-preview", "2021-03-01", "2022-03-01", "2022-11-01"])
def test_every_version_of_the_sdk_is_spoken_with(repository, name, version):
    with client(version) as opened:
        configurations = opened.source_control_configurations
        model = SourceControlConfigurationClient.models(version).SourceControlConfiguration
        sent = model(repository_url=repository.url, operator_instance_name=name[:23])
        made = configurations.create_or_update(*PLACE, name, sent, **PLAIN)
        assert (made.operator_namespace, made.operator_scope) == ("default", "cluster")
        assert configurations.get(*PLACE, name, **PLAIN).id == made.id
        configurations.begin_delete(*PLACE, name, **PLAIN).result()


def test_refusals_are_the_sdks_own_exceptions(configurations, repository, name):
    with pytest.raises(HttpResponseError, match="InvalidParameter") as refused:
        configurations.create_or_update(*PLACE, name, wanted(name, {"repository_url": "file:///etc"}), **PLAIN)
    assert refused.value.status_code == 400
    assert [detail.target for detail in refused.value.error.details] == ["properties.repositoryUrl"]
    with pytest.raises(ResourceNotFoundError):
        configurations.get(GROUP, "Microsoft.Kubernetes", "connectedClusters", "nobody", name, **PLAIN)

    configurations.create_or_update(*PLACE, name, wanted(name, public(repository)), **PLAIN)
    taken = wanted(name, public(repository))
    with pytest.raises(ResourceExistsError, match=name):
        configurations.create_or_update(*PLACE, f"{name}-b", taken, **PLAIN)
    configurations.begin_delete(*PLACE, name, **PLAIN).result()


def test_the_operations_are_listed():
    with client() as opened:
        names = [operation.name for operation in opened.operations.list(**PLAIN)]
    assert "Microsoft.KubernetesConfiguration/sourceControlConfigurations/write" in names
