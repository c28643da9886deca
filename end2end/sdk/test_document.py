"""The API does what its own document says, whatever it is sent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from azure.mgmt.kubernetesconfiguration import SourceControlConfigurationClient
from conftest import CLUSTER, GROUP, PORTAL, SUBSCRIPTION, Credential

# As in schemathesis.toml.
NAME = "tried-out"

# Within so many seconds as many requests are made as there is time for.
@pytest.mark.parametrize(("role", "seconds"), [("OWNER", 45), ("READER", 20)])
def test_no_request_is_answered_by_a_failure_or_by_something_undocumented(repository, role, seconds):
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
            "--seed=1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
