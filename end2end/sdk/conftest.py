"""What the tests find: a portal with a connected cluster, a token, and Git repositories, all started by the testbed."""

import base64
import itertools
import json
import os
import secrets
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest
from azure.core.credentials import AccessToken

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "Default"
PORTAL = os.environ["FAIRLEAD_TESTBED_PORTAL"]
TOKEN = os.environ["FAIRLEAD_TESTBED_TOKEN"]
CLUSTER = os.environ["FAIRLEAD_TESTBED_CLUSTER"]
CONTROL = os.environ["FAIRLEAD_TESTBED_URL"]

# A sync takes a second; a busy machine gets a minute.
PATIENCE = 60


class Credential:
    """A personal token where the SDKs expect one of Microsoft's."""

    def get_token(self, *_scopes, **_options):
        return AccessToken(TOKEN, int(time.time()) + 3600)


@dataclass
class Repository:
    """A Git repository with one ConfigMap."""

    name: str
    url: str

    @property
    def ssh_url(self):
        return f"{os.environ['FAIRLEAD_TESTBED_SSH_URL']}/{self.name}.git"

    def require(self, user, password):
        control("PUT", f"{self._path}/credentials", {"username": user, "password": password})

    @property
    def _path(self):
        return f"/repositories/{urllib.parse.quote(self.name, safe='')}"


def control(method, path, body):
    """Asks the testbed for something."""
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(CONTROL + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def wait_until(what, ask):
    """The first answer that is no text; a text says why not yet."""
    for _ in range(PATIENCE * 5):
        answer = ask()
        if not isinstance(answer, str):
            return answer
        time.sleep(0.2)
    raise AssertionError(f"waited in vain until {what}: {answer}")


@pytest.fixture
def repository():
    made = control("POST", "/repositories", {"name": "app"})
    repository = Repository(made["name"], made["url"])
    manifest = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
        f"  name: sdk-{secrets.token_hex(4)}\n  namespace: default\ndata:\n  key: one\n"
    )
    control("POST", f"{repository._path}/commits", {"files": {"settings.yaml": manifest}})
    return repository


_numbers = itertools.count()


@pytest.fixture
def name():
    return f"sdk-{secrets.token_hex(3)}-{next(_numbers)}"
