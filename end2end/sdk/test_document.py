"""The API does what its own document says, whatever it is sent."""

import subprocess
import sys
from pathlib import Path

from conftest import PORTAL, TOKEN

# Within this time as many requests are made as there is time for.
SECONDS = "45"


def test_no_request_is_answered_by_a_failure_or_by_something_undocumented():
    folder = Path(__file__).parent
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={folder / 'schemathesis.toml'}",
            "run",
            f"{PORTAL}/openapi.json",
            f"--header=Authorization: Bearer {TOKEN}",
            f"--max-time={SECONDS}",
            "--seed=1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
