"""Zone rules come from the pinned package, whatever the host has."""

import os
import subprocess
import sys

from infra.vendor import ROOT


def test_the_pinned_tzdata_decides_and_not_the_host() -> None:
    script = (
        "import zoneinfo, chalicelib.domain.session, importlib.resources as r\n"
        "assert zoneinfo.TZPATH == ()\n"
        "assert r.files('tzdata').is_dir()\n"
        "zoneinfo.ZoneInfo('Europe/London')\n"
    )
    host_zones = {**os.environ, "PYTHONTZPATH": "/usr/share/zoneinfo"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=host_zones, check=False)
    assert done.returncode == 0
