"""The API does what its own document says, whatever it is sent."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.mgmt.kubernetesconfiguration import SourceControlConfigurationClient
from conftest import CLUSTER, GROUP, PORTAL, SUBSCRIPTION, Credential

# As in schemathesis.toml.
NAME = "tried-out"

# What says nothing about an operation: it was not asked, or not found.
BEFORE_IT = {401, 404, 405, 406, 415}

# What nobody who may do everything comes to do by chance.
WANTS_MORE = {
    "Clusters_Connect": "a kubeconfig",
    "Configurations_Plan": "a branch that is there",
    "Configurations_ConfirmPrune": "a list that waits",
    "Configurations_Sync": "one that was not suspended just before",
    "EmbedCodes_Create": "an origin that was allowed",
}


# Within so many seconds as many requests are made as there is time for.
@pytest.mark.parametrize(("role", "seconds"), [("OWNER", 45), ("READER", 20)])
def test_no_request_is_answered_by_a_failure_or_by_something_undocumented(repository, role, seconds, tmp_path):
    token = os.environ[f"FAIRLEAD_TESTBED_{role}_TOKEN"]
    with SourceControlConfigurationClient(Credential(), SUBSCRIPTION, base_url=PORTAL) as client:
        configuration = {"properties": {"repositoryUrl": repository.url}}
        client.source_control_configurations.create_or_update(
            GROUP, "Microsoft.Kubernetes", "connectedClusters", CLUSTER, NAME, configuration, enforce_https=False
        )
    folder = Path(__file__).parent
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={folder / 'schemathesis.toml'}",
            "run",
            f"{PORTAL}/openapi.json",
            f"--header=Authorization: Bearer {token}",
            f"--max-time={seconds}",
            f"--report-har-path={tmp_path / 'requests.har'}",
            "--seed=1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr

    operations = described(token)
    answered = answers(tmp_path / "requests.har", operations)
    unreached = [one.id for one in operations if not answered[one.id] & one.statuses - BEFORE_IT]
    assert unreached == [], f"nobody came as far as these: {dict(answered)}"
    if role == "OWNER":
        undone = {one.id for one in operations if not any(200 <= status < 300 for status in answered[one.id])}
        assert undone <= set(WANTS_MORE), f"nobody did these: {dict(answered)}"


@dataclass
class Operation:
    """An operation of the document: which requests are one of it, and what it may answer."""

    id: str
    method: str
    path: re.Pattern
    statuses: set

    @classmethod
    def read(cls, method, path, operation):
        parts = ("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/"))
        statuses = {int(status) for status in operation["responses"] if status.isdigit()}
        return cls(operation["operationId"], method.upper(), re.compile("/".join(parts)), statuses)

    def is_of(self, request):
        return request["method"] == self.method and self.path.fullmatch(urlsplit(request["url"]).path)


def described(token):
    """All operations of the document."""
    request = urllib.request.Request(f"{PORTAL}/openapi.json", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        paths = json.load(answer)["paths"]
    # Beside its methods, a path may have parameters.
    methods = [(path, method, one) for path, item in paths.items() for method, one in item.items()]
    operations = [Operation.read(method, path, one) for path, method, one in methods if "responses" in one]
    assert operations
    return operations


def answers(record, operations):
    """The statuses that each operation was answered with."""
    found = defaultdict(set)
    for entry in json.loads(record.read_text())["log"]["entries"]:
        for operation in operations:
            if operation.is_of(entry["request"]):
                found[operation.id].add(entry["response"]["status"])
    return found
