"""Computes the values of the tables in src/marks.rs, by other means than the crate: python3 tests/marks.py"""

import base64
import hashlib
import json


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def set_name(url: str, branch: str, *paths: str) -> str:
    return base64url(hashlib.sha256((url + branch + "".join(paths)).encode()).digest())


def gc_mark(name: str, flux_id: str) -> str:
    return "sha256." + base64url(hashlib.sha256((name + flux_id).encode()).digest())


def checksum(document) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha1(text.encode()).hexdigest()


print("set names")
for arguments in [
    ("https://example.com/team/config.git", "main"),
    ("https://example.com/team/config.git", "main", "apps"),
    ("https://example.com/team/config.git", "main", "apps", "infra/base"),
    ("ssh://git@example.com/team/config", "release/1.0", "ünï"),
]:
    print(" ", arguments, set_name(*arguments))

print("marks")
NAME = set_name("https://example.com/team/config.git", "main", "apps")
for flux_id in ["<cluster>:namespace/team-a", "team-a:configmap/endpoints", "default:deployment/arc-k8s-demo"]:
    print(" ", flux_id, gc_mark(NAME, flux_id))

print("checksums")
for document in [
    {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "endpoints", "namespace": "team-a"}},
    {"b": [1, {"z": None, "a": "ü \"\n"}], "a": 1.5, "ä": True, "A": 420},
    {},
]:
    print(" ", json.dumps(document, ensure_ascii=False), checksum(document))
