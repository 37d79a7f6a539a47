"""The zip alone: Python's own library and what was unpacked, and nothing that is installed here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def run(code: str, unpacked: Path, *paths: Path) -> Any:
    """Run this, isolated, with the zip and ``paths`` in reach; return the JSON that it prints."""
    # -S: without site-packages, so Python's own library is all there is besides.
    begin = (
        "import sys, json\n"
        f"sys.path[:] = [{str(unpacked)!r}, *sys.path, *{[str(path) for path in paths]!r}]\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", begin + code],
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
