"""Install what pip can't, or say how: ``python infra/needs.py java node chromium``.

Runs before there is a virtual environment, so it uses the standard library only.
"""

import os
import shutil
import subprocess
import sys

# What for, the commands of which one has to be there, and Debian's packages.
NEEDS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "java": ("DynamoDB Local, for the races", ("java",), ("default-jre-headless",)),
    "node": ("fetching DynamoDB Local", ("npm",), ("nodejs", "npm")),
    "chromium": ("the pages' tests", ("chromium", "chromium-browser", "google-chrome"), ("chromium",)),
    "zbar": ("reading tickets as other cameras do", ("zbarimg",), ("zbar-tools",)),
    "valgrind": ("counting instructions", ("valgrind",), ("valgrind",)),
    # No command tells whether it is there; the Makefile asks for it when `python -m venv` has failed.
    "venv": ("an environment of our own", (), ("python3-venv",)),
}


def main(names: list[str]) -> None:
    """See to it that these are there, or exit with the command that makes it so."""
    missing = [name for name in names if not any(map(shutil.which, NEEDS[name][1]))]
    if not missing:
        return
    packages = [package for name in missing for package in NEEDS[name][2]]
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    why = "; ".join(f"{name} ({NEEDS[name][0]})" for name in missing)
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {why} ...", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    elif shutil.which("apt-get"):
        sys.exit(f"This machine lacks {why}. Type:\n\n    sudo {' '.join(command)}\n")
    else:
        sys.exit(f"This machine lacks {why}. Install it, so that it is on the PATH, and try again.")


if __name__ == "__main__":
    main(sys.argv[1:])
