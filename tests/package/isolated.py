"""The zip alone: Python's own library and what was unpacked, and nothing that is installed here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ISOLATED = [sys.executable, "-I", "-S", "-B"]
"""-S: without site-packages, so Python's own library is all there is besides."""


def run(code: str, unpacked: Path, *paths: Path) -> Any:
    """Run this, isolated, with the zip and ``paths`` in reach; return the JSON that it prints."""
    begin = (
        "import sys, json\n"
        f"sys.path[:] = [{str(unpacked)!r}, *sys.path, *{[str(path) for path in paths]!r}]\n"
    )
    done = subprocess.run(
        [*ISOLATED, "-c", begin + code],
        cwd=unpacked,
        env={
            "AWS_DEFAULT_REGION": "eu-west-2",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "TURNOUT_TABLE": "turnout",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


class Functions:
    """Our functions, in a process that has the zip alone. ``now`` is what the routes take for the time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.now = datetime.now(UTC)

    def call(self, handler: str, event: Any) -> Any:
        """Call one as Lambda does, by the string that the template has; return what it returned."""
        assert self._process.stdin
        assert self._process.stdout
        called = {"handler": handler, "event": event, "now": self.now.isoformat()}
        # What plays API Gateway here leaves a body in bytes.
        print(json.dumps(called, default=bytes.decode), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        assert "returned" in answer, answer["raised"]
        return answer["returned"]


@contextmanager
def functions(unpacked: Path, aws_url: str) -> Iterator[Functions]:
    """Have our functions run from the zip, with AWS at this address, and named as everywhere in the tests."""
    given = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "TURNOUT_"))}
    script = Path(__file__).parent / "serve_from_the_zip.py"
    with subprocess.Popen(
        [*ISOLATED, str(script), str(unpacked)],
        cwd=unpacked,
        env={**given, "AWS_ENDPOINT_URL": aws_url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Functions(process)
