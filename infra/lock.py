"""Write requirements-deployed.txt: what the zip holds, with the hash of every wheel that may be taken.

``make lock`` does it after a version in requirements.txt has changed. It asks pip, once for each
Python and each kind of machine, which wheel it would take. So it works with any index that pip is set up for.
infra/vendor.py installs from that file alone, and refuses a wheel whose hash is not in it.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from infra.vendor import DEPLOYED, LAMBDA_PYTHONS, ROOT, asking_for, lambda_platforms, pip_environment

if TYPE_CHECKING:
    from infra.command import Commands

COMMAND = "make lock"

NOT_DEPLOYED = {
    # For infra/ and the tests: in Lambda, botocore alone makes the clients.
    "boto3",
    "s3transfer",
    # Since Python 3.11 all that our packages ask of it is in Python's own typing, and they take it there.
    "typing_extensions",
}
"""What requirements.txt pins and the zip does not hold."""

LATER_PYTHONS = ("3.15",)
"""Lambda has no runtime for these yet, but `make run` works with them."""

# Machines of developers. A wheel for an old system is good on a newer one too, so we ask for old ones. The
# wheels for other Linux machines are those for Lambda.
_OTHER_MACHINES = (
    "macosx_11_0_arm64",
    "macosx_11_0_x86_64",
    "musllinux_1_2_aarch64",
    "musllinux_1_2_x86_64",
)

_PIN = re.compile(r"[\w.-]+==")

_HEAD = f"""\
# What the zip holds, with the hash of every wheel that infra/vendor.py may install.
# `{COMMAND}` writes this file from requirements.txt. Please don't change it by hand.
# Above each package are its wheels: the first eight digits of each hash, and what the wheel is for.
# pip builds nothing from source. On a machine that these wheels don't fit, it stops: it finds no version,
# or no matching hash.
"""


class Wheel(Struct, frozen=True, order=True):
    """A file that pip may take: its tags say for which Python and which machine it is."""

    tags: str
    sha256: str


def deployed(requirements: str) -> list[str]:
    """Return the lines of requirements.txt, given as text, that pin what the zip holds."""
    pins = [line for line in requirements.splitlines() if line and not line.startswith("#")]
    return sorted((pin for pin in pins if pin.partition("==")[0] not in NOT_DEPLOYED), key=str.lower)


def require_locked(requirements: str, locked: str) -> None:
    """Exit if the pins of these two files, given as text, differ: the zip would hold other versions."""
    held = {line.removesuffix(" \\") for line in locked.splitlines() if _PIN.match(line)}
    if differing := sorted(held ^ set(deployed(requirements)), key=str.lower):
        named = ", ".join(differing)
        sys.exit(f"{DEPLOYED.name} does not fit requirements.txt: {named}. Bring it up to date: {COMMAND}")


def wheels(pins: list[str], python: str, platforms: Iterable[str]) -> dict[str, Wheel]:
    """Return by pin which wheel pip takes on the first of these platforms that it has one for.

    Raises CalledProcessError if a package has none (pip says which on stderr).
    """
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.json"
        # Nothing is installed, but pip asks where it would be.
        command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--dry-run"]
        command += ["--target", temporary, "--report", str(report), "--no-deps", "--only-binary=:all:"]
        asked = [*command, *asking_for(python, platforms), *pins]
        subprocess.run(asked, check=True, env=pip_environment())
        installs = json.loads(report.read_bytes())["install"]
    downloads = {_name(install["metadata"]["name"]): install["download_info"] for install in installs}
    return {pin: _wheel(downloads[_name(pin.partition("==")[0])]) for pin in pins}


def _name(spelled: str) -> str:
    # PEP 503 takes these spellings for the same name.
    return re.sub("[-_.]+", "-", spelled).lower()


def _wheel(download: dict[str, Any]) -> Wheel:
    # The name of a wheel ends with three tags: of Python, of its binary interface, of the platform.
    name = PurePosixPath(unquote(urlsplit(download["url"]).path)).stem
    return Wheel(tags="-".join(name.split("-")[-3:]), sha256=download["archive_info"]["hashes"]["sha256"])


def targets() -> Iterator[tuple[str, list[str]]]:
    """Yield each Python and the platforms of each machine that the zip may be built for."""
    for python in (*LAMBDA_PYTHONS, *LATER_PYTHONS):
        runtime = python if python in LAMBDA_PYTHONS else LAMBDA_PYTHONS[-1]
        yield python, lambda_platforms("arm64", runtime)
        yield python, lambda_platforms("x86_64", runtime)
        yield from ((python, [machine]) for machine in _OTHER_MACHINES)


def written(found: dict[str, set[Wheel]]) -> str:
    """Return the text of requirements-deployed.txt for these wheels, by pin."""
    blocks = [_HEAD]
    for pin, taken in found.items():
        # pip takes no comment between hashes, so the wheels are named above, in the same order.
        names = [f"# {wheel.sha256[:8]} {wheel.tags}" for wheel in sorted(taken)]
        hashes = [f"    --hash=sha256:{wheel.sha256}" for wheel in sorted(taken)]
        blocks.append("\n".join([*names, " \\\n".join([pin, *hashes])]) + "\n")
    return "\n".join(blocks)


def lock(_: argparse.Namespace) -> None:
    """Ask for all wheels and write the file. Takes about a minute."""
    pins = deployed((ROOT / "requirements.txt").read_text())
    found: dict[str, set[Wheel]] = defaultdict(set)
    for python, platforms in targets():
        print(f"Python {python} on {platforms[0]}", flush=True)
        for pin, wheel in wheels(pins, python, platforms).items():
            found[pin].add(wheel)
    DEPLOYED.write_text(written(found))
    print(f"Wrote {DEPLOYED.name}: {len(found)} packages, {sum(map(len, found.values()))} wheels.")


def add_command(commands: "Commands") -> None:
    """Add ``lock`` to a command line."""
    parser = commands.add_parser(
        "lock",
        example=COMMAND,
        help="write requirements-deployed.txt after a change of requirements.txt",
        description="Write requirements-deployed.txt from requirements.txt: the packages in the zip, with "
        "the hash of every wheel.\nRun this after you change a version in requirements.txt.",
    )
    parser.set_defaults(run=lock)
